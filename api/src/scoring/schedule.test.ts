import { HOUR_MS } from '@tidemark/shared/forecasting';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cycleDueAt, isCycleDue } from './schedule.ts';

const MINUTE_MS = 60_000;
const STEPS = [0.5, 1, 2, 3, 4, 6, 8, 12, 24].map((hours) => hours * HOUR_MS);
const FROM = Date.UTC(2026, 2, 1);

test('a cycle is due when the watermark after the end of a bucket has passed, whatever step and watermark', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STEPS), fc.nat(24 * 60), fc.nat(2 * 24 * 60), (stepMs, watermark, minutes) => {
      const now = FROM + minutes * MINUTE_MS;
      const due = cycleDueAt(now, stepMs, watermark * MINUTE_MS);
      expect((due - watermark * MINUTE_MS) % stepMs).toBe(0);
      expect(due).toBeLessThanOrEqual(now);
      expect(now - due).toBeLessThan(stepMs);
    }),
    { numRuns: 200 },
  );
});

test('asked once a minute it runs one cycle a bucket, and makes up at once for minutes in which nobody asked', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STEPS),
      fc.nat(60),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 20, maxLength: 60 }),
      (stepMs, watermark, pauses) => {
        const watermarkMs = watermark * MINUTE_MS;
        let now = FROM;
        let last: { startedAt: number; finishedAt: number } | null = null;
        const ran = new Set<number>();
        for (const minutes of pauses) {
          now += minutes * MINUTE_MS;
          const due = cycleDueAt(now, stepMs, watermarkMs);
          if (isCycleDue(last, { now, stepMs, watermarkMs, since: 0, isFirst: false })) {
            expect(ran.has(due)).toBe(false);
            ran.add(due);
            last = { startedAt: now, finishedAt: now };
          }
          expect(ran.has(due)).toBe(true);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('a cycle of a clock that was ahead, or one that was killed, does not keep the next from running', () => {
  const terms = {
    now: FROM + 30 * MINUTE_MS,
    stepMs: 2 * HOUR_MS,
    watermarkMs: 5 * MINUTE_MS,
    since: FROM + HOUR_MS / 4,
  };
  const ahead = { startedAt: FROM + 72 * HOUR_MS, finishedAt: FROM + 72 * HOUR_MS };
  const killed = { startedAt: FROM + 6 * MINUTE_MS, finishedAt: null };
  expect(isCycleDue(ahead, { ...terms, isFirst: false })).toBe(true);
  expect(isCycleDue(killed, { ...terms, isFirst: true })).toBe(true);
  // One that this process has under way is none.
  expect(isCycleDue(killed, { ...terms, isFirst: false })).toBe(false);
  expect(isCycleDue(killed, { ...terms, since: FROM, isFirst: true })).toBe(false);
});

test('before its first cycle ever, nothing that was due before it began is made up for', () => {
  const terms = { stepMs: 2 * HOUR_MS, watermarkMs: 5 * MINUTE_MS, since: FROM + HOUR_MS, isFirst: true };
  expect(isCycleDue(null, { ...terms, now: FROM + HOUR_MS + MINUTE_MS })).toBe(false);
  expect(isCycleDue(null, { ...terms, now: FROM + 2 * HOUR_MS + 5 * MINUTE_MS })).toBe(true);
});
