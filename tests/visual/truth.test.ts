import { BAND_BINDINGS, dataViewOf } from '@tidemark/tools/power-bi-host/data-view';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { sceneNamed } from '@tidemark/tools/scenes/scenes';
import { dailyRows, modelRows } from '@tidemark/tools/scenes/truth';
import { describe, expect, test } from 'vitest';
import { stageOfFile } from './stage.ts';

const size = { width: 960, height: 480 };

const stage = await stageOfFile();
const visual = await stage.open();

/** What a scene says: its headline, its sentences, and how many alarms it draws. */
async function told(name: string) {
  const scene = sceneNamed(name);
  const { width, height, view, now } = scene;
  const ended = await visual.update({ width, height, view, ...(now === undefined ? {} : { now }) });
  expect(ended.name).toBe('rendering-finished');
  expect(visual.complaints).toEqual([]);
  return said();
}

async function said() {
  const text = async (selector: string) => (await visual.frame.locator(selector).allTextContents()).join(' ');
  return {
    word: await text('.headline .word'),
    detail: await text('.headline .detail'),
    notices: await text('.notices p'),
    message: await text('.message:visible'),
    titles: await visual.frame.locator('.panel > .title text').allTextContents(),
    alarms: await visual.frame.locator('.alarms path').count(),
  };
}

describe('old data is never green', () => {
  test('rows of another year are no data, with the year', async () => {
    expect(await told('old-rows')).toMatchObject({ word: 'NO DATA', detail: 'for 6y · since Sun Mar 8 2020 00:00' });
  });

  test('three buckets without data end a status, fewer do not, and an author may say otherwise', async () => {
    const at = async (now: string, staleAfter?: number) => {
      const objects = staleAfter === undefined ? {} : { freshness: { staleAfter } };
      await visual.update({ ...size, now, view: dataViewOf(bandRows(), { objects }) });
      return (await said()).word;
    };
    expect(await at('2026-03-08T05:59:00')).toBe('OK');
    expect(await at('2026-03-08T06:00:00')).toBe('NO DATA');
    expect(await at('2026-03-08T06:00:00', 4)).toBe('OK');
    expect(await at('2027-03-08T06:00:00', 0)).toBe('OK');
  });

  test('age is counted on the clock of the rows: the author’s zone, or UTC where the column says so', async () => {
    const shown = async (timeZone: string, time = 'bucket_start_local') => {
      const view = dataViewOf(bandRows(), { objects: { freshness: { timeZone } } });
      const columns = view.columns.map((column, k) => (k === 0 ? { ...column, queryName: `bands.${time}` } : column));
      await visual.update({ ...size, now: '2026-03-08T08:00:00Z', view: { ...view, columns } });
      return said();
    };
    expect((await shown('America/Lima')).word).toBe('OK');
    expect((await shown('', 'bucket_start_utc')).detail).toMatch(/^for 8h/);
    expect((await shown('Mars/Olympus')).notices).toContain('There is no time zone “Mars/Olympus”');
  });

  test('every panel says how long it has been without data', async () => {
    const { word, titles } = await told('stale-clients');
    expect(word).toBe('NO DATA');
    expect(titles).toHaveLength(6);
    for (const title of titles) expect(title).toMatch(/NO DATA for (9h|1d 9h)/);
  });

  test('an alarm leads the silent ones, which are counted', async () => {
    expect(await told('stopped-clients')).toMatchObject({
      word: 'WARNING',
      detail: expect.stringContaining('2 without data'),
    });
  });

  test('a visual left open grows old by itself', async () => {
    const other = await stage.open();
    await other.update({ ...size, now: '2026-03-08T05:59:59.500', view: dataViewOf(bandRows()) });
    const word = () => other.frame.locator('.headline .word').textContent();
    expect(await word()).toBe('OK');
    // The page's clock stands still between updates; the timer reads it again.
    await other.frame.evaluate(() => {
      const present = Date.now() + 2000;
      Date.now = () => present;
    });
    await expect.poll(word, { timeout: 10_000 }).toBe('NO DATA');
    await other.close();
  });

  test('days have no time of day', async () => {
    const { detail } = await told('daily');
    expect(detail).toBe('as of Fri May 1');
    const words = await visual.frame.locator('.time-axis .tick, .recent').allTextContents();
    expect(words.join(' ')).not.toMatch(/\d\d:\d\d/);
    expect(dailyRows()).toHaveLength(60);
  });
});

