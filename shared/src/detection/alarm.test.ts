import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAN_COVERAGES, type Fan } from '../forecasting/calibration/fan.ts';
import { SEVERITIES } from '../vocabulary.ts';
import { alarms } from './alarms.ts';
import { topContributions } from './contribution.ts';
import { incidents } from './incident.ts';
import { judge, MAX_SCORE } from './judge.ts';
import { maintenanceEffect, widened } from './maintenance.ts';
import { type AlarmRules, checkedRules, DEFAULT_RULES } from './rules.ts';
import type { Verdict } from './verdict.ts';

const amount = fc.double({ min: -1e7, max: 1e7, noNaN: true });

const anyFan: fc.Arbitrary<Fan> = fc
  .tuple(amount, fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 14, maxLength: 14 }))
  .map(([median, steps]) => {
    let below = median;
    let above = median;
    const lower = FAN_COVERAGES.map((_, level) => (below -= steps[level]!));
    const upper = FAN_COVERAGES.map((_, level) => (above += steps[level + 7]!));
    return { median, lower, upper };
  });

const anyRules: fc.Arbitrary<AlarmRules> = fc
  .record({
    coverage: fc.double({ min: 0.8, max: 0.999, noNaN: true }),
    direction: fc.constantFrom('low' as const, 'high' as const, 'both' as const),
    minimumAbsolute: fc.double({ min: 0, max: 1e6, noNaN: true }),
    minimumRelative: fc.double({ min: 0, max: 2, noNaN: true }),
    warningScore: fc.double({ min: 0.1, max: 2, noNaN: true }),
    criticalScore: fc.double({ min: 2, max: 9, noNaN: true }),
    among: fc.integer({ min: 1, max: 6 }),
    quietToClose: fc.integer({ min: 1, max: 3 }),
  })
  .chain((rules) => fc.integer({ min: 1, max: rules.among }).map((needed) => ({ ...rules, needed })));

/** Verdicts with gaps in their buckets, as a feed with outages gives them. */
const anyVerdicts: fc.Arbitrary<Verdict[]> = fc
  .array(
    fc.record({
      skip: fc.integer({ min: 1, max: 3 }),
      side: fc.constantFrom('low', 'high', null),
      score: fc.double({ min: 0.01, max: 5, noNaN: true }),
    }),
    { maxLength: 60 },
  )
  .map((entries) => {
    let bucket = 100;
    return entries.map(({ skip, side, score }) => {
      bucket += skip;
      const actual = side === null ? 10 : side === 'low' ? -score : 20 + score;
      const direction = side as Verdict['direction'];
      const severity = side === null ? null : score < 1 ? 'info' : score < 3 ? 'warning' : 'critical';
      return {
        bucket,
        band: { lower: 0, upper: 20, coverage: 0.99 },
        median: 10,
        actual,
        deviation: actual - 10,
        score: side === null ? 0 : score,
        direction,
        severity,
      };
    });
  });

const fan: Fan = {
  median: 100,
  lower: [90, 85, 80, 75, 70, 60, 50],
  upper: [110, 115, 120, 125, 130, 140, 150],
};

