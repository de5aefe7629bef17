import { DAY_MS, HOUR_MS } from '@tidemark/shared/forecasting';
import { Cron } from 'croner';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cycleCron } from './schedule.ts';

const STEPS = [0.5, 1, 2, 3, 4, 6, 8, 12, 24].map((hours) => hours * HOUR_MS);

test.each([
  [0.5, '5,35 * * * *'],
  [1, '5 * * * *'],
  [6, '5 0,6,12,18 * * *'],
  [24, '5 0 * * *'],
])('buckets of %s h are scored at %s', (hours, cron) => {
  expect(cycleCron(hours * HOUR_MS, 5 * 60_000)).toBe(cron);
});

test('it fires once a bucket, when the watermark after its end has passed, whatever step and watermark', () => {
  const from = Date.UTC(2026, 2, 1);
  fc.assert(
    fc.property(fc.constantFrom(...STEPS), fc.integer({ min: 0, max: 24 * 60 }), (stepMs, watermark) => {
      const job = new Cron(cycleCron(stepMs, watermark * 60_000), { timezone: 'UTC', paused: true });
      const fired = job.nextRuns(DAY_MS / stepMs, new Date(from - 1_000)).map((run) => run.getTime());
      for (const at of fired) expect((((at - watermark * 60_000) % stepMs) + stepMs) % stepMs).toBe(0);
      expect(new Set(fired).size).toBe(DAY_MS / stepMs);
      expect((fired.at(-1) as number) - from).toBeLessThan(DAY_MS);
    }),
    { numRuns: 40 },
  );
});
