import { dataViewOf, type FormatObjects, type TableRow } from '@tidemark/tools/power-bi-host/data-view';
import type { OpenVisual } from '@tidemark/tools/power-bi-host/harness';
import type { HostScript } from '@tidemark/tools/power-bi-host/messages';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { describe, expect, test } from 'vitest';
import { freshVisuals, stageOfFile } from './stage.ts';

const stage = await stageOfFile();
const fresh = await freshVisuals(stage);

const rows = bandRows({ factor: (k) => (k === 40 ? 0.3 : 1) });

async function opened(host: Partial<HostScript> = {}, objects: FormatObjects = {}): Promise<OpenVisual> {
  const visual = await fresh(host);
  await visual.update({ width: 960, height: 480, view: dataViewOf(rows, { objects }) });
  return visual;
}

/** Where the only alarm is, in the page. */
async function alarmPlace(visual: OpenVisual): Promise<{ x: number; y: number }> {
  const box = await visual.frame.locator('.alarms path').first().boundingBox();
  if (box === null) throw new Error('no alarm is drawn');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

describe('pointing', () => {
  test('a tooltip tells value, range and how far outside, with the identity of the row', async () => {
    const visual = await opened();
    const { x, y } = await alarmPlace(visual);
    await visual.page.mouse.move(x, y);
    await expect.poll(async () => (await visual.eventsNamed('tooltip')).length).toBeGreaterThan(0);
    const { items, keys } = await visual.told<{
      items: { displayName: string; value: string; header: string }[];
      keys: string[];
    }>('tooltip', -1);
    expect(items.map((item) => item.displayName)).toEqual([
      'Actual',
      'Forecast',
      'Expected range',
      expect.any(String),
      'score',
    ]);
    expect(items[3]?.value).toMatch(/% below minimum$/);
    expect(items[0]?.header).toMatch(/^Acme · Thu Mar 5 08:00 – 10:00$/);
    expect(keys).toHaveLength(1);
  });

  test('numbers wear the format the model gives each row, dynamic ones included', async () => {
    const visual = await fresh();
    const view = dataViewOf(rows, { format: '#,0' });
    const dynamic = view.values.map((column, k) => ({
      ...column,
      objects: column.cells.map((_, row) =>
        k === 0 && row % 2 === 0 ? { general: { formatString: '\\$#,0.00' } } : null,
      ),
    }));
    await visual.update({ width: 960, height: 480, view: { ...view, values: dynamic } });
    const actuals = new Set<string>();
    for (const x of [300, 310, 320, 330, 340]) {
      const told = async () => (await visual.eventsNamed('tooltip')).length;
      const before = await told();
      await visual.page.mouse.move(x, 240, { steps: 3 });
      await expect.poll(told, { timeout: 10_000 }).toBeGreaterThan(before);
      const { items } = await visual.told<{ items: { value: string }[] }>('tooltip', -1);
      actuals.add(items[0]?.value.replaceAll(/\d/g, '0') ?? '');
    }
    expect([...actuals].sort()).toEqual(['$000,000.00', '000,000']);
  });

  test('a click selects, a second one with Ctrl adds, a third on the same takes away, and a click beside clears', async () => {
    const visual = await opened();
    const { x, y } = await alarmPlace(visual);
    const selections = async () =>
      (await visual.eventsNamed('select')).map((event) => (event.detail as string[]).length);
    await visual.page.mouse.click(x, y);
    await visual.page.keyboard.down('Control');
    await visual.page.mouse.click(x - 120, y);
    await visual.page.keyboard.up('Control');
    await expect.poll(selections).toEqual([1, 2]);
    expect(await visual.frame.locator('.selected circle').count()).toBe(2);
    await visual.page.mouse.click(x, y);
    await visual.page.mouse.click(x, y);
    await expect.poll(selections).toEqual([1, 2, 1, 0]);
    await expect.poll(() => visual.frame.locator('.selected circle').count()).toBe(0);
  });

  test('a bookmark’s selection is drawn', async () => {
    const visual = await opened();
    const { x, y } = await alarmPlace(visual);
    await visual.page.mouse.click(x, y);
    await expect.poll(async () => (await visual.eventsNamed('select')).length).toBe(1);
    const [key] = await visual.told<string[]>('select');
    await visual.send({ kind: 'select', keys: [] });
    await expect.poll(() => visual.frame.locator('.selected circle').count()).toBe(0);
    await visual.send({ kind: 'select', keys: [key as string] });
    await expect.poll(() => visual.frame.locator('.selected circle').count()).toBe(1);
  });

  test('the context menu opens on a bucket with its identity, and on empty ground without', async () => {
    const visual = await opened();
    const { x, y } = await alarmPlace(visual);
    await visual.page.mouse.click(x, y, { button: 'right' });
    await visual.page.mouse.click(5, 5, { button: 'right' });
    await expect.poll(async () => (await visual.eventsNamed('context-menu')).length).toBe(2);
    const keys = (await visual.eventsNamed('context-menu')).map(
      (event) => (event.detail as { key: string | null }).key,
    );
    expect(keys).toEqual([expect.stringContaining('bucket_start_local'), null]);
  });

  test('where interactions are not allowed, nothing is selected and no menu opens', async () => {
    const visual = await opened({ allowInteractions: false });
    const { x, y } = await alarmPlace(visual);
    await visual.page.mouse.click(x, y);
    await visual.page.mouse.click(x, y, { button: 'right' });
    await visual.page.waitForTimeout(50);
    const names = (await visual.events()).map((event) => event.name);
    expect(names).not.toContain('select');
    expect(names).not.toContain('context-menu');
    expect(await visual.frame.locator('.toolbar button').count()).toBe(0);
  });

  test('in the overview the series that another visual leaves out are dimmed', async () => {
    const visual = await fresh();
    const rows = ['One', 'Two', 'Three'].flatMap((series) => bandRows({ series }));
    const objects = { multiples: { layout: 'table' } };
    const lookOf = async (highlight?: (row: TableRow) => boolean) => {
      const view = dataViewOf(rows, { objects, ...(highlight === undefined ? {} : { highlight }) });
      await visual.update({ width: 960, height: 480, view });
      return visual.frame
        .locator('.overview tbody tr')
        .evaluateAll((lines) => lines.map((line) => [line.querySelector('.series')?.textContent, line.style.opacity]));
    };
    expect(Object.fromEntries(await lookOf(({ series }) => series === 'Two'))).toEqual({
      One: '0.35',
      Two: '',
      Three: '0.35',
    });
    expect(Object.fromEntries(await lookOf())).toEqual({ One: '', Two: '', Three: '' });
  });

  test('what another visual highlights keeps its points, the rest is dimmed', async () => {
    const visual = await fresh();
    const view = dataViewOf(rows, { highlight: (row) => String(row.bucket_start).startsWith('2026-03-05') });
    await visual.update({ width: 960, height: 480, view });
    expect(await visual.frame.locator('.actual path').first().getAttribute('stroke-opacity')).toBe('0.35');
    expect(await visual.frame.locator('.actual circle').count()).toBe(12);
  });
});

describe('zooming', () => {
  test('the strip shows a part, keeps it with the report, and a key brings all back', async () => {
    const visual = await opened();
    const strip = await visual.frame.locator('.brush-strip .overlay').boundingBox();
    if (strip === null) throw new Error('no strip');
    const y = strip.y + strip.height / 2;
    await visual.page.mouse.move(strip.x + strip.width * 0.5, y);
    await visual.page.mouse.down();
    await visual.page.mouse.move(strip.x + strip.width * 0.75, y, { steps: 4 });
    await visual.page.mouse.up();
    await expect.poll(async () => (await visual.eventsNamed('persist')).length).toBe(1);
    const change = await visual.told<{
      merge: { objectName: string; properties: { from: number; to: number } }[];
    }>('persist');
    expect(change.merge.map((one) => one.objectName)).toEqual(['view']);
    const [from = 0, to = 0] = change.merge.flatMap(({ properties }) => [properties.from, properties.to]);
    expect((to - from) / (84 * 7_200_000)).toBeCloseTo(0.25, 1);
    await visual.frame.locator('.toolbar .reset').click({ force: true });
    await expect.poll(async () => (await visual.eventsNamed('persist')).at(-1)?.detail).toHaveProperty('remove');
  });

  test('a kept part is shown again', async () => {
    const visual = await opened({}, { view: { from: Date.UTC(2026, 2, 4), to: Date.UTC(2026, 2, 5) } });
    const words = (await visual.frame.locator('.time-axis .tick').allTextContents()).join(' ');
    expect(words).toContain('Wed Mar 4');
    expect(words).not.toContain('Mar 7');
  });
});

describe('keyboard and screen reader', () => {
  test('arrows walk the buckets and A goes to the alarm; each is said', async () => {
    const visual = await opened();
    await visual.frame.locator('g.panel').focus();
    await visual.page.keyboard.press('a');
    const spoken = () => visual.frame.locator('.spoken').textContent();
    await expect.poll(spoken).toMatch(/^Thu Mar 5 08:00, .*below minimum$/);
    await visual.page.keyboard.press('ArrowRight');
    await expect.poll(spoken).toMatch(/^Thu Mar 5 10:00/);
    await visual.page.keyboard.press('Enter');
    await expect.poll(async () => (await visual.eventsNamed('select')).length).toBe(1);
    await visual.page.keyboard.press('Shift+F10');
    await expect.poll(async () => (await visual.eventsNamed('context-menu')).length).toBe(1);
    await visual.page.keyboard.press('Escape');
    await expect.poll(async () => (await visual.eventsNamed('clear')).length).toBe(1);
  });

  test('Tab goes from panel to panel as they are read, then to the tools, and nowhere else', async () => {
    const visual = await fresh({ download: true });
    const two = ['First', 'Second'].flatMap((series, n) => bandRows({ series, seed: n + 1 }));
    await visual.update({ width: 960, height: 480, view: dataViewOf(two) });
    await visual.page.locator('iframe').focus();
    const stops: string[] = [];
    for (let k = 0; k < 5; k++) {
      await visual.page.keyboard.press('Tab');
      stops.push(await visual.frame.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? ''));
    }
    expect(stops).toEqual([
      expect.stringMatching(/^(First|Second), OK/),
      expect.stringMatching(/^(First|Second), OK/),
      'Show rows as a table',
      'List the incidents',
      'Export visible rows',
    ]);
    const titles = await visual.frame.locator('.panel > .title').allTextContents();
    expect(titles.map((title) => title.split(' ')[0])).toEqual(stops.slice(0, 2).map((stop) => stop.split(',')[0]));
  });

  test('every panel has a name of its own and the whole is told when it changes', async () => {
    const visual = await opened();
    expect(await visual.frame.locator('g.panel').getAttribute('aria-label')).toMatch(/^Acme, OK/);
    expect(await visual.frame.locator('.spoken').textContent()).toMatch(/^OK as of .*Last alarms: Thu Mar 5 08:00/);
  });

  test('T shows the rows as a table, now first, and T hides it again', async () => {
    const visual = await opened();
    await visual.frame.locator('g.panel').focus();
    await visual.page.keyboard.press('t');
    expect(await visual.frame.locator('.table tbody tr').count()).toBe(84);
    expect(await visual.frame.locator('.table th').first().textContent()).toBe('Time');
    await visual.page.keyboard.press('t');
    expect(await visual.frame.locator('.table').isVisible()).toBe(false);
  });
});

