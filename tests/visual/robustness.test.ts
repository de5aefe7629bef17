import {
  dataViewOf,
  type FormatObjects,
  type PlainDataView,
  type TableRow,
} from '@tidemark/tools/power-bi-host/data-view';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { describe, expect, test } from 'vitest';
import { stageOfFile } from './stage.ts';

const stage = await stageOfFile();
const visual = await stage.open();

const size = { width: 640, height: 360 };
const spoilt = (change: (row: TableRow, k: number) => Record<string, unknown>): TableRow[] =>
  bandRows().map((row, k) => ({ ...row, ...change(row, k) }));

/** Draws it on the one visual that has seen all scenes before: nothing of an earlier one may stay. */
async function draws(view: PlainDataView | null, now?: string): Promise<void> {
  const ended = await visual.update({ ...size, view, ...(now === undefined ? {} : { now }) });
  expect(ended).toEqual({ name: 'rendering-finished', detail: null });
  expect(visual.complaints).toEqual([]);
}

describe('rows of every kind', () => {
  const wells = ['actual', 'forecast', 'lower', 'upper', 'severity', 'state', 'fan', 'series'] as const;
  const values: [string, unknown][] = [
    ['null', null],
    ['infinite', Number.POSITIVE_INFINITY],
    ['not a number', Number.NaN],
    ['negative', -12_345.67],
    ['huge', 1e300],
    ['text', 'forty-two'],
    ['markup', '<img src=x onerror=alert(1)>'],
    ['a date', { wall: Date.UTC(2026, 0, 1) }],
    ['true', true],
  ];

  test.each(wells)('any kind of value in the %s well is drawn or left out', async (well) => {
    for (const [, value] of values) await draws(dataViewOf(spoilt(() => ({ [well]: value }))));
    await draws(dataViewOf(spoilt((_, k) => (k % 7 === 0 ? { [well]: values[(k / 7) % values.length]?.[1] } : {}))));
  });

  test.each(values)('%s as time is told, not drawn', async (_, value) => {
    const cells = bandRows().map(() => value as string);
    const view = dataViewOf(bandRows());
    await draws({ ...view, categories: [{ column: 0, cells }] });
  });

  test.each([0, 1, 2, 3])('%i rows', async (count) => {
    await draws(dataViewOf(bandRows().slice(0, count)));
  });

  test('30,000 rows', async () => {
    await draws(dataViewOf(bandRows({ buckets: 30_000, factor: (k) => (k % 400 === 7 ? 0.3 : 1) })));
    expect(await visual.frame.locator('.actual path').count()).toBeGreaterThan(0);
  });

  test('the same instant twice, and rows in no order', async () => {
    const view = dataViewOf(bandRows());
    const cells = view.categories[0]?.cells ?? [];
    const mixed = cells.map((_, k) => cells[(k * 37) % cells.length] as never);
    await draws({ ...view, categories: [{ column: 0, cells: mixed }] });
    await draws({ ...view, categories: [{ column: 0, cells: cells.map(() => cells[0] as never) }] });
  });

  test('all zero, all equal and all missing', async () => {
    await draws(dataViewOf(spoilt(() => ({ actual: 0, forecast: 0, lower: 0, upper: 0 }))));
    await draws(dataViewOf(spoilt(() => ({ actual: 5, forecast: 5, lower: 5, upper: 5 }))));
    await draws(dataViewOf(spoilt(() => ({ actual: null, state: 'missing' }))));
    expect(await visual.frame.locator('.headline').textContent()).toMatch(/NO DATA/);
  });

  test('names that look like markup are words', async () => {
    const name = '<b onmouseover="alert(1)">& "Co"</b>';
    await draws(dataViewOf([...bandRows({ series: name }), ...bandRows({ series: 'Other' })]));
    expect(await visual.frame.locator('.panel > .title').allTextContents()).toContainEqual(
      expect.stringContaining(name),
    );
    expect(await visual.frame.locator('b').count()).toBe(0);
  });

  test('a date hierarchy, a plain day, and a year alone', async () => {
    const days = Array.from({ length: 40 }, (_, k) => k);
    const column = (level: string, at: (day: number) => string | number, index: number) => ({
      column: { displayName: level, queryName: `d.Variation.Date Hierarchy.${level}`, roles: { time: true }, level },
      cells: { column: index, cells: days.map(at) },
    });
    const wall = (day: number) => new Date(Date.UTC(2026, 0, 1 + day));
    const parts = [
      column('Year', (day) => wall(day).getUTCFullYear(), 0),
      column('Month', (day) => wall(day).toLocaleString('en', { month: 'long', timeZone: 'UTC' }), 1),
      column('Day', (day) => wall(day).getUTCDate(), 2),
    ];
    const actual = { displayName: 'Net', queryName: 'net', roles: { actual: true } };
    const value = { column: 3, cells: days.map((day) => 100 + day) };
    await draws({
      columns: [...parts.map((part) => part.column), actual],
      categories: parts.map((part) => part.cells),
      values: [value],
      groups: [{ name: null, values: [0] }],
    });
    const path = await visual.frame.locator('.actual path.whole').getAttribute('d');
    expect(path?.match(/[ML]/g)?.length ?? 0).toBeGreaterThan(0);
    expect(path?.split('L').length).toBe(40);
  });
});

