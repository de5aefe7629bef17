import { BAND_BINDINGS, dataViewOf } from '@tidemark/tools/power-bi-host/data-view';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { describe, expect, test } from 'vitest';
import { freshVisuals, stageOfFile } from './stage.ts';

const stage = await stageOfFile();
const fresh = await freshVisuals(stage);

describe('the packaged visual in a sandboxed frame', () => {
  test('draws the band, the line and the alarms of its rows, and complains of nothing', async () => {
    const visual = await fresh();
    const rows = bandRows({ factor: (k) => (k >= 67 && k < 72 ? 0.4 : 1) });
    const ended = await visual.update({ width: 960, height: 480, view: dataViewOf(rows) });
    expect(ended.name).toBe('rendering-finished');
    const alarming = rows.filter((row) => row.severity !== null);
    expect(alarming.length).toBeGreaterThan(0);
    expect(await visual.frame.locator('.alarms path').count()).toBe(alarming.length);
    expect(await visual.frame.locator('.band path.outer').count()).toBe(1);
    expect(await visual.frame.locator('.headline').textContent()).toMatch(/^(ALARM|WARNING).*lost \d+K below minimum/);
    expect(visual.complaints).toEqual([]);
  });

  test.each(['lower', 'upper'] as const)('a %s limit alone is a line, in the plot and in the legend', async (limit) => {
    const visual = await fresh();
    const bindings = { time: 'bucket_start_local', actual: 'actual', [limit]: limit };
    await visual.update({ width: 960, height: 480, view: dataViewOf(bandRows(), { bindings }) });
    const edge = visual.frame.locator(`.band path.edge-${limit}`);
    expect(Number(await edge.getAttribute('stroke-opacity'))).toBeGreaterThan(0.8);
    const words = limit === 'lower' ? 'Lower limit' : 'Upper limit';
    expect(await visual.frame.locator('.legend .key').allTextContents()).toEqual(['Net volume', words]);
    expect(await visual.frame.locator('.legend .key path').last().getAttribute('fill')).toBe('none');
  });

  test('forecast and range are broken where there is no row', async () => {
    const visual = await fresh();
    const rows = ['Acme', 'Other'].flatMap((series) =>
      bandRows({ series }).filter((_, k) => k < 50 || k >= 72 || series === 'Other'),
    );
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows) });
    const acme = visual.frame.locator('g.panel', { has: visual.frame.locator('title', { hasText: 'Acme' }) });
    for (const mark of ['.band path.outer', '.forecast path']) expect(await acme.locator(mark).count(), mark).toBe(2);
  });

  test.each([7, 11, 18, 24])(
    'with axis words of %i px no word above the plot lies over another or over a bar',
    async (fontSize) => {
      const visual = await fresh();
      const rows = bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : k === 30 ? 1.7 : 1) });
      const objects = {
        axes: { fontSize },
        band: { strip: true },
        events: { named: '2026-03-04 Campaign with a long name; 2026-03-05 / 2026-03-06 Sale' },
      };
      await visual.update({ width: 960, height: 480, view: dataViewOf(rows, { objects }) });
      const boxes = await visual.frame
        .locator('.deviation-strip rect[fill="#c77700"], .incidents text, .alarms text, .events text')
        .evaluateAll((nodes) =>
          nodes
            .filter((node) => node.textContent !== '' || node.tagName === 'rect')
            .map((node) => node.getBoundingClientRect()),
        );
      expect(boxes.length).toBeGreaterThan(6);
      const isBar = (box: DOMRect) => box.width < 20;
      const touching = boxes.flatMap((one, k) =>
        boxes
          .slice(k + 1)
          .filter((other) => !(isBar(one) && isBar(other)))
          // Letters fill their boxes in part: a few px of air belong to each.
          .filter(
            (other) =>
              one.left < other.right &&
              other.left < one.right &&
              one.top + 4 < other.bottom &&
              other.top + 4 < one.bottom,
          ),
      );
      expect(touching).toEqual([]);
    },
  );

  test('a single row stands in the middle of a day, and no two words of its axis are alike', async () => {
    const visual = await fresh();
    await visual.update({ width: 960, height: 480, view: dataViewOf(bandRows().slice(30, 31)) });
    const words = await visual.frame.locator('.time-axis .tick').allTextContents();
    expect(words.length).toBeGreaterThan(3);
    expect(new Set(words).size).toBe(words.length);
  });

  test('of several series the header names the worst and the last alarms, long names from both ends', async () => {
    const visual = await fresh();
    const long = 'Comercializadora Internacional de Alimentos del Norte y del Sur, S.A. de C.V., tienda 45';
    const low = bandRows({ series: long, factor: (k) => (k >= 69 && k < 72 ? 0.2 : 1) });
    const view = dataViewOf([...low, ...bandRows({ series: 'Other', seed: 3 })]);
    await visual.update({ width: 960, height: 480, view });
    expect(await visual.frame.locator('.headline .detail').textContent()).toMatch(/^1 of 2 · Comerciali…tienda 45 −/);
    const last = visual.frame.locator('.recent button').first();
    expect(await last.textContent()).toMatch(/^ Comerciali…tienda 45 Sat/);
    expect(await last.getAttribute('title')).toContain(long);
    await visual.update({ width: 320, height: 420, view });
    expect(await visual.frame.locator('.recent').textContent()).toMatch(/^(Last alarms: )?Comerciali…tienda 45/);
  });

  test('the label of the newest alarm ends before the word of now, also where it is an amount', async () => {
    const visual = await fresh();
    const down = (value: unknown) => (typeof value === 'number' ? value - 300_000 : value);
    const rows = bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : 1) }).map((row) => ({
      ...row,
      ...Object.fromEntries(['actual', 'forecast', 'lower', 'upper'].map((name) => [name, down(row[name])])),
    }));
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows, { format: '"$"#,0' }) });
    const label = await visual.frame.locator('.alarms text').last().boundingBox();
    const now = await visual.frame.locator('.now text').boundingBox();
    expect(await visual.frame.locator('.alarms text').last().textContent()).toMatch(/^−\$/);
    expect((label?.x ?? 0) + (label?.width ?? 0)).toBeLessThanOrEqual(now?.x ?? 0);
  });

  test('the band holds exactly the limits of the rows, on the scale of the axis', async () => {
    const visual = await fresh();
    const rows = bandRows();
    const objects = { axes: { minimum: 0, maximum: 1_000_000 } };
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows, { objects }) });
    const path = (await visual.frame.locator('.band path.outer').getAttribute('d')) ?? '';
    const places = [...path.matchAll(/[ML]?([\d.-]+),([\d.-]+)/g)].map((match) => [Number(match[1]), Number(match[2])]);
    const half = places.length / 2;
    expect(half).toBe(rows.length);
    const height = Number(await visual.frame.locator('clipPath rect').getAttribute('height')) - 4;
    const expected = (limit: unknown) => height * (1 - Number(limit) / 1_000_000);
    rows.forEach((row, k) => {
      const [, top] = places[k] as number[];
      const [, bottom] = places[places.length - 1 - k] as number[];
      expect(Math.abs((top as number) - expected(row.upper))).toBeLessThan(0.02);
      expect(Math.abs((bottom as number) - expected(row.lower))).toBeLessThan(0.02);
    });
  });

  test('the actual line is broken where nothing is known, and never drawn through', async () => {
    const visual = await fresh();
    await visual.update({ width: 960, height: 480, view: dataViewOf(bandRows({ missing: (k) => k >= 30 && k < 35 })) });
    expect(await visual.frame.locator('.actual path.whole').count()).toBe(2);
    expect(await visual.frame.locator('.silence rect').count()).toBe(1);
  });

  test('the bucket that is still open is a hollow dot and not judged', async () => {
    const visual = await fresh();
    await visual.update({ width: 960, height: 480, view: dataViewOf(bandRows({ open: true })) });
    expect(await visual.frame.locator('.open circle').count()).toBe(1);
    expect(await visual.frame.locator('.alarms path').count()).toBe(0);
  });

  test('what only the counts have seen is marked, and no depth of nothing is told of it', async () => {
    const visual = await fresh();
    // Inside the band, and judged all the same.
    const rows = bandRows().map((row, k) => (k >= 69 && k < 72 ? { ...row, severity: 'warning' } : row));
    const { reason: _, ...bindings } = BAND_BINDINGS;
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows, { bindings }) });
    expect(await visual.frame.locator('.alarms path').count()).toBe(3);
    expect(await visual.frame.locator('.alarms text').count()).toBe(0);
    const headline = (await visual.frame.locator('.headline').textContent()) ?? '';
    expect(headline).toMatch(/^WARNING.*since/);
    expect(headline).not.toMatch(/\b0\s?%/);
  });

  test('what only the counts have seen is one incident on the side they say, and shades nothing', async () => {
    const visual = await fresh();
    const told = { severity: 'warning', reason: '71 attempts in 4 h; 284 expected', direction: 'low' };
    const rows = bandRows().map((row, k) =>
      k >= 69 && k < 72 ? { ...row, ...told, actual: Number(row.forecast) * (k === 69 ? 1.02 : 0.95) } : row,
    );
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows) });
    expect(await visual.frame.locator('.incidents text').allTextContents()).toEqual([expect.stringMatching(/^6h · −/)]);
    expect(await visual.frame.locator('.deviation path').count()).toBe(0);
  });

  test('where no limits are bound, nothing is told to be below one', async () => {
    const visual = await fresh();
    const rows = bandRows({ factor: (k) => (k >= 69 && k < 72 ? 0.3 : 1) });
    const { lower: _l, upper: _u, fan: _f, ...bindings } = BAND_BINDINGS;
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows, { bindings }) });
    const said = (await visual.frame.locator('.header').textContent()) ?? '';
    expect(said).toMatch(/^WARNING *since 18:00 · lost \d+K below forecast/);
    expect(said).not.toContain('minimum');
  });

  test('the overview says of each amount what it is measured against', async () => {
    const visual = await fresh();
    const rows = ['One', 'Two'].flatMap((series, n) =>
      bandRows({ series, factor: (k) => (k >= 69 && k < 72 ? (n === 0 ? 0.3 : 0.96) : 1) }).map((row, k) =>
        k >= 69 && k < 72 ? { ...row, severity: 'warning', direction: 'low' } : row,
      ),
    );
    const objects = { multiples: { layout: 'table' } };
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows, { objects }) });
    const cells = visual.frame.locator('.overview tbody td.risk');
    expect(await cells.allTextContents()).toEqual([expect.stringMatching(/^−/), expect.stringMatching(/^−/)]);
    expect(await cells.nth(0).getAttribute('title')).toMatch(/^lost .* below minimum, .* below forecast$/);
    expect(await cells.nth(1).getAttribute('title')).toMatch(/^lost \S+ below forecast$/);
    expect(await visual.frame.locator('.overview th.risk').textContent()).toBe('Amount');
  });

  test('an alarm of the past a hair below its minimum is told by what was lost, not as 0 %', async () => {
    const visual = await fresh();
    const rows = bandRows().map((row, k) =>
      k === 60 ? { ...row, actual: 0.998 * Number(row.lower), severity: 'info', direction: 'low' } : row,
    );
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows) });
    const said = (await visual.frame.locator('.tidemark').textContent()) ?? '';
    expect(said).toMatch(/Last alarms: /);
    expect(said).not.toMatch(/−0\s?%/);
  });

  test('small multiples come alarmed first, and say so each for itself', async () => {
    const visual = await fresh();
    const rows = ['One', 'Two', 'Three'].flatMap((series, n) =>
      bandRows({ series, seed: n, factor: (k) => (n === 2 && k >= 68 && k < 72 ? 0.2 : 1) }),
    );
    await visual.update({ width: 960, height: 600, view: dataViewOf(rows) });
    const titles = await visual.frame.locator('.panel > .title').allTextContents();
    expect(titles[0]).toMatch(/^Three (ALARM|WARNING)/);
    expect(titles).toHaveLength(3);
    expect(await visual.frame.locator('.headline').textContent()).toContain('1 of 3');
  });

  test('a live sensitivity narrows the band and judges anew', async () => {
    const visual = await fresh();
    const rows = bandRows({ factor: (k) => (k === 20 ? 0.8 : 1) });
    const alarmsAt = async (sensitivity: number) => {
      const objects = { alarms: { sensitivity } };
      await visual.update({ width: 960, height: 480, view: dataViewOf(rows, { objects }) });
      return visual.frame.locator('.alarms path').count();
    };
    expect(await alarmsAt(99.9)).toBe(0);
    expect(await alarmsAt(80)).toBeGreaterThan(0);
    expect(visual.complaints).toEqual([]);
  });

  test('a 100 × 60 tile holds a status and a sparkline, and no axes', async () => {
    const visual = await fresh();
    await visual.update({
      width: 100,
      height: 60,
      view: dataViewOf(bandRows({ factor: (k) => (k === 71 ? 0.1 : 1) })),
    });
    expect(await visual.frame.locator('.tick').count()).toBe(0);
    expect(await visual.frame.locator('.actual path').count()).toBeGreaterThan(0);
    expect(await visual.frame.locator('.headline .word').textContent()).toMatch(/ALARM|WARNING/);
  });

  test('small tiles of many series say how many alarm, and leave names room to be read', async () => {
    const visual = await fresh();
    const rows = Array.from({ length: 9 }, (_, k) =>
      bandRows({ series: `Client ${k}`, buckets: 36, factor: (at) => (k < 2 && at === 23 ? 0.1 : 1) }),
    );
    const view = dataViewOf(rows.flat());
    await visual.update({ width: 200, height: 120, view });
    expect(await visual.frame.locator('.headline').textContent()).toMatch(/^ALARM2 of 9/);
    await visual.update({ width: 260, height: 150, view });
    const name = visual.frame.locator('td.series button').first();
    expect(await name.evaluate((button) => button.scrollWidth <= button.clientWidth)).toBe(true);
  });

  test('rows without a value are no absence of rows, and of many sentences none is cut through a line', async () => {
    const visual = await fresh();
    const empty = bandRows().map((row) => ({ ...row, actual: null, forecast: null, lower: null, upper: null }));
    await visual.update({ width: 420, height: 260, view: dataViewOf(empty.map((row) => ({ ...row, state: null }))) });
    expect(await visual.frame.locator('.message .title').textContent()).toBe('What is bound cannot be judged');
    await visual.update({ width: 420, height: 260, view: dataViewOf(empty) });
    const notices = visual.frame.locator('.notices');
    expect(await notices.evaluate((box) => [box.scrollHeight > box.clientHeight, box.clientHeight % 16])).toEqual([
      true,
      0,
    ]);
  });

  test('starts and ends its rendering exactly once for every update, and draws the newest of a burst', async () => {
    const visual = await fresh();
    const view = dataViewOf(bandRows());
    await visual.update({ width: 400, height: 300, view });
    const sizes = Array.from({ length: 40 }, (_, k) => ({ width: 400 + 10 * k, height: 300, view }));
    await visual.send({ kind: 'updates', updates: sizes });
    await expect.poll(async () => (await visual.eventsNamed('rendering-finished')).length).toBe(41);
    expect((await visual.eventsNamed('rendering-started')).length).toBe(41);
    expect(await visual.frame.locator('svg.panels').getAttribute('width')).toBe(String(790 - 20));
  });
});
