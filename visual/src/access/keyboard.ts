import type { Point } from '../judged.ts';

/** What a key asks for. */
export type KeyCommand =
  | { readonly kind: 'move'; readonly to: number }
  | { readonly kind: 'select'; readonly several: boolean }
  | { readonly kind: 'menu' | 'clear' | 'table' | 'zoom-in' | 'zoom-out' };

/**
 * What a key means on a focused panel: arrows walk the buckets, Page keys a day, Home and End the ends,
 * A and Shift+A the next and the previous alarm, Enter or Space select, T shows the rows as a table.
 * @param at index of the focused point; −1 for none yet
 */
export function commandOf(
  event: KeyboardEvent,
  points: readonly Point[],
  at: number,
  perDay: number,
): KeyCommand | null {
  const last = points.length - 1;
  const start = at < 0 ? last : at;
  const move = (to: number): KeyCommand => ({ kind: 'move', to: Math.max(0, Math.min(last, to)) });
  switch (event.key) {
    case 'ArrowRight':
      return move(at < 0 ? last : at + 1);
    case 'ArrowLeft':
      return move(at < 0 ? last : at - 1);
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
