import type { Point } from '../judged.ts';

/** What a key asks for. */
export type KeyCommand =
  | { readonly kind: 'move'; readonly to: number }
  /** To the panel before or after. */
  | { readonly kind: 'panel'; readonly by: 1 | -1 }
  | { readonly kind: 'select'; readonly several: boolean }
  | { readonly kind: 'menu' | 'clear' | 'table' | 'zoom-in' | 'zoom-out' };

/**
 * What a key means on a focused panel: arrows walk the buckets from the newest complete one and, up and down, the
 * panels; Page keys walk a day, Home and End go to the ends,
 * A first to the newest alarm, then A and Shift+A to the next and the previous one, Enter or Space select, T shows the rows as a table.
 * @param at index of the focused point; −1 for none yet
 */
export function commandOf(
  event: KeyboardEvent,
  points: readonly Point[],
  at: number,
  perDay: number,
): KeyCommand | null {
  const last = points.length - 1;
  const newest = Math.max(
    0,
    points.findLastIndex((point) => point.actual !== null && point.state !== 'open'),
  );
  const start = at < 0 ? newest : at;
  const move = (to: number): KeyCommand => ({ kind: 'move', to: Math.max(0, Math.min(last, to)) });
  switch (event.key) {
    case 'ArrowRight':
      return move(at < 0 ? newest : at + 1);
    case 'ArrowLeft':
      return move(at < 0 ? newest : at - 1);
    case 'ArrowUp':
      return { kind: 'panel', by: -1 };
    case 'ArrowDown':
      return { kind: 'panel', by: 1 };
    case 'PageDown':
      return move(start + perDay);
    case 'PageUp':
      return move(start - perDay);
    case 'Home':
      return move(0);
    case 'End':
      return move(last);
    case 'a':
    case 'A':
      if (at < 0) return nextAlarm(points, newest + 1, -1);
      return nextAlarm(points, start, event.shiftKey || event.key === 'A' ? -1 : 1);
    case 'Enter':
    case ' ':
      return { kind: 'select', several: event.ctrlKey || event.metaKey };
    case 'ContextMenu':
      return { kind: 'menu' };
    case 'F10':
      return event.shiftKey ? { kind: 'menu' } : null;
    case 'Escape':
      return { kind: 'clear' };
    case 't':
    case 'T':
      return { kind: 'table' };
    case '+':
    case '=':
      return { kind: 'zoom-in' };
    case '-':
      return { kind: 'zoom-out' };
    default:
      return null;
  }
}

function nextAlarm(points: readonly Point[], from: number, step: 1 | -1): KeyCommand | null {
  for (let k = 1; k <= points.length; k++) {
    const at = (((from + k * step) % points.length) + points.length) % points.length;
    if (points[at]?.severity) return { kind: 'move', to: at };
  }
  return null;
}