describe('the open bucket', () => {
  test('is neither judged nor drawn as a plunge where no State is bound, and says what it should hold by now', async () => {
    const { word, detail, alarms } = await told('open-unbound');
    expect({ word, alarms }).toEqual({ word: 'OK', alarms: 0 });
    expect(detail).toMatch(/so far, .* expected by now$/);
    expect(await visual.frame.locator('.open circle').count()).toBe(1);
    const line = await visual.frame.locator('.actual path.whole').getAttribute('d');
    expect(line?.split('L')).toHaveLength(72);
  });
});

describe('no verdict without memory', () => {
  test('four weeks of rows are drawn, not judged, and the header says what is missing', async () => {
    const { word, notices, alarms } = await told('short-memory');
    expect({ word, alarms }).toEqual({ word: 'NOT JUDGED', alarms: 0 });
    expect(notices).toContain('28 of 42 days of history');
    expect(await visual.frame.locator('.learning rect').count()).toBe(1);
    expect(await visual.frame.locator('.band path.outer').count()).toBeGreaterThan(0);
    expect(modelRows(28)).toHaveLength(28 * 12);
  });

  test('after six weeks the rows are judged, and the weeks before are marked', async () => {
    const { word, alarms } = await told('learnt');
    expect(word).toBe('OK');
    expect(alarms).toBeGreaterThan(0);
    expect(await visual.frame.locator('.learning rect').count()).toBe(1);
  });
});

describe('what is wrong by construction is said in a sentence that names the well', () => {
  test.each([
    ['exchanged-limits', /Lower limit is above Upper limit in 84 rows/],
    ['other-grain', /far beyond Lower limit by the same factor/],
    ['text-amounts', /Actual holds text such as “[\d]+,\d+”/],
  ])('%s', async (name, sentence) => {
    const { word, notices, alarms } = await told(name);
    expect({ word, alarms }).toEqual({ word: 'NOT JUDGED', alarms: 0 });
    expect(notices).toMatch(sentence);
  });

  test.each([
    ['text-times', /Time holds text such as “08\.03\.2026/],
    ['serial-times', /Time holds numbers such as 46083/],
    ['unknown-months', /Time holds text such as “Ianuarius”/],
  ])('%s', async (name, sentence) => {
    expect((await told(name)).message).toMatch(sentence);
  });

  test('months in Polish are twelve', async () => {
    await told('polish-months');
    expect((await visual.frame.locator('.actual path.whole').getAttribute('d'))?.split('L')).toHaveLength(12);
  });

  test('limits and actuals that are empty are named', async () => {
    const bindings = { time: 'bucket_start_local', actual: 'actual', lower: 'lower', upper: 'upper' };
    const without = (names: string[]) =>
      bandRows().map((row) => ({ ...row, ...Object.fromEntries(names.map((name) => [name, null])) }));
    await visual.update({ ...size, view: dataViewOf(without(['lower', 'upper']), { bindings }) });
    expect((await said()).notices).toContain('Lower limit has no value in any row');
    await visual.update({ ...size, view: dataViewOf(without(['actual']), { bindings }) });
    expect(await said()).toMatchObject({ word: 'NOT JUDGED', notices: expect.stringContaining('Actual has no value') });
  });
});

