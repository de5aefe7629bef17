import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../forecasting/random.ts';
import { zoneClock } from '../forecasting/time/zone.ts';
import { advanceBook, type SeriesIncident, startBook } from './incident-book.ts';
import { type LabelledCase, precisionByDetector, raisedReport, thresholdFactors } from './labels.ts';
import { FIRST_BUCKET, SIMULATED_DIMENSIONS, simulateClient, type Trouble } from './testing.ts';
import { createWatch } from './watch.ts';

const GRID = { perDay: 12, perWeek: 84 };
const hourOf = (bucket: number) => (bucket * 2) % 24;
const label = (more: Partial<LabelledCase> = {}): LabelledCase => ({
  series: 'shop',
  detector: 'approval',
  side: 'low',
  label: 'normal',
  start: 1_200,
  end: 1_201,
  at: 1_202,
  ...more,
});

describe('thresholds that answers raise', () => {
  const factorAt = (labels: readonly LabelledCase[], bucket: number) =>
    thresholdFactors(labels, GRID, hourOf)('shop', 'approval', 'low', bucket);

  test('one answer raises a little, at its hours, from when it is given', () => {
    expect(factorAt([label()], 1_200 + 12)).toBeCloseTo(1.15, 2);
    expect(factorAt([label()], 1_200)).toBe(1);
    expect(factorAt([label()], 1_206 + 12)).toBe(1);
    const other = thresholdFactors([label()], GRID, hourOf);
    expect(other('shop', 'ticket', 'low', 1_212)).toBe(1);
    expect(other('café', 'approval', 'low', 1_212)).toBe(1);
    expect(other('shop', 'approval', 'high', 1_212)).toBe(1);
  });

  test.each([1, 2, 4, 24])('an answer holds on after a clock change, with buckets of %i h', (hours) => {
    const [perDay, perWeek] = [24 / hours, 168 / hours];
    const change = 100 * perDay;
    const local = (bucket: number) => (bucket * hours + (bucket < change ? 1 : 2)) % 24;
    const given = label({ start: change - 2 * perDay, end: change - 2 * perDay, at: change - 2 * perDay + 1 });
    const factor = thresholdFactors([given], { perDay, perWeek }, local);
    const raised = (from: number) =>
      Array.from({ length: perDay }, (_, k) => factor('shop', 'approval', 'low', from + k)).filter((one) => one > 1);
    expect(raised(change + perDay)).toHaveLength(Math.min(3, perDay));
    expect(raised(change + perDay)).toHaveLength(raised(change - perDay).length);
  });

  test('they are bounded, fade, and are taken back by incidents', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (normal, incidents) => {
        const labels = [
          ...Array.from({ length: normal }, () => label()),
          ...Array.from({ length: incidents }, () => label({ label: 'incident' })),
        ];
        const now = factorAt(labels, 1_212);
        expect(now).toBeGreaterThanOrEqual(1);
        expect(now).toBeLessThanOrEqual(1.6);
        expect(factorAt(labels, 1_212 + 6 * 84)).toBeLessThanOrEqual(now);
        if (incidents >= normal) expect(now).toBe(1);
      }),
    );
    expect(factorAt([label()], 1_202 + 10 + 40 * 84)).toBeLessThan(1.002);
  });
});

/** Eight clients whose approval and tickets have their own ways at night, which are normal, and real troubles by day. */
function month(withLabels: boolean): { false_: number; seen: number; troubles: number } {
  const [warm, weeks] = [8, 8];
  const clients = Array.from({ length: 8 }, (_, c) => {
    const random = createRandom(100 + c);
    const truth: { from: number; to: number }[] = [];
    const odd = new Map<number, Trouble>();
    for (let day = warm * 7; day < (warm + weeks) * 7; day++) {
      if (random.uniform() < 0.45) odd.set(day * 12 + 4, c % 2 === 0 ? { approval: 0.62 } : { ticket: 0.6 });
      if (random.uniform() >= 0.08) continue;
      const from = day * 12 + 6;
      truth.push({ from: FIRST_BUCKET + from, to: FIRST_BUCKET + from + 2 });
      for (let k = 0; k < 3; k++) odd.set(from + k, c % 2 === 0 ? { approval: 0.2 } : { attempts: 0 });
    }
    const id = `client ${c}`;
    return { id, truth, all: simulateClient(40 + c, 22, (warm + weeks) * 84, (index) => odd.get(index) ?? {}) };
  });
  const watch = createWatch({
    stepMs: 7_200_000,
    clock: zoneClock('UTC'),
    dimensions: SIMULATED_DIMENSIONS,
    falsePerSeriesWeek: 0.3,
  });
  const states = clients.map(() => watch.start());
  const book = startBook();
  const labels: LabelledCase[] = [];
  const found = new Map<string, SeriesIncident>();
  const isReal = ({ series, start, end }: SeriesIncident) =>
    (clients.find(({ id }) => id === series)?.truth ?? []).some(({ from, to }) => start <= to + 2 && end >= from - 1);
  for (let k = 0; k < (warm + weeks) * 84; k++) {
    const bucket = FIRST_BUCKET + k;
    const factor = thresholdFactors(labels, GRID, (at) => ((at - FIRST_BUCKET) % 12) * 2);
    const isOpen = (series: string, side: string) =>
      book.open.some((one) => one.series === series && one.side === side);
    const reports = clients.map(({ id, all }, c) => {
      watch.observe(states[c]!, all[k]!);
      return raisedReport(watch.report(states[c]!, id, bucket, false), bucket, factor, isOpen);
    });
    for (const incident of advanceBook(book, bucket, reports).incidents) {
      found.set(incident.id, incident);
      if (!withLabels || incident.open) continue;
      const { series, detector, side, start, end } = incident;
      labels.push({
        series,
        detector,
        side,
        start,
        end,
        label: isReal(incident) ? 'incident' : 'normal',
        at: bucket + 1,
      });
    }
  }
  // The second month: the first is the one in which people answer.
  const from = FIRST_BUCKET + (warm + weeks / 2) * 84;
  const late = [...found.values()].filter(({ raised }) => raised >= from);
  const troubles = clients.flatMap(({ id, truth }) =>
    truth.filter((one) => one.from >= from).map((one) => ({ id, ...one })),
  );
  return {
    false_: late.filter((one) => !isReal(one)).length,
    seen: troubles.filter((t) => late.some((i) => i.series === t.id && i.start <= t.to + 2 && i.end >= t.from)).length,
    troubles: troubles.length,
  };
}

test('a month of honest answers leaves fewer false alarms and sees as many troubles', () => {
  const [without, with_] = [month(false), month(true)];
  expect(without.troubles).toBeGreaterThan(10);
  expect(without.false_).toBeGreaterThan(10);
  expect(with_.false_).toBeLessThan(0.75 * without.false_);
  expect(with_.seen).toBeGreaterThanOrEqual(without.seen);
});

test('precision is counted by detector', () => {
  expect(
    precisionByDetector([
      { detector: 'ticket', label: 'normal' },
      { detector: 'approval', label: 'incident' },
      { detector: 'ticket', label: null },
      { detector: 'ticket', label: 'incident' },
    ]),
  ).toEqual([
    { detector: 'ticket', incidents: 1, normal: 1 },
    { detector: 'approval', incidents: 1, normal: 0 },
  ]);
});
