import type { PlainDataView } from '../data-view.ts';
import type { UpdateScript } from '../messages.ts';

/** Puts a settable clock in the place of the page's `Date`; the function returned sets it, timers run as ever. */
export function settableClock(): (now: number | null) => void {
  const RealDate = Date;
  let present: number | null = null;
  class SetDate extends RealDate {
    constructor(...parts: readonly unknown[]) {
      super(...((parts.length === 0 && present !== null ? [present] : parts) as []));
    }

    static override now(): number {
      return present ?? RealDate.now();
    }
  }
  Object.assign(globalThis, { Date: SetDate });
  return (now) => {
    present = now;
  };
}

/** The present an update is seen in, in ms; `null` where its rows tell of none. */
export function presentOf({ now, view }: UpdateScript): number | null {
  if (now !== undefined) return Date.parse(now);
  return view === null ? null : completionOf(view);
}

/** When the newest bucket that has begun is complete; half way through it where it is still open. */
function completionOf({ categories, columns, values }: PlainDataView): number | null {
  const cells = categories.length === 1 ? (categories[0]?.cells ?? []) : [];
  const times = cells.map((cell) => (typeof cell === 'object' && cell !== null ? cell.wall : Number.NaN));
  const sorted = times.filter((time) => !Number.isNaN(time)).toSorted((a, b) => a - b);
  const step = Math.min(
    ...sorted
      .slice(1)
      .map((time, k) => time - (sorted[k] as number))
      .filter((gap) => gap > 0),
  );
  const withRole = (role: string) => values.filter((one) => columns[one.column]?.roles[role]);
  const states = withRole('state');
  const begun = (k: number) =>
    states.length > 0
      ? states.some(({ cells: own }) => own[k] !== null && own[k] !== 'future')
      : withRole('actual').some(({ cells: own }) => own[k] !== null);
  let newest = -1;
  times.forEach((time, k) => {
    if (!Number.isNaN(time) && begun(k) && !(time <= (times[newest] ?? Number.NEGATIVE_INFINITY))) newest = k;
  });
  const time = times[newest];
  if (time === undefined || !Number.isFinite(step)) return null;
  const isOpen = states.some(({ cells: own }) => own[newest] === 'open');
  // A model counts in UTC; else the rows' wall clock is that of the reader's computer.
  const offset = withRole('model').length > 0 ? 0 : 60_000 * new Date(time).getTimezoneOffset();
  return time + (isOpen ? 0.5 : 1) * step + offset;
}
