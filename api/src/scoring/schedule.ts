import { createGrid, DAY_MS, HOUR_MS } from '@tidemark/shared/forecasting';

const MINUTE_MS = 60_000;

/**
 * The cron expression, in UTC, of the times at which a bucket becomes complete: its end plus the watermark.
 * @param stepMs length of a bucket.
 * @param watermarkMs how long after its end a bucket counts as complete; rounded up to a minute.
 * @throws UserError `invalid-step` unless the step divides a day.
 * @example
 * cycleCron(2 * HOUR_MS, 5 * 60_000); // '5 0,2,4,6,8,10,12,14,16,18,20,22 * * *'
 */
export function cycleCron(stepMs: number, watermarkMs: number): string {
  const { perDay } = createGrid(stepMs);
  const delay = Math.ceil(watermarkMs / MINUTE_MS) * MINUTE_MS;
  const times = Array.from({ length: perDay }, (_, k) => (k * stepMs + delay) % DAY_MS);
  const distinct = (of: (time: number) => number) => [...new Set(times.map(of))].sort((a, b) => a - b);
  const minutes = distinct((time) => (time % HOUR_MS) / MINUTE_MS);
  const hours = distinct((time) => Math.floor(time / HOUR_MS));
  return `${minutes.join(',')} ${hours.length === 24 ? '*' : hours.join(',')} * * *`;
}
