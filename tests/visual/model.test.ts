import { decodeModel, encodeModel } from '@tidemark/shared/contract/model-file';
import {
  bandAt,
  createForecaster,
  createRandom,
  type Fan,
  type Series,
  type SpecialDays,
  untrainedArtifact,
} from '@tidemark/shared/forecasting';
import { type Bindings, dataViewOf, type FormatObjects, type TableRow } from '@tidemark/tools/power-bi-host/data-view';
import { describe, expect, test } from 'vitest';
import { freshVisuals, stageOfFile } from './stage.ts';

const STEP_MS = 7_200_000;
const FIRST = Date.UTC(2026, 0, 5) / STEP_MS;
const BINDINGS: Bindings = { time: 'time', actual: 'actual', series: 'series', model: 'model' };
const size = { width: 960, height: 480 };

const stage = await stageOfFile();
const fresh = await freshVisuals(stage);

function history(weeks: number): Series {
  const random = createRandom(7);
  const values = Float64Array.from({ length: 84 * weeks }, (_, i) => {
    const rhythm = 1.4 + Math.sin((2 * Math.PI * i) / 12) + 0.3 * Math.sin((2 * Math.PI * i) / 84);
    return Math.round(100 * Math.max(0, 1e5 * rhythm + 8e3 * random.normal())) / 100;
  });
  return {
    id: 'Acme',
    measure: 'net',
    stepMs: STEP_MS,
    firstBucket: FIRST,
    values,
    states: Array(values.length).fill('observed'),
  };
}

const series = history(6);
/** Some lie in what the base forecast learns from, some in what is judged, some ahead. */
const specialDays: SpecialDays = {
  through: '2026-12-31',
  days: [
    { kind: 'holiday', name: 'Wednesdays off', dates: ['2026-01-21', '2026-02-11'] },
    { kind: 'payday', name: 'payday', dates: ['2026-01-30', '2026-02-13'] },
    { kind: 'event', name: 'opening', dates: ['2026-02-15', '2026-02-16'] },
  ],
};
const text = encodeModel(untrainedArtifact([series], { timeZone: 'America/Lima', specialDays }));

/** The rows of a report that binds time, actual and a model, which one cell carries. */
function rowsOf({ values, id }: Series, model: string, stepMs = STEP_MS): TableRow[] {
  return Array.from(values, (actual, k) => ({
    time: new Date((FIRST + k) * stepMs).toISOString().slice(0, 19),
    actual,
    series: id,
    model: k === values.length - 1 ? model : null,
  }));
}

interface Limits {
  readonly forecast: number;
  readonly lower: number;
  readonly upper: number;
}

/** What the visual has computed, to the last digit: its own export. */
async function computedIn(rows: readonly TableRow[], objects: FormatObjects = {}): Promise<Limits[]> {
  const visual = await fresh({ download: true });
  await visual.update({
    ...size,
    view: dataViewOf(rows, { bindings: BINDINGS, objects: { zoom: { days: 0 }, ...objects } }),
  });
  await visual.frame.locator('.toolbar .export').click({ force: true });
  await expect.poll(async () => (await visual.eventsNamed('download')).length).toBe(1);
  const { content } = await visual.told<{ content: string }>('download');
  return content
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','))
    .map(([, , , forecast, lower, upper]) => ({
      forecast: Number(forecast),
      lower: Number(lower),
      upper: Number(upper),
    }));
}

/** The fans a server issues for the same buckets: one ahead for each, and all horizons beyond the last. */
function served(): Fan[] {
  const forecaster = createForecaster(decodeModel(text).artifact);
  const state = forecaster.start('Acme', FIRST);
  const fans = Array.from(series.values, (value, k) => {
    const fan = forecaster.forecast(state).fans[0] as Fan;
    forecaster.observe(state, FIRST + k, value);
    return fan;
  });
  return [...fans, ...forecaster.forecast(state).fans];
}

