/**
 * What a series sells on holidays and events in relation to an ordinary date: how much, how evenly, and whether it has
 * been closed on one. Plain data.
 */
export interface HolidayState {
  /** Holidays seen, Σ of their ratio to an ordinary date, Σ of its square, and the lowest. */
  days: number;
  ratios: number;
  squares: number;
  least: number;
}

/** What a holiday is believed to be, worth so many days: as an ordinary date, give or take half. */
const PRIOR_DAYS = 1.5;
const PRIOR_VARIANCE = 0.25;
/** Holidays that must have been seen before one is judged. */
const LEAST_DAYS = 3;
/** Share of what is expected below which a series was closed: then it may be closed on any holiday. */
export const CLOSED = 0.35;
/** A day of which less is expected says nothing of whether a series was closed. */
const LEAST_EXPECTED = 4;
/** Ratios above are taken for this. */
const MOST_RATIO = 3;

/** A state that has seen nothing. */
export function startHolidays(): HolidayState {
  return { days: 0, ratios: 0, squares: 0, least: 1 };
}

/** Takes a finished holiday in. @param ordinary attempts expected of it were it an ordinary date. */
export function learnHoliday(state: HolidayState, count: number, ordinary: number): void {
  if (ordinary < LEAST_EXPECTED) return;
  const ratio = Math.min(MOST_RATIO, count / ordinary);
  state.days++;
  state.ratios += ratio;
  state.squares += ratio * ratio;
  state.least = Math.min(state.least, ratio);
}

/** What a holiday is expected to be in relation to an ordinary date. */
export interface HolidayFactor {
  readonly factor: number;
  /** Relative variance of a holiday about that. */
  readonly variance: number;
  /** Whether enough is known to call a holiday too quiet: the series was open on all of those seen. */
  readonly known: boolean;
}

/** The factor of holidays as it is believed now. */
export function holidayFactor({ days, ratios, squares, least }: HolidayState): HolidayFactor {
  const n = PRIOR_DAYS + days;
  const factor = (PRIOR_DAYS + ratios) / n;
  const spread = squares - 2 * factor * ratios + days * factor * factor;
  const variance = (PRIOR_DAYS * PRIOR_VARIANCE + Math.max(0, spread)) / n;
  return { factor, variance: variance / (factor * factor), known: days >= LEAST_DAYS && least >= CLOSED };
}