describe('what the host offers', () => {
  test('older rows are fetched while there are any, and the newest stay', async () => {
    const long = bandRows({ buckets: 300 });
    const newest = long.slice(150);
    const visual = await fresh({ moreData: [dataViewOf(long, { objects: { zoom: { days: 0 } } })] });
    const all = { objects: { zoom: { days: 0 } } };
    await visual.update({ width: 960, height: 480, view: { ...dataViewOf(newest, all), segment: true } });
    await expect.poll(async () => (await visual.eventsNamed('rendering-finished')).length).toBe(2);
    const path = await visual.frame.locator('.band path.outer').getAttribute('d');
    expect(path?.match(/[ML]/g)?.length).toBeGreaterThan(0);
    expect(path?.split(/[ML]/).length).toBe(2 * 300 + 1);
  });

  test('visible rows are exported as CSV where the host allows it, and a formula in a name is defused', async () => {
    const visual = await fresh({ download: true });
    const risky = bandRows({ series: '=HYPERLINK("x")' });
    await visual.update({ width: 960, height: 480, view: dataViewOf(risky) });
    await visual.frame.locator('.toolbar .export').click({ force: true });
    await expect.poll(async () => (await visual.eventsNamed('download')).length).toBe(1);
    const { content } = await visual.told<{ content: string }>('download');
    const lines = content.split('\r\n');
    expect(lines[0]).toBe('Time,Series,Net volume,Forecast,Lower limit,Upper limit,Severity,Deviation');
    expect(lines).toHaveLength(85);
    expect(lines[1]).toContain(`"'=HYPERLINK(""x"")"`);
    await visual.update({ width: 960, height: 480, view: dataViewOf(bandRows({ series: '-2+3+cmd|calc' })) });
    await visual.frame.locator('.toolbar .export').click({ force: true });
    await expect.poll(async () => (await visual.eventsNamed('download')).length).toBe(2);
    expect((await visual.told<{ content: string }>('download', -1)).content).toContain(",'-2+3+cmd|calc,");
  });

  test('a rule of the author’s colours the alarm it is for', async () => {
    const visual = await fresh();
    const view = dataViewOf(rows);
    const fill = {
      severity: { warningColour: { solid: { color: '#00ff00' } }, criticalColour: { solid: { color: '#00ff00' } } },
    };
    const ruled = {
      ...view,
      categories: view.categories.map((one) => ({ ...one, objects: one.cells.map(() => fill) })),
    };
    await visual.update({ width: 960, height: 480, view: ruled });
    expect(await visual.frame.locator('.alarms path').getAttribute('fill')).toBe('#00ff00');
  });

  test('the words, numbers and dates are the reader’s, and the markup says their language', async () => {
    const visual = await opened({ locale: 'es-ES' });
    expect(await visual.frame.locator('.tidemark').getAttribute('lang')).toBe('es-ES');
    expect(await visual.frame.locator('.recent').textContent()).toMatch(/^Últimas alarmas: jue 5 mar 08:00/);
    expect(await visual.frame.locator('.legend').textContent()).toContain('Rango esperado');
  });

  test('high contrast uses the palette of the system only', async () => {
    const palette = {
      foreground: '#ffff00',
      background: '#000000',
      foregroundSelected: '#00ff00',
      hyperlink: '#ff00ff',
    };
    const visual = await opened({ highContrast: true, ...palette });
    const used = await visual.frame
      .locator('.plot [stroke], .over [fill], .plot [fill]')
      .evaluateAll((nodes) => nodes.flatMap((node) => [node.getAttribute('fill'), node.getAttribute('stroke')]));
    const allowed = new Set([null, 'none', ...Object.values(palette)]);
    expect(used.filter((colour) => !allowed.has(colour) && !colour?.startsWith('url('))).toEqual([]);
  });

  test('in format mode a click on a mark selects it for formatting', async () => {
    const visual = await fresh();
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows), formatMode: true });
    const { x, y } = await alarmPlace(visual);
    await visual.page.mouse.click(x, y);
    await visual.frame.locator('.headline .word').click();
    await expect.poll(async () => (await visual.eventsNamed('sub-select')).length).toBe(2);
    const names = (await visual.eventsNamed('sub-select')).map(
      (event) => (event.detail as { displayName: string }).displayName,
    );
    expect(names).toEqual(['Alarm colours and shapes', 'Status header']);
  });
});

describe('the format pane', () => {
  test('every setting is a property of the capabilities, and none has no words', async () => {
    const visual = await opened();
    const model = (await visual.formattingModel()) as { cards: Card[] };
    const { objects } = stage.visual.capabilities;
    expect(model.cards.map((card) => card.displayName)).toContain('Alarms');
    for (const card of model.cards) {
      const slices = [
        ...card.groups.flatMap((group) => group.slices ?? []),
        ...(card.topLevelToggle ? [card.topLevelToggle] : []),
      ];
      for (const slice of slices) {
        const { objectName, propertyName } = slice.control.properties.descriptor;
        expect(Object.keys(objects[objectName]?.properties ?? {}), objectName).toContain(propertyName);
        expect(slice.displayName ?? 'Show', `${objectName}.${propertyName}`).not.toMatch(/^(Prop|Card|Choice)_/);
      }
    }
  });
});

interface Card {
  readonly displayName: string;
  readonly topLevelToggle?: Slice;
  readonly groups: readonly { readonly slices?: readonly Slice[] }[];
}

interface Slice {
  readonly displayName?: string;
  readonly control: {
    readonly properties: { readonly descriptor: { readonly objectName: string; readonly propertyName: string } };
  };
}