describe('what no verdict may rest on', () => {
  test('words that are no severity are named, and their absence is no OK', async () => {
    const rows = bandRows().map((row, k) => ({ ...row, grade: k === 40 ? 'rot' : 'gelb', calm: 'none' }));
    const show = (severity: string, objects = {}) =>
      visual.update({
        ...size,
        view: dataViewOf(rows, { bindings: { ...BAND_BINDINGS, severity }, objects }),
      });
    await show('grade');
    expect(await said()).toMatchObject({
      word: 'NOT JUDGED',
      notices: 'Severity holds “gelb” and the like; it reads info, warning, critical, or nothing.',
    });
    await show('grade', { alarms: { judged: 'here' } });
    expect((await said()).word).toBe('OK');
    await show('calm');
    expect(await said()).toMatchObject({ word: 'OK', notices: '' });
  });

  test('states that are none leave what is to come in the future, and are named', async () => {
    const rows = bandRows().map((row) => ({ ...row, state: 'x' }));
    await visual.update({ ...size, view: dataViewOf(rows), now: '2026-03-08T00:00:00' });
    expect(await said()).toMatchObject({ word: 'OK', notices: expect.stringContaining('State holds “x”') });
  });

  test('a row served without an alarm ends an incident where no limit is bound', async () => {
    const rows = bandRows({ factor: (k) => (k === 30 || k === 71 ? 0.3 : 1) });
    const bindings = { time: 'bucket_start_local', actual: 'actual', severity: 'severity', state: 'state' };
    await visual.update({ ...size, view: dataViewOf(rows, { bindings }) });
    expect((await said()).detail).toMatch(/^since 22:00/);
    expect(await visual.frame.locator('.recent button').count()).toBe(2);
  });

  test('without an actual it is said that there is none, limits or not', async () => {
    const { actual: _actual, ...bindings } = BAND_BINDINGS;
    await visual.update({ ...size, view: dataViewOf(bandRows(), { bindings: bindings as typeof BAND_BINDINGS }) });
    expect((await said()).notices).toBe('Bind Actual to see what happened.');
  });

  test('filters that leave no row, and a Time well without a field, are told apart', async () => {
    const view = dataViewOf(bandRows());
    await visual.update({ ...size, view: dataViewOf([]) });
    expect((await said()).message).toContain('a filter, a slicer or another visual leaves nothing');
    const columns = view.columns.map((column, k) => (k === 0 ? { ...column, roles: {} } : column));
    await visual.update({ ...size, view: { ...view, columns } });
    expect((await said()).message).toContain('No field is bound to Time');
  });
});

test('a series without a name is called blank among others, as everywhere in Power BI', async () => {
  const rows = [
    ...bandRows({ series: '', factor: (k) => (k === 71 ? 0.3 : 1) }),
    ...bandRows({ series: 'Other', seed: 2 }),
  ];
  await visual.update({ ...size, view: dataViewOf(rows) });
  const { detail, titles } = await said();
  expect(detail).toMatch(/^1 of 2 · \(Blank\) /);
  expect(titles.join(' ')).toContain('(Blank)');
});

test('on a phone the line of past alarms never ends in the words that lead to them', async () => {
  const view = dataViewOf(bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.3 + (k % 2) / 10 : k === 30 ? 0.4 : 1) }));
  await visual.update({ width: 320, height: 420, view });
  const line = visual.frame.locator('.recent');
  expect(await line.textContent()).toMatch(/^Furthest [\d%]+ at \d\d:\d\d$/);
  expect(await line.evaluate((node) => node.scrollWidth <= node.clientWidth)).toBe(true);
  await visual.update({ ...size, view });
  expect(await line.textContent()).toContain('Last alarms:');
});

test.each([
  ['en-US', /^Furthest /],
  ['es-ES', /^Mayor desvío /],
  ['pt-BR', /^Maior desvio /],
  ['it-IT', /^Scarto massimo /],
])('%s says of a spike, too, where it was furthest', async (locale, words) => {
  await visual.renew({ locale });
  const view = dataViewOf(bandRows({ factor: (k) => (k >= 68 && k < 72 ? (k === 69 ? 4 : 2) : 1) }));
  await visual.update({ ...size, view });
  expect(await visual.frame.locator('.recent').textContent()).toMatch(words);
  await visual.renew();
});

test('the amount of a contributor stays behind its name, written from right to left or not', async () => {
  const bindings = { ...BAND_BINDINGS, contributors: 'contributors' };
  const contributors = 'متجر النور −1,234; Tienda Uno +5; بنك;';
  const rows = bandRows({ factor: (k) => (k >= 69 ? 0.2 : 1) }).map((row) => ({ ...row, contributors }));
  await visual.update({ ...size, width: 1280, view: dataViewOf(rows, { bindings }) });
  const what = await visual.frame.locator('.incident-list .what').first().textContent();
  expect(what).toBe('\u2068متجر النور\u2069 −1,234; Tienda Uno +5; بنك');
});

