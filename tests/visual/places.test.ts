import { dataViewOf, type FormatObjects, type PlainDataView } from '@tidemark/tools/power-bi-host/data-view';
import type { OpenVisual } from '@tidemark/tools/power-bi-host/harness';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { describe, expect, test } from 'vitest';
import { freshVisuals, stageOfFile } from './stage.ts';

const stage = await stageOfFile();
const fresh = await freshVisuals(stage);

const rows = bandRows({ factor: (k) => (k === 40 ? 0.3 : 1) });
const many = ['One', 'Two', 'Three', 'Four', 'Five', 'Six'].flatMap((series, n) => bandRows({ series, seed: n + 1 }));
const size = { width: 640, height: 360 };

/** Words and marks that reach out of the visual's own box, in px. */
function overhang(visual: OpenVisual): Promise<number> {
  return visual.frame.evaluate(() => {
    const box = (document.querySelector('.tidemark') as HTMLElement).getBoundingClientRect();
    const inner = [...document.querySelectorAll('.tidemark .headline, .tidemark text, .tidemark .recent')];
    const shown = inner.map((node) => node.getBoundingClientRect()).filter(({ width }) => width > 0);
    return Math.max(0, ...shown.map(({ left, right }) => Math.max(right - box.right, box.left - left)));
  });
}

describe('in focus mode', () => {
  test('it fills the page, and back in its place it is what it was: same selection, same part of the time', async () => {
    const visual = await fresh();
    const view = dataViewOf(rows, {
      objects: { incidents: { place: 'none' }, view: { from: Date.UTC(2026, 2, 4), to: Date.UTC(2026, 2, 7) } },
    });
    await visual.update({ ...size, view });
    const alarm = await visual.frame.locator('.alarms path').first().boundingBox();
    await visual.page.mouse.click((alarm?.x ?? 0) + 5, (alarm?.y ?? 0) + 5);
    await expect.poll(() => visual.frame.locator('.selected circle').count()).toBe(1);
    const axis = () => visual.frame.locator('.time-axis .tick').allTextContents();
    const [before] = await axis();
    await visual.update({ width: 1280, height: 760, view, isInFocus: true });
    expect(await visual.frame.locator('svg.panels').getAttribute('width')).toBe('1260');
    expect(await visual.frame.locator('.selected circle').count()).toBe(1);
    await visual.update({ ...size, view, isInFocus: false });
    expect((await axis())[0]).toBe(before);
    expect(await visual.frame.locator('.selected circle').count()).toBe(1);
    expect(visual.complaints).toEqual([]);
  });
});

describe('in the mobile layout', () => {
  test.each([
    [320, 420],
    [360, 220],
    [160, 160],
  ])('%i × %i px hold every word, without a scroll to the side', async (width, height) => {
    const visual = await fresh();
    for (const view of [dataViewOf(rows), dataViewOf(many)]) {
      await visual.update({ width, height, view });
      const { scroll, client } = await visual.frame.evaluate(() => {
        const root = document.querySelector('.tidemark') as HTMLElement;
        return { scroll: root.scrollWidth, client: root.clientWidth };
      });
      expect(scroll).toBeLessThanOrEqual(client);
      expect(await overhang(visual)).toBeLessThanOrEqual(1);
    }
  });

  test('a finger on the line shows its tooltip, and says that it was a finger', async () => {
    const visual = await fresh();
    await visual.update({ width: 320, height: 420, view: dataViewOf(rows) });
    const place = { clientX: 160, clientY: 200, pointerType: 'touch', bubbles: true };
    await visual.frame.locator('svg.panels').dispatchEvent('pointermove', place);
    await expect.poll(async () => (await visual.eventsNamed('tooltip')).length).toBe(1);
    expect(await visual.told('tooltip')).toMatchObject({ touch: true });
  });
});

describe('under a finger that taps', () => {
  test('a bucket tells its tooltip, which stays when the finger is gone, and is selected', async () => {
    const visual = await stage.open();
    await visual.update({ width: 320, height: 420, view: dataViewOf(rows) });
    const phone = await visual.page.context().newCDPSession(visual.page);
    await phone.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    await phone.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: 160, y: 220 }] });
    await phone.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await expect.poll(async () => (await visual.eventsNamed('select')).length).toBe(1);
    expect((await visual.eventsNamed('tooltip')).length).toBe(1);
    expect(await visual.eventsNamed('tooltip-hide')).toEqual([]);
    expect(await visual.told('tooltip')).toMatchObject({ touch: true });
    await visual.close();
  });
});