describe('judging a bucket', () => {
  test('an actual 15 below a band of 60 scores a quarter of a band width and warns', () => {
    expect(judge(fan, 7, 55, DEFAULT_RULES)).toEqual({
      bucket: 7,
      band: { lower: 70, upper: 130, coverage: 0.99 },
      median: 100,
      actual: 55,
      deviation: -45,
      score: 0.25,
      direction: 'low',
      severity: 'warning',
    });
  });

  test('the limits themselves are inside', () => {
    for (const actual of [70, 130]) {
      expect(judge(fan, 7, actual, DEFAULT_RULES)).toMatchObject({ score: 0, direction: null, severity: null });
    }
  });

  test('a side that is not watched, and a deviation below either minimum, is outside without a flag', () => {
    for (const rules of [{ direction: 'high' as const }, { minimumAbsolute: 46 }, { minimumRelative: 0.46 }]) {
      expect(judge(fan, 7, 55, { ...DEFAULT_RULES, ...rules })).toMatchObject({
        direction: 'low',
        score: 0.25,
        severity: null,
      });
    }
    for (const rules of [{ direction: 'low' as const }, { minimumAbsolute: 45 }, { minimumRelative: 0.45 }]) {
      expect(judge(fan, 7, 55, { ...DEFAULT_RULES, ...rules }).severity).toBe('warning');
    }
  });

  test('a band without width still gives a finite score', () => {
    const flat = { median: 0, lower: Array(7).fill(0), upper: Array(7).fill(0) };
    expect(judge(flat, 1, 0.01, DEFAULT_RULES).score).toBe(MAX_SCORE);
  });

  test('score is 0 exactly inside, in [0, 999] always, and there is a direction exactly outside', () => {
    fc.assert(
      fc.property(anyFan, amount, anyRules, (fan, actual, rules) => {
        const verdict = judge(fan, 1, actual, rules);
        const inside = actual >= verdict.band.lower && actual <= verdict.band.upper;
        expect(verdict.score >= 0 && verdict.score <= MAX_SCORE).toBe(true);
        expect(verdict.direction === null).toBe(inside);
        if (inside) expect(verdict).toMatchObject({ score: 0, severity: null });
        else expect(verdict.direction).toBe(actual < verdict.band.lower ? 'low' : 'high');
      }),
    );
  });

  test('further out on one side is never milder', () => {
    fc.assert(
      fc.property(
        anyFan,
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        anyRules,
        (fan, near, far, rules) => {
          const rank = (distance: number) => {
            const severity = judge(fan, 1, fan.median - distance, rules).severity;
            return severity === null ? -1 : SEVERITIES.indexOf(severity);
          };
          expect(rank(near + far)).toBeGreaterThanOrEqual(rank(near));
        },
      ),
    );
  });

  test('a wider band never flags what a narrower one let pass', () => {
    fc.assert(
      fc.property(
        anyFan,
        amount,
        anyRules,
        fc.double({ min: 0.8, max: 0.999, noNaN: true }),
        (fan, actual, rules, other) => {
          const wide = judge(fan, 1, actual, { ...rules, coverage: Math.max(rules.coverage, other) });
          const narrow = judge(fan, 1, actual, { ...rules, coverage: Math.min(rules.coverage, other) });
          if (narrow.severity === null) expect(wide.severity).toBe(null);
        },
      ),
    );
  });
});

describe('n of m', () => {
  test('with 2 of 3 a lone flag does not alarm and the second within three buckets does', () => {
    const flag = (bucket: number): Verdict => ({
      bucket,
      band: { lower: 0, upper: 20, coverage: 0.99 },
      median: 10,
      actual: -1,
      deviation: -11,
      score: 0.05,
      direction: 'low',
      severity: 'info',
    });
    const found = alarms([flag(1), flag(5), flag(7), flag(10)], { needed: 2, among: 3 });
    expect(found.map((verdict) => verdict.bucket)).toEqual([7]);
  });

  test('1 of 1 is every flag; more needed is never more alarms', () => {
    fc.assert(
      fc.property(anyVerdicts, anyRules, (verdicts, rules) => {
        expect(alarms(verdicts, { needed: 1, among: 1 })).toEqual(
          verdicts.filter((verdict) => verdict.severity !== null),
        );
        const found = new Set(alarms(verdicts, rules));
        for (const verdict of alarms(verdicts, { ...rules, needed: rules.needed + 1 }))
          expect(found.has(verdict)).toBe(true);
      }),
    );
  });

  test('what comes after a bucket does not change whether it alarms', () => {
    fc.assert(
      fc.property(anyVerdicts, anyRules, fc.nat(60), (verdicts, rules, cut) => {
        const until = verdicts[cut]?.bucket ?? 0;
        const early = alarms(verdicts.slice(0, cut + 1), rules);
        expect(alarms(verdicts, rules).filter((verdict) => verdict.bucket <= until)).toEqual(
          cut < verdicts.length ? early : [],
        );
      }),
    );
  });
});