test('weekends of a range of eight thousand years are left out without counting them', async () => {
  const rows = bandRows();
  const far = { ...rows[0], bucket_start_local: '9999-12-31T00:00:00' };
  const objects = { axes: { weekends: true }, zoom: { days: 0 } };
  // Its dates are counted: no other test may see that.
  const own = await stage.open();
  await own.frame.evaluate(() => {
    const global = globalThis as unknown as { dates: number; Date: DateConstructor };
    global.dates = 0;
    global.Date = new Proxy(global.Date, {
      construct(made, args) {
        global.dates++;
        return Reflect.construct(made, args);
      },
    });
  });
  await own.update({ ...size, view: dataViewOf([...rows, far], { objects }) });
  expect(await own.frame.evaluate(() => (globalThis as unknown as { dates: number }).dates)).toBeLessThan(20_000);
  expect(await own.frame.locator('.weekends rect').count()).toBe(0);
  await own.close();
});

describe('one alarm, one set of numbers', () => {
  const falling = bandRows({ factor: (k) => (k >= 69 && k < 72 ? 0.2 * (k - 68) : 1) });
  const known = falling.slice(69, 72);
  const sum = (value: (row: (typeof known)[number]) => number) => known.reduce((total, row) => total + value(row), 0);

  test('share and money are measured from the same limit, the forecast is named, and deepest is told from now', async () => {
    await visual.update({ width: 1280, height: 480, view: dataViewOf(falling) });
    const last = known[2] as (typeof known)[number];
    const share = Math.round(100 * (1 - Number(last.actual) / Number(last.lower)));
    const below = Math.round(sum((row) => Number(row.lower) - Number(row.actual)) / 1000);
    const forecast = Math.round(sum((row) => Number(row.forecast) - Number(row.actual)) / 1000);
    const aria = await visual.frame.locator('g.panel').getAttribute('aria-label');
    expect(aria).toContain(`${share}% below minimum since`);
    expect(aria).toContain(`lost ${below}K below minimum, ${forecast}K below forecast`);
    expect(await visual.frame.locator('.incidents text').last().textContent()).toBe(`6h · −${below}K`);
    expect(await visual.frame.locator('.recent').textContent()).toMatch(/^Furthest \d+% at 18:00/);
  });

  test.each([1280, 960, 700, 480, 360, 300])('at %i px the money is whole or left out, never cut', async (width) => {
    await visual.update({ width, height: 480, view: dataViewOf(falling, { format: '"MXN "#,0' }) });
    const { scroll, client } = await visual.frame.locator('.headline .detail').evaluate((node) => ({
      scroll: node.scrollWidth,
      client: node.clientWidth,
    }));
    expect(scroll).toBeLessThanOrEqual(client);
    const tools = await visual.frame.locator('.toolbar').boundingBox();
    const line = await visual.frame.locator('.headline').boundingBox();
    expect((line?.x ?? 0) + (line?.width ?? 0)).toBeLessThanOrEqual((tools?.x ?? 0) + 1);
  });

  test('a limit without a share gives money, everywhere', async () => {
    const { detail } = await told('below-zero');
    expect(detail).not.toContain('%');
    expect(await visual.frame.locator('.alarms text, .recent').allTextContents()).not.toContainEqual(
      expect.stringMatching(/%/),
    );
  });

  test('minus signs are minus signs', async () => {
    await told('below-zero');
    const words = await visual.frame.locator('.tidemark').textContent();
    expect(words).toMatch(/−\d/);
    expect(words).not.toMatch(/-\d/);
  });
});

describe('alarms on the picture', () => {
  test('the running alarm keeps every marker and its label however many there were before', async () => {
    await told('dense-alarms');
    const markers = await visual.frame
      .locator('.alarms path')
      .evaluateAll((nodes) =>
        nodes.map((node) => (node as SVGPathElement & { __data__: { time: number } }).__data__.time),
      );
    const running = markers.filter((time) => time >= Date.UTC(2026, 2, 2) + 980 * 7_200_000);
    expect(running.length).toBeGreaterThanOrEqual(6);
    expect(await visual.frame.locator('.alarms text').count()).toBeGreaterThan(0);
  });

  test('the legend of a drop points down', async () => {
    await visual.update({ ...size, view: dataViewOf(bandRows({ factor: (k) => (k === 40 ? 0.01 : 1) })) });
    const key = visual.frame.locator('.legend .key').last();
    expect(await key.textContent()).toBe('Alarm');
    expect(await key.locator('path').getAttribute('transform')).toBe('rotate(180)');
  });
});