describe('as a tile of a dashboard', () => {
  test.each([
    [200, 60, 1],
    [150, 150, 1],
    [220, 700, 6],
  ])(
    'of %i × %i px it has %i of six series, the most urgent ones, and no list to scroll',
    async (width, height, count) => {
      const visual = await fresh();
      const alarmed = bandRows({ series: 'Zoe', seed: 9, factor: (k) => (k >= 69 && k < 72 ? 0.2 : 1) });
      await visual.update({
        width,
        height,
        view: dataViewOf([...many.filter(({ series }) => series !== 'Six'), ...alarmed]),
      });
      expect(await visual.frame.locator('g.panel').count()).toBe(count);
      expect(await visual.frame.locator('g.panel').first().getAttribute('aria-label')).toMatch(/^Zoe, (ALARM|WARNING)/);
      expect(await visual.frame.locator('.headline').textContent()).toContain('1 of 6');
      expect(await visual.frame.locator('.cue').isVisible()).toBe(false);
    },
  );

  test('it is a picture: no tool, no zoom, no selection, and nothing is kept', async () => {
    const visual = await fresh({ allowInteractions: false });
    await visual.update({ ...size, height: 420, view: dataViewOf(rows) });
    const axis = () => visual.frame.locator('.time-axis .tick').allTextContents();
    const before = await axis();
    const strip = await visual.frame.locator('.brush-strip').boundingBox();
    if (strip === null) throw new Error('no strip');
    await visual.page.mouse.move(strip.x + 100, strip.y + 20);
    await visual.page.mouse.down();
    await visual.page.mouse.move(strip.x + 200, strip.y + 20, { steps: 3 });
    await visual.page.mouse.up();
    await visual.page.keyboard.down('Control');
    await visual.page.mouse.move(300, 200);
    await visual.page.mouse.wheel(0, -400);
    await visual.page.keyboard.up('Control');
    await visual.frame.locator('g.panel').focus();
    for (const key of ['a', 'Enter', '+', 'Escape']) await visual.page.keyboard.press(key);
    await visual.page.waitForTimeout(50);
    expect(await axis()).toEqual(before);
    const asked = new Set((await visual.events()).map((event) => event.name));
    for (const name of ['select', 'clear', 'persist', 'context-menu']) expect(asked).not.toContain(name);
    expect(await visual.frame.locator('.toolbar button').count()).toBe(0);
  });
});

describe('in an export to PDF or PowerPoint', () => {
  test('what is on the screen when rendering ends is all there is: nothing moves, nothing comes later', async () => {
    const visual = await fresh();
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows) });
    const first = await visual.picture();
    expect(await visual.frame.evaluate(() => document.getAnimations().length)).toBe(0);
    await visual.page.waitForTimeout(400);
    expect((await visual.picture()).equals(first)).toBe(true);
  });

  test('on paper the tools are gone, and every word and mark of the screen is there', async () => {
    const visual = await stage.open();
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows) });
    await visual.page.mouse.move(400, 200);
    const words = () => visual.frame.locator('.tidemark text, .headline, .recent, .legend .key').allTextContents();
    const onScreen = await words();
    await visual.page.emulateMedia({ media: 'print' });
    expect(await visual.frame.locator('.toolbar').isVisible()).toBe(false);
    expect(await words()).toEqual(onScreen);
    for (const mark of ['.band path.outer', '.actual path', '.alarms path', '.headline .sign']) {
      expect(await visual.frame.locator(mark).first().isVisible(), mark).toBe(true);
    }
    expect((await visual.page.pdf()).length).toBeGreaterThan(10_000);
    await visual.close();
  });
});