describe('incidents', () => {
  test('three neighbouring low buckets are one incident whose volume is the sum of residuals', () => {
    const at = (bucket: number, actual: number) => judge(fan, bucket, actual, DEFAULT_RULES);
    const found = incidents([at(1, 100), at(2, 40), at(3, 10), at(4, 65), at(5, 100), at(6, 200)], DEFAULT_RULES);
    expect(found).toEqual([
      { direction: 'low', start: 2, end: 4, open: false, severity: 'critical', score: 1, volume: -185, buckets: 3 },
      {
        direction: 'high',
        start: 6,
        end: 6,
        open: true,
        severity: 'critical',
        score: 70 / 60,
        volume: 100,
        buckets: 1,
      },
    ]);
  });

  test('a feed gap neither closes nor extends an incident', () => {
    const at = (bucket: number, actual: number) => judge(fan, bucket, actual, DEFAULT_RULES);
    expect(incidents([at(1, 0), at(9, 0), at(10, 100)], DEFAULT_RULES)).toMatchObject([
      { start: 1, end: 9, buckets: 2, open: false },
    ]);
  });

  test('every alarm lies in exactly one incident, incidents do not overlap, and only the last may be open', () => {
    fc.assert(
      fc.property(anyVerdicts, anyRules, (verdicts, rules) => {
        const found = incidents(verdicts, rules);
        for (const verdict of alarms(verdicts, rules)) {
          const holding = found.filter(
            (incident) => incident.start <= verdict.bucket && verdict.bucket <= incident.end,
          );
          expect(holding.length).toBe(1);
          expect(holding[0]?.direction).toBe(verdict.direction);
        }
        found.forEach((incident, index) => {
          const next = found[index + 1];
          if (next) expect(incident.end).toBeLessThan(next.start);
          if (incident.open) expect(next).toBe(undefined);
        });
      }),
    );
  });

  test('with 1 of 1 the volumes add up to the residuals of all flagged buckets', () => {
    fc.assert(
      fc.property(anyVerdicts, (verdicts) => {
        const total = incidents(verdicts, DEFAULT_RULES).reduce((sum, incident) => sum + incident.volume, 0);
        const flagged = verdicts.filter((verdict) => verdict.severity !== null);
        expect(total).toBeCloseTo(
          flagged.reduce((sum, verdict) => sum + verdict.actual - verdict.median, 0),
          6,
        );
      }),
    );
  });

  test('a closed incident stays as it is whatever follows', () => {
    fc.assert(
      fc.property(anyVerdicts, anyRules, fc.nat(60), (verdicts, rules, cut) => {
        const early = incidents(verdicts.slice(0, cut), rules).filter((incident) => !incident.open);
        expect(incidents(verdicts, rules).slice(0, early.length)).toEqual(early);
      }),
    );
  });
});

describe('rules and calendar', () => {
  test('a rule out of range is refused by name and value', () => {
    expect(() => checkedRules({ ...DEFAULT_RULES, needed: 3, among: 2 })).toThrow(
      'invalid alarm rule needed: 3; accepted is a count from 1 to among, 2',
    );
    expect(() => checkedRules({ ...DEFAULT_RULES, coverage: 1 })).toThrow('invalid alarm rule coverage: 1');
    expect(checkedRules(DEFAULT_RULES)).toBe(DEFAULT_RULES);
  });

  test('an entry excuses the buckets it overlaps, of its own series only', () => {
    const entry = { from: 1_000, to: 3_000, series: 'shop', effect: 'mute' as const, factor: 1 };
    expect(maintenanceEffect([entry], 'shop', 0, 1_000).muted).toBe(false);
    expect(maintenanceEffect([entry], 'shop', 2_500, 1_000).muted).toBe(true);
    expect(maintenanceEffect([entry], 'shop', 3_000, 1_000).muted).toBe(false);
    expect(maintenanceEffect([entry], 'bank', 2_000, 1_000).muted).toBe(false);
    const wide = { ...entry, series: null, effect: 'widen' as const, factor: 2 };
    expect(maintenanceEffect([wide, wide], 'bank', 2_000, 1_000).widen).toBe(4);
  });

  test('a widened fan keeps its median and its bands nest around the old ones', () => {
    fc.assert(
      fc.property(anyFan, fc.double({ min: 1, max: 10, noNaN: true }), (fan, factor) => {
        const wide = widened(fan, factor);
        expect(wide.median).toBe(fan.median);
        fan.lower.forEach((limit, level) => {
          expect(wide.lower[level]!).toBeLessThanOrEqual(limit + 1e-6);
          expect(wide.upper[level]!).toBeGreaterThanOrEqual(fan.upper[level]! - 1e-6);
        });
      }),
    );
  });

  test('members that moved against the group do not contribute', () => {
    const members = [
      { series: 'a', volume: -5 },
      { series: 'b', volume: -50 },
      { series: 'c', volume: 90 },
    ];
    expect(topContributions(-40, members, 2).map((member) => member.series)).toEqual(['b', 'a']);
  });
});