describe('fields and settings that come and go', () => {
  test('drilling down a date hierarchy and up again draws as many points as there are rows', async () => {
    const levels = ['Year', 'Month', 'Day'];
    const at = [
      (k: number) => 2020 + k,
      (k: number) => new Date(Date.UTC(2026, k % 12)).toLocaleString('en', { month: 'long', timeZone: 'UTC' }),
      (k: number) => (k % 28) + 1,
    ];
    for (const depth of [1, 2, 3, 2, 1]) {
      const count = [6, 12, 28][depth - 1] as number;
      const shown = levels.slice(0, depth);
      const cellOf = (level: number, k: number) =>
        (at[level] as (k: number) => string | number)(level < depth - 1 ? 6 : k);
      const actual = { displayName: 'Net', queryName: 'net', roles: { actual: true } };
      await draws(
        {
          columns: [
            ...shown.map((level) => ({
              displayName: level,
              queryName: `d.Variation.Date Hierarchy.${level}`,
              roles: { time: true },
              level,
            })),
            actual,
          ],
          categories: shown.map((_, level) => ({
            column: level,
            cells: Array.from({ length: count }, (_, k) => cellOf(level, k)),
          })),
          values: [{ column: depth, cells: Array.from({ length: count }, (_, k) => 100 + k) }],
          groups: [{ name: null, values: [0] }],
        },
        '2027-06-01T00:00:00',
      );
      const path = await visual.frame.locator('.actual path.whole').getAttribute('d');
      expect(path?.split('L').length, `${depth} levels`).toBe(count);
    }
  });

  test('fields taken away one by one, in both orders', async () => {
    const names = ['fan', 'state', 'severity', 'upper', 'lower', 'forecast', 'series', 'actual'] as const;
    for (const order of [names, [...names].reverse()]) {
      const bindings: Record<string, unknown> = {
        time: 'bucket_start_local',
        ...Object.fromEntries(names.map((n) => [n, n])),
      };
      for (const name of order) {
        delete bindings[name];
        await draws(dataViewOf(bandRows(), { bindings: bindings as never }));
      }
      await draws(null);
    }
    expect(await visual.frame.locator('.message').isVisible()).toBe(true);
  });

  test('values of another visual or of no sense in the format pane', async () => {
    const nonsense: FormatObjects[] = [
      { alarms: { sensitivity: -5, consecutive: 1e9, side: 'sideways', minimumDeviation: Number.NaN, judged: 'yes' } },
      { alarms: { sensitivity: 200, judged: 'here' }, band: { opacity: 1e6, nested: true, nestedCoverage: 0 } },
      { severity: { criticalShape: 7, criticalColour: { solid: { color: 'javascript:alert(1)' } }, size: -3 } },
      { axes: { minimum: 10, maximum: -10, fontSize: 4000, title: '<script>1</script>' } },
      { numbers: { units: 'lightyears', decimals: 99, dateFormat: '%%%' } },
      { multiples: { columns: -4 }, zoom: { days: -1 }, future: { buckets: 1e12 } },
      { maintenance: { windows: 'every full moon; 2026-99-99 10:00/11:00; Sun 25:61-99:99' } },
      { reference: { show: true, value: 'high', label: null } },
      { view: { from: 'x', to: {} } },
      { lines: { actualWidth: 'thick', actualStyle: null }, dataPoint: { fill: 1 }, general: { formatString: {} } },
    ];
    for (const objects of nonsense) await draws(dataViewOf(bandRows(), { objects }));
    await draws(dataViewOf(bandRows(), { objects: Object.assign({}, ...nonsense) }));
  });

  test('sizes from nothing to a wall', async () => {
    const view = dataViewOf(bandRows({ factor: (k) => (k === 40 ? 0.2 : 1) }));
    for (const [width, height] of [
      [0, 0],
      [1, 1],
      [30, 400],
      [400, 12],
      [240, 130],
      [100, 60],
      [3840, 2160],
    ]) {
      const ended = await visual.update({ width: width as number, height: height as number, view });
      expect(ended.name).toBe('rendering-finished');
    }
    expect(visual.complaints).toEqual([]);
  });

  test('a failure is told to the host and to the reader, and the next update draws again', async () => {
    const broken = { ...dataViewOf(bandRows()), groups: null } as unknown as PlainDataView;
    const ended = await visual.update({ ...size, view: broken });
    expect(ended.name).toBe('rendering-failed');
    expect(await visual.frame.locator('.message .title').textContent()).toBe('This picture could not be drawn');
    await draws(dataViewOf(bandRows()));
    expect(await visual.frame.locator('.message').isVisible()).toBe(false);
  });

  test('words that were measured before their font came are fitted again', async () => {
    const other = await stage.open();
    const view = dataViewOf(bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : 1) }));
    await other.update({ width: 960, height: 480, view });
    await expect.poll(() => other.frame.locator('.headline .detail').textContent()).toContain('since 16:00');
    await other.close();
  });

  test('several instances keep apart: no identifier is used twice', async () => {
    const other = await stage.open();
    await other.send({ kind: 'create', host: { locale: 'en-US' } });
    await other.update({ ...size, view: dataViewOf(bandRows()) });
    const ids = await other.frame.locator('[id]').evaluateAll((nodes) => nodes.map((node) => node.id));
    expect(new Set(ids).size).toBe(ids.length);
    await other.close();
  });

  test('removed from the page, it leaves nothing and answers no late update', async () => {
    const other = await stage.open();
    await other.update({ ...size, view: dataViewOf(bandRows()) });
    await other.send({ kind: 'updates', updates: [{ ...size, view: dataViewOf(bandRows()) }] });
    await other.send({ kind: 'destroy' });
    expect(await other.frame.locator('.tidemark').count()).toBe(0);
    expect(other.complaints).toEqual([]);
    await other.close();
  });
});