describe('a model bound as text', () => {
  test.each([0.9, 0.99])(
    'gives the bands a server gives for the same rows, to a millionth (coverage %d)',
    async (coverage) => {
      const found = await computedIn(rowsOf(series, text), { alarms: { sensitivity: 100 * coverage } });
      const expected = served();
      expect(found).toHaveLength(expected.length);
      found.forEach((limits, k) => {
        const fan = expected[k] as Fan;
        const band = bandAt(fan, coverage);
        for (const [ours, theirs] of [
          [limits.forecast, fan.median],
          [limits.lower, band.lower],
          [limits.upper, band.upper],
        ]) {
          expect(Math.abs((ours as number) - (theirs as number))).toBeLessThanOrEqual(
            1e-6 * Math.abs(theirs as number) + 1e-9,
          );
        }
      });
    },
  );

  test('the line is there at once, the header says how far the range is, and rendering ends with the range', async () => {
    const visual = await stage.open();
    await visual.frame.evaluate(() => {
      const told: string[] = [];
      Object.assign(globalThis, { told });
      new MutationObserver(() => {
        const detail = document.querySelector('.headline .detail')?.textContent ?? '';
        const lines = document.querySelectorAll('.actual path.whole').length;
        const ranges = document.querySelectorAll('.band path.outer').length;
        told.push(`${/Computing the expected range: \d+ %/.test(detail)} ${lines} ${ranges}`);
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    await visual.update({ ...size, view: dataViewOf(rowsOf(series, text), { bindings: BINDINGS }) });
    const told = await visual.frame.evaluate(() => (globalThis as unknown as { told: string[] }).told);
    expect(told).toContain('true 1 0');
    expect(await visual.frame.locator('.band path.outer').count()).toBeGreaterThan(0);
    expect((await visual.eventsNamed('rendering-finished')).length).toBe(1);
    await visual.close();
  });

  test('draws the expected range beyond now, and says when history is short', async () => {
    const visual = await fresh();
    await visual.update({ ...size, view: dataViewOf(rowsOf(series, text), { bindings: BINDINGS }) });
    expect(await visual.frame.locator('.tidemark').getAttribute('data-source')).toBe('model');
    expect(await visual.frame.locator('.notices').isVisible()).toBe(false);
    // The days the model was trained with, on the clock of the rows; those that follow one another once.
    expect(await visual.frame.locator('.events text').allTextContents()).toEqual([
      expect.stringMatching(/^Wed/),
      'payday',
      'opening',
    ]);
    const short = { ...series, values: series.values.subarray(0, 84) };
    await visual.update({ ...size, view: dataViewOf(rowsOf(short, text), { bindings: BINDINGS }) });
    expect(await visual.frame.locator('.notices').textContent()).toContain('7 of 42 days of history');
    expect(await visual.frame.locator('.band path.outer').count()).toBe(1);
  });

  const misfits: [string, TableRow[], RegExp][] = [
    ['a corrupt text', rowsOf(series, text.replace(/A/g, 'B')), /cannot be used: .*(damaged|checksum)/],
    ['another text', rowsOf(series, 'hello'), /does not begin with/],
    ['another version', rowsOf(series, text.replace(' v2 ', ' v9 ')), /got v9, expected v2/],
    ['another step', rowsOf(series, text, STEP_MS / 2), /rows are 1 h apart; the model needs buckets of 2 h/],
    [
      'an unknown series',
      rowsOf({ ...series, id: 'Nobody' }, text),
      /does not know the series “Nobody”; it serves Acme/,
    ],
  ];

  test.each(misfits)(
    '%s is told on the visual and by a warning icon, and the line is still drawn',
    async (_, rows, words) => {
      const visual = await fresh();
      const ended = await visual.update({ ...size, view: dataViewOf(rows, { bindings: BINDINGS }) });
      expect(ended.name).toBe('rendering-finished');
      expect(await visual.frame.locator('.notices').textContent()).toMatch(words);
      expect(await visual.frame.locator('.actual path').count()).toBeGreaterThan(0);
      const warnings = await visual.eventsNamed('warning-icon');
      expect(warnings).toHaveLength(1);
      expect((await visual.told<{ detail: string }>('warning-icon')).detail).toMatch(words);
      expect(visual.complaints).toEqual([]);
    },
  );
});