describe('several on one page', () => {
  test('share no identifier, clip their own plots, and each hears its own pointer only', async () => {
    const visual = await stage.open();
    await visual.update({ ...size, view: dataViewOf(many) });
    await visual.frame.evaluate(
      (update) => (globalThis as unknown as { tidemarkHost: Beside }).tidemarkHost.createBeside(update),
      { width: 320, height: 360, view: dataViewOf(rows) },
    );
    const { ids, foreign } = await visual.frame.evaluate(() => {
      const nodes = [...document.querySelectorAll('[clip-path], [mask], [fill^="url("]')];
      const named = (node: Element) =>
        ['clip-path', 'mask', 'fill'].map((name) => /url\(#(.+)\)/.exec(node.getAttribute(name) ?? '')?.[1]);
      const own = (node: Element, id: string) =>
        node.closest('.tidemark') === document.getElementById(id)?.closest('.tidemark');
      return {
        ids: [...document.querySelectorAll('[id]')].map((node) => node.id),
        foreign: nodes.flatMap((node) => named(node).filter((id) => id !== undefined && !own(node, id))),
      };
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(foreign).toEqual([]);
    const second = visual.frame.locator('.tidemark').nth(1);
    const box = await second.locator('svg.panels').boundingBox();
    await visual.page.mouse.move((box?.x ?? 0) + 150, (box?.y ?? 0) + 100);
    await expect.poll(() => second.locator('.focus circle').count()).toBe(1);
    expect(await visual.frame.locator('.tidemark').first().locator('.focus circle').count()).toBe(0);
    await visual.send({ kind: 'destroy' });
    expect(await visual.frame.locator('.tidemark .actual path').count()).toBeGreaterThan(0);
    expect(visual.complaints).toEqual([]);
    await visual.close();
  });
});

interface Beside {
  createBeside(update: object): Promise<void>;
}

/** What a report keeps of Power BI's own charts, and hands to whatever visual takes their place. */
const LINE_CHART: FormatObjects = {
  categoryAxis: { show: true, axisType: 'Scalar', fontSize: 9 },
  valueAxis: { show: true, start: 'low', end: {}, secShow: false },
  dataPoint: { defaultColor: { solid: { color: '#118DFF' } }, showAllDataPoints: true },
  lineStyles: { strokeWidth: 3, showMarker: true, lineStyle: 'dotted' },
  labels: { show: true, labelDisplayUnits: 1000, color: { solid: { color: '#777777' } } },
  legend: { show: 'yes', position: 'Top', titleText: 'Client' },
  zoom: { show: true, categoryMin: 3, days: { seconds: 1 } },
  forecast: { show: true, forecastLength: 10, confidenceBandStyle: 'fill' },
  y1AxisReferenceLine: { show: true, value: 3 },
  reference: { show: 'always', value: '12' },
  general: { formatString: '0.0', altText: 'A chart' },
};

const MATRIX: FormatObjects = {
  columnHeaders: { fontColor: { solid: { color: '#fff' } }, autoSizeColumnWidth: true },
  rowHeaders: { steppedLayout: true, stepOffset: 12 },
  values: { backColorPrimary: { solid: { color: '#eee' } } },
  subTotals: { rowSubtotals: false },
  grid: { gridVertical: true, rowPadding: 3 },
};

/** The fields of another chart in its own wells, as they arrive for a moment while one visual becomes another. */
function inWells(view: PlainDataView, roles: readonly string[]): PlainDataView {
  return {
    ...view,
    columns: view.columns.map((column, k) => ({ ...column, roles: { [roles[k % roles.length] as string]: true } })),
  };
}

describe('made from another visual, and made into another', () => {
  test('a line chart: its wells and settings are no harm, and the fields draw once they are in place', async () => {
    const visual = await fresh();
    const drawn = dataViewOf(rows, { objects: LINE_CHART });
    const before = inWells(drawn, ['Category', 'Y', 'Series', 'Tooltips']);
    for (const view of [before, drawn, before, { ...drawn, objects: MATRIX }, drawn]) {
      expect((await visual.update({ ...size, view })).name).toBe('rendering-finished');
    }
    expect(await visual.frame.locator('.band path.outer').count()).toBe(1);
    expect(await visual.frame.locator('.reference path').count()).toBe(0);
    await visual.update({ ...size, view: before });
    expect(await visual.frame.locator('.message .title').textContent()).toBe('Payment volume against its tide marks');
    expect(visual.complaints).toEqual([]);
  });

  test('a matrix or a table: rows in another form say what to bind, and nothing breaks', async () => {
    const visual = await fresh();
    const drawn = dataViewOf(rows, { objects: MATRIX });
    const root = { children: [{ level: 0, value: 'Acme', values: { 0: { value: 12 } } }] };
    const forms = [
      { matrix: { rows: { root, levels: [] }, columns: { root: {}, levels: [] }, valueSources: [] } },
      { table: { columns: [], rows: [['Acme', 12]], identity: [] } },
      { single: { value: 12 } },
      { tree: { root } },
    ];
    for (const form of forms) {
      const view = { ...inWells(drawn, ['Rows', 'Columns', 'Values']), form };
      expect((await visual.update({ ...size, view })).name).toBe('rendering-finished');
      expect(await visual.frame.locator('.message').isVisible()).toBe(true);
      expect((await visual.update({ ...size, view: drawn })).name).toBe('rendering-finished');
      expect(await visual.frame.locator('.message').isVisible()).toBe(false);
    }
    expect(visual.complaints).toEqual([]);
  });
});
