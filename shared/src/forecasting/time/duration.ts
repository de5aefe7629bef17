/** Milliseconds in an hour. */
export const HOUR_MS = 3_600_000;
/** Milliseconds in a day of 24 hours. */
export const DAY_MS = 24 * HOUR_MS;
/** Milliseconds in a week. */
export const WEEK_MS = 7 * DAY_MS;
