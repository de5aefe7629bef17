import { BAND_BINDINGS, type Bindings, dataViewOf } from '@tidemark/tools/power-bi-host/data-view';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { sceneNamed } from '@tidemark/tools/scenes/scenes';
import { afterEach, describe, expect, test } from 'vitest';
import { stageOfFile } from './stage.ts';

const stage = await stageOfFile();
const visual = await stage.open();

afterEach(() => expect(visual.complaints).toEqual([]));

/** Plays a scene on the page all tests share. */
async function play(name: string, size: { width?: number; height?: number } = {}): Promise<void> {
  const scene = sceneNamed(name);
  const { width, height, view, now } = scene;
  await visual.send({ kind: 'create', host: { locale: 'en-US', ...scene.host } });
  const ended = await visual.update({ width, height, view, ...size, ...(now === undefined ? {} : { now }) });
  expect(ended.name).toBe('rendering-finished');
}

const texts = (selector: string) => visual.frame.locator(selector).allTextContents();
const timeWords = async () => (await texts('.time-axis .tick')).join(' ');

describe('long ranges', () => {
  test('two years are drawn by week with the reach of each, and every alarm keeps its marker', async () => {
    await play('two-years');
    expect(await texts('.legend .key')).toEqual([
      'Net volume, mean of each week',
      'Lowest to highest of the week',
      'Expected range',
      'Forecast',
      'Alarm',
      'Warning',
    ]);
    const line = await visual.frame.locator('.actual path.whole').first().getAttribute('d');
    expect(line?.split('L').length).toBe(104);
    expect(await visual.frame.locator('.envelope path').count()).toBe(1);
    expect(await visual.frame.locator('.alarms path').count()).toBe(2);
    expect(await visual.frame.locator('.incidents path').count()).toBe(2);
  });

  test('half a year is drawn by day', async () => {
    await play('half-year');
    expect((await texts('.legend .key'))[0]).toBe('Net volume, mean of each day');
  });

  test('the first view is the last fortnight; the strip holds the whole, and a tool shows it', async () => {
    await play('first-view');
    const line = await visual.frame.locator('.actual path.whole').getAttribute('d');
    expect(line?.split('L').length).toBeLessThanOrEqual(13 * 12 + 2);
    expect(await visual.frame.locator('.envelope path').count()).toBe(0);
    await visual.frame.locator('.toolbar .reset').click({ force: true });
    await expect.poll(() => visual.frame.locator('.envelope path').count()).toBe(1);
    expect(await visual.told('persist', -1)).toMatchObject({ merge: [{ properties: { from: 0 } }] });
  });

  test('days and months have sixty buckets in their first view', async () => {
    await play('daily');
    expect(await timeWords()).toContain('Mar');
  });

  test('a resize draws the same rows at another size, and a status grows old after it', async () => {
    const now = '2026-03-08T05:59:59.500';
    const view = dataViewOf(bandRows());
    // Its clock is moved on: no other test may see that.
    const own = await stage.open();
    await own.update({ width: 960, height: 480, now, view });
    const before = await own.frame.locator('.band path.outer').getAttribute('d');
    await own.update({ width: 720, height: 400, now, view, type: 4 });
    expect(await own.frame.locator('.band path.outer').getAttribute('d')).not.toBe(before);
    await own.frame.evaluate(() => {
      const present = Date.now() + 2000;
      Date.now = () => present;
    });
    await expect.poll(() => own.frame.locator('.headline .word').textContent(), { timeout: 10_000 }).toBe('NO DATA');
    await own.close();
  });
});

describe('many clients', () => {
  /** Pairs of words that touch, among the words of one panel or axis. */
  const overprints = () =>
    visual.frame.evaluate(() => {
      const boxes = [...document.querySelectorAll('.panel > .title text, .time-axis .tick, .value-axis text.tick')].map(
        (node) => ({ words: node.textContent ?? '', box: node.getBoundingClientRect() }),
      );
      const edge = document.querySelector('.tidemark')?.getBoundingClientRect().right ?? 0;
      const found: string[] = boxes
        .filter(({ box }) => box.right > edge + 1)
        .map(({ words }) => `${words} beyond the edge`);
      for (const [k, one] of boxes.entries())
        for (const other of boxes.slice(k + 1)) {
          const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
          const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
          // Line boxes are taller than their letters.
          if (across > 0 && down > 5) found.push(`${one.words} | ${other.words}`);
        }
      return found;
    });

  test.each([
    ['clients-8', {}],
    ['clients-25', {}],
    ['large-words', {}],
    ['large-words', { width: 420 }],
    ['six-columns', {}],
  ])('no word touches another or the edge: %s %o', async (name, size) => {
    await play(name, size);
    expect(await overprints()).toEqual([]);
  });

  test('a long name ends in an ellipsis and keeps its status and its whole name for the pointer', async () => {
    await play('clients-25');
    const titles = visual.frame.locator('.panel > .title text').filter({ hasText: '…' });
    expect(await titles.count()).toBeGreaterThan(0);
    for (const words of await titles.allTextContents()) expect(words).toMatch(/… ?OK|… .*\d/);
    expect(await titles.first().locator('title').textContent()).toMatch(/^Comercializadora Internacional número/);
  });

  test('the strip begins and ends where the panels above it do', async () => {
    await play('first-view');
    const ground = await visual.frame.locator('.brush-strip .ground').boundingBox();
    const clip = Number(await visual.frame.locator('clipPath rect').getAttribute('width'));
    expect(ground?.width).toBeCloseTo(clip, 0);
  });
});

describe('the overview of many clients', () => {
  const column = (name: string) => texts(`.overview tbody td.${name}`);

  test('it takes the place of panels that would scroll, the alarmed ones first, with the money of each', async () => {
    await play('clients-60');
    expect(await visual.frame.locator('.overview tbody tr').count()).toBe(60);
    expect(await visual.frame.locator('.chart').isVisible()).toBe(false);
    const states = await column('state');
    expect(states.slice(0, 6)).toEqual(['ALARM', 'ALARM', 'ALARM', 'WARNING', 'NO DATA 22h', 'OK']);
    expect((await column('risk')).slice(0, 6)).toEqual([...Array(4).fill(expect.stringMatching(/^−\d+K$/)), '', '']);
    expect((await column('last'))[0]).toMatch(/^Sat Mar 7 18:00 −\d\d%$/);
    expect(await visual.frame.locator('.cue').textContent()).toMatch(/^▾ \d\d more$/);
  });

  test('its columns sort by a click, most first, and the other way by a second one', async () => {
    const money = async () =>
      (await column('risk')).flatMap((words) => (words === '' ? [] : [Number(/\d+/.exec(words)?.[0])]));
    await visual.frame.locator('.overview th.risk button').click();
    await expect.poll(() => visual.frame.locator('.overview th.risk').getAttribute('aria-sort')).toBe('ascending');
    expect(await money()).toEqual((await money()).toSorted((a, b) => b - a));
    await visual.frame.locator('.overview th.risk button').click();
    await expect.poll(async () => (await money())[0]).toBe(Math.min(...(await money())));
    await visual.frame.locator('.overview th.series button').click();
    await expect.poll(async () => (await column('series'))[1]).toBe('Client 2');
  });

  test('a click opens a series by itself and selects it, Escape shows all again', async () => {
    await play('clients-60');
    await visual.frame.locator('.overview tbody td.series button').nth(1).click();
    await expect.poll(() => visual.frame.locator('g.panel').count()).toBe(1);
    expect(await visual.told('select', -1)).toEqual([expect.stringMatching(/^series:Client \d+$/)]);
    expect(await visual.frame.locator('.headline .word').textContent()).toBe('ALARM');
    expect(await visual.frame.locator('.back').textContent()).toBe('‹ All 60 series (Esc)');
    await visual.frame.locator('g.panel').focus();
    await visual.page.keyboard.press('Escape');
    await expect.poll(() => visual.frame.locator('.overview tbody tr').count()).toBe(60);
    await expect.poll(() => visual.frame.locator('.overview').isVisible()).toBe(true);
  });

  test('series that fell at once are one line, which unfolds', async () => {
    await play('clients-200');
    expect(await texts('.overview .storm')).toEqual([
      expect.stringMatching(/^▸ 80 of 200 below expected at once since Sat Mar 7 18:00 · −[\d.]+M$/),
    ]);
    expect(await visual.frame.locator('.overview tbody tr').count()).toBe(121);
    await visual.frame.locator('.overview .storm button').click();
    await expect.poll(() => visual.frame.locator('.overview tbody tr').count()).toBe(201);
    expect(await visual.frame.locator('.overview .storm button').getAttribute('aria-expanded')).toBe('true');
  });

  test('panels an author wants scroll, with a cue on how many there are below', async () => {
    await play('clients-60-panels');
    expect(await visual.frame.locator('g.panel').count()).toBe(60);
    const cue = visual.frame.locator('.cue');
    expect(await cue.textContent()).toMatch(/^▾ \d+ more$/);
    await visual.frame.locator('.chart').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await expect.poll(() => cue.isVisible()).toBe(false);
  });

  test('on a phone nothing is wider than the screen', async () => {
    await play('clients-phone');
    const box = await visual.frame.locator('.overview').evaluate((node) => [node.scrollWidth, node.clientWidth]);
    expect(box[0]).toBeLessThanOrEqual(box[1] as number);
  });
});

describe('the list of incidents', () => {
  const entries = () => texts('.incident-list .what');
  const shownTime = () => timeWords();

  test('it says when, how long, how deep, how much, why, with whom and who has seen it', async () => {
    await play('incidents-beside');
    expect(await texts('.incident-list .when')).toEqual([
      'Sat Mar 7 18:00 · 6h · −52% · running',
      'Fri Mar 6 14:00 · 6h · −88%',
      'Thu Mar 5 14:00 · 6h · −40%',
      'Wed Mar 4 12:00 · 2h · +33%',
    ]);
    expect(await entries()).toEqual([
      'Fewer attempts: 35 % of the usual',
      'Fewer attempts: 9 % of the usual · Tienda Uno −58K; Tienda Dos −31K · Acquirer outage · seen by Luis',
      'Approval fell to 31 % (usual 88 %): issuer Banco Norte · seen by Ana',
      expect.stringMatching(/^\d+K in excess of maximum, \d+K of forecast$/),
    ]);
  });

  test('a click zooms, selects every bucket of it and marks it, Escape goes back', async () => {
    await play('incidents-beside');
    const before = await shownTime();
    await visual.frame.locator('.incident-list li button').nth(1).click();
    await expect.poll(shownTime).not.toBe(before);
    await expect.poll(async () => (await visual.told<string[]>('select', -1)).length).toBe(3);
    await expect.poll(() => visual.frame.locator('.selected circle').count()).toBe(3);
    expect(await visual.frame.locator('.incident-list li button').nth(1).getAttribute('aria-pressed')).toBe('true');
    expect(await visual.frame.locator('.back').textContent()).toBe('‹ Back (Esc)');
    await visual.page.keyboard.press('Escape');
    await expect.poll(shownTime).toBe(before);
    expect(await visual.frame.locator('.back').isVisible()).toBe(false);
    await expect.poll(() => visual.frame.locator('.selected circle').count()).toBe(0);
  });

  test('brackets and the last alarms of the header do the same', async () => {
    for (const target of ['.incidents .incident text', '.recent button']) {
      await play('incidents-under');
      const before = await shownTime();
      await visual.frame.locator(target).first().click();
      await expect.poll(shownTime).not.toBe(before);
      await visual.frame.locator('.back button').click();
      await expect.poll(shownTime).toBe(before);
    }
  });

  test('the one that is open tells each well under its name, contributors one by one, and leads to its page', async () => {
    await play('incident-open');
    await visual.frame.locator('.incident-list li button').nth(1).click();
    await expect
      .poll(() => texts('.incident-list dt'))
      .toEqual(['Amount', 'Cause', 'Contributors', 'Note', 'Acknowledged by']);
    expect((await texts('.incident-list dd')).slice(1)).toEqual([
      'Fewer attempts: 9 % of the usual',
      'Tienda Uno −58K',
      'Tienda Dos −31K',
      'Acquirer outage',
      'Luis',
    ]);
    const markers = await visual.frame
      .locator('.alarms path')
      .evaluateAll((paths) =>
        paths.map((path) => Number(/\(([\d.-]+),/.exec(path.getAttribute('transform') ?? '')?.[1])),
      );
    const width = Number(await visual.frame.locator('clipPath rect').getAttribute('width'));
    for (const x of markers) expect(x >= -0.5 && x <= width + 0.5, `a marker beside the plot, at ${x}`).toBe(true);
    await visual.frame.getByRole('button', { name: 'Open the incident' }).click();
    await expect.poll(() => visual.told<string>('launch-url', -1)).toBe('https://tidemark.example/incidents/4711');
  });

  test('an address that is none, or a script, is not offered; the list comes up with an incident opened elsewhere', async () => {
    const { view } = sceneNamed('incident-open');
    const column = view?.columns.findIndex(({ roles }) => roles.link) as number;
    for (const address of ['javascript:alert(1)', 'incidents/4711', 'file:///etc/passwd']) {
      const values = view?.values.map((one) =>
        one.column === column ? { ...one, cells: one.cells.map((cell) => cell && address) } : one,
      );
      await visual.send({ kind: 'create', host: { locale: 'en-US' } });
      await visual.update({ width: 900, height: 520, view: { ...view, values } as never });
      expect(await visual.frame.locator('.incident-list').isVisible()).toBe(false);
      await visual.frame.locator('.incidents .incident text').nth(1).click();
      await expect.poll(() => visual.frame.locator('.incident-list .more').count()).toBe(1);
      expect(await visual.frame.locator('.incident-list .page').count()).toBe(0);
    }
  });

  test('a tool of the corner bar lists them where they are not', async () => {
    await play('past-alarms');
    expect(await visual.frame.locator('.incident-list').isVisible()).toBe(false);
    await visual.frame.locator('.toolbar .as-incidents').click({ force: true });
    await expect.poll(() => visual.frame.locator('.incident-list li').count()).toBeGreaterThan(1);
  });

  test('where interactions are not allowed nothing opens', async () => {
    const { view } = sceneNamed('incidents-beside');
    await visual.send({ kind: 'create', host: { locale: 'en-US', allowInteractions: false } });
    await visual.update({ width: 1280, height: 600, view });
    const before = await shownTime();
    await visual.frame.locator('.incident-list li button').first().click();
    expect(await shownTime()).toBe(before);
  });
});

describe('what surrounds the line', () => {
  test('last week, weekends, named days, notes, the zone and the day so far are told', async () => {
    await play('context');
    expect(await visual.frame.locator('.ghost path').count()).toBe(1);
    expect(await visual.frame.locator('.weekends rect').count()).toBeGreaterThan(0);
    expect(await texts('.events text')).toContain('Payday');
    expect(await texts('.flags text')).toEqual(['Acquirer outage, ticket 4711']);
    expect(await texts('.legend .zone')).toEqual(['Times of America/Mexico_City']);
    expect((await texts('.headline .detail'))[0]).toMatch(/today [\d.]+[KM], [\d.]+[KM] expected/);
    const aria = await visual.frame.locator('g.panel').getAttribute('aria-label');
    expect(aria).toMatch(/next minimum \d+K$/);
  });

  test('last week is drawn a week later, to the pixel', async () => {
    await play('context');
    const places = (path: string | null) =>
      [...(path ?? '').matchAll(/([\d.-]+),([\d.-]+)/g)].map((one) => Number(one[1]));
    const ghost = places(await visual.frame.locator('.ghost path').getAttribute('d'));
    const width = Number(await visual.frame.locator('clipPath rect').getAttribute('width'));
    const step = width / (7 * 12);
    for (const [k, x] of ghost.slice(1).entries()) expect(x - (ghost[k] as number)).toBeCloseTo(step, 0);
  });

  test('the tooltip says the cause, with whom, the note and who has seen it', async () => {
    await play('incidents-beside');
    const box = await visual.frame.locator('.alarms path.critical').nth(1).boundingBox();
    await visual.page.mouse.move((box?.x ?? 0) + 5, (box?.y ?? 0) + 5);
    const named = async () => {
      const { items } = await visual.told<{ items: { displayName: string; value: string }[] }>('tooltip', -1);
      return Object.fromEntries(items.map(({ displayName, value }) => [displayName, value]));
    };
    await expect.poll(async () => (await visual.eventsNamed('tooltip')).length).toBeGreaterThan(0);
    await expect.poll(named).toMatchObject({
      Cause: 'Fewer attempts: 9 % of the usual',
      Contributors: 'Tienda Uno −58K; Tienda Dos −31K',
      Note: 'Acquirer outage',
      'Acknowledged by': 'Luis',
    });
  });

  test('a legend without room leaves out whole keys, the last first, and cuts none', async () => {
    for (const width of [400, 520, 700]) {
      await play('two-years', { width });
      const box = await visual.frame.locator('.legend').boundingBox();
      const seen = await visual.frame.locator('.legend .key').evaluateAll((keys) =>
        keys.map((key) => {
          const { top, bottom, right } = key.getBoundingClientRect();
          return { top, bottom, right };
        }),
      );
      const [top, right] = [box?.y ?? 0, (box?.x ?? 0) + (box?.width ?? 0)];
      const shown = seen.filter((key) => key.top < top + (box?.height ?? 0) - 1);
      expect(shown.length).toBeGreaterThan(0);
      for (const key of shown) expect(key.right <= right + 0.5 && key.bottom <= top + 22.5, `${width} px`).toBe(true);
    }
  });

  test('lines from measures are drawn and named, those that move as they move, and are in the tooltip', async () => {
    await play('reference-lines');
    const shapes = await visual.frame
      .locator('.reference path')
      .evaluateAll((paths) => paths.map((path) => (path.getAttribute('d')?.split('L').length ?? 0) > 2));
    expect(shapes).toEqual([true, false]);
    expect(await texts('.reference text')).toEqual(['Budget', 'Capacity 700K']);
    expect(Math.max(...(await texts('.value-axis .tick')).map(Number.parseFloat))).toBeGreaterThanOrEqual(600);
    await visual.page.mouse.move(400, 300);
    const named = async () => {
      const { items } = await visual.told<{ items: { displayName: string; value: string }[] }>('tooltip', -1);
      return items.filter(({ displayName }) => ['Budget', 'Capacity'].includes(displayName)).map(({ value }) => value);
    };
    await expect.poll(async () => (await visual.eventsNamed('tooltip')).length).toBeGreaterThan(0);
    await expect.poll(named).toEqual([expect.stringMatching(/^\d{2,3},\d{3}$/), '700,000']);
    expect(await texts('.time-axis .zone')).toEqual(['UTC−6America/Mexico_City']);
  });

  test('a measure of text among the reference lines is told, and judging goes on', async () => {
    const view = dataViewOf(
      bandRows().map((row) => ({ ...row, target: '1.200,50' })),
      { bindings: { ...BAND_BINDINGS, references: ['target'] } },
    );
    await visual.update({ width: 960, height: 480, view });
    expect((await texts('.notices p'))[0]).toContain('Reference lines');
    expect(await texts('.headline .word')).toEqual(['OK']);
  });

  test('rows that their service calls maintenance are hatched and do not alarm', async () => {
    const rows = bandRows({ factor: (k) => (k >= 40 && k < 44 ? 0.1 : 1) }).map((row, k) =>
      k >= 40 && k < 44 ? { ...row, state: 'maintenance', severity: null } : row,
    );
    await visual.update({ width: 960, height: 480, view: dataViewOf(rows) });
    expect(await visual.frame.locator('.maintenance rect').count()).toBe(1);
    expect(await visual.frame.locator('.alarms path').count()).toBe(0);
  });

  test('a day an author has named in other words is told by its words', async () => {
    const view = dataViewOf(bandRows(), { objects: { events: { named: 'Payday on Friday' } } });
    await visual.update({ width: 960, height: 480, view });
    expect((await texts('.notices p'))[0]).toMatch(/^Day not understood: Payday on Friday\./);
  });

  test('an axis in the author’s date format, a minimum above the maximum, and a line without a value', async () => {
    const objects = {
      numbers: { dateFormat: 'dd/MM/yyyy' },
      axes: { minimum: 500, maximum: 100 },
      reference: { show: true },
    };
    await visual.update({ width: 960, height: 480, view: dataViewOf(bandRows(), { objects }) });
    for (const words of await texts('.time-axis .tick')) expect(words).toMatch(/^\d\d\/\d\d\/2026$/);
    expect(await texts('.notices p')).toEqual([
      'Minimum 500 is not below Maximum 100 (format pane, Axes): both are left out.',
      'The reference line has no value: write one in the analytics pane.',
    ]);
  });
});

describe('how an author sets it', () => {
  test('a strip above the plot holds deviations in half band widths, those outside the range in their colour', async () => {
    await play('context');
    const bars = visual.frame.locator('.deviation-strip rect');
    const alarming = await visual.frame.locator('.alarms path').count();
    const heights = await bars.evaluateAll((nodes) =>
      nodes.map((node) => [Number(node.getAttribute('height')), node.getAttribute('fill')] as const),
    );
    const quiet = heights.map(([, fill]) => fill).sort()[0];
    const unit = (34 - 8) / 2 / 2;
    const loud = heights.filter(([height]) => height > unit);
    expect(loud.length).toBe(alarming);
    expect(new Set(loud.map(([, fill]) => fill)).has(quiet ?? null)).toBe(false);
  });

  test('font, place of the legend and of the labels', async () => {
    const objects = {
      numbers: { font: 'Georgia, serif' },
      legend: { place: 'bottom' },
      alarms: { labelPlace: 'above' },
    };
    await visual.send({ kind: 'create', host: { locale: 'en-US' } });
    await visual.update({
      width: 960,
      height: 480,
      view: dataViewOf(bandRows({ factor: (k) => (k === 40 ? 0.3 : 1) }), { objects }),
    });
    const family = await visual.frame.locator('.tidemark').evaluate((node) => getComputedStyle(node).fontFamily);
    expect(family).toMatch(/^Georgia/);
    const top = async (selector: string) => (await visual.frame.locator(selector).first().boundingBox())?.y ?? 0;
    expect(await top('.legend')).toBeGreaterThan(await top('.brush-strip'));
    expect(await top('.alarms text')).toBeLessThan(await top('.alarms path'));
  });

  test('a page that tells the state of more may silence OK, and nothing else', async () => {
    const objects = { header: { calm: false } };
    const shown = async (factor: (k: number) => number) => {
      await visual.send({ kind: 'create', host: { locale: 'en-US' } });
      await visual.update({ width: 960, height: 480, view: dataViewOf(bandRows({ factor }), { objects }) });
      const [word, sign] = [visual.frame.locator('.headline .word'), visual.frame.locator('.headline .sign')];
      return [await word.isVisible(), await sign.isVisible(), (await texts('.headline .detail'))[0]];
    };
    const past = visual.frame.locator('.recent');
    const heard = async () => (await texts('[aria-live]')).join(' ');
    expect(await shown(() => 1)).toEqual([false, false, expect.stringMatching(/^as of /)]);
    expect(await past.isVisible()).toBe(false);
    expect(await heard()).not.toMatch(/OK|No alarms/);
    expect(await shown((k) => (k > 40 ? 0.3 : 1))).toEqual([true, true, expect.stringMatching(/below minimum/)]);
    expect(await past.textContent()).toMatch(/Last alarms:/);
    expect(await heard()).toMatch(/^ALARM .* Last alarms: /);
  });

  test('that there is no alarm is said, and heard, only where something is judged', async () => {
    const rows = bandRows();
    const said = async (bindings: Bindings) => {
      await visual.send({ kind: 'create', host: { locale: 'en-US' } });
      await visual.update({ width: 960, height: 480, view: dataViewOf(rows, { bindings }) });
      const heard = /No alarms in view/.test((await texts('[aria-live]')).join(' '));
      return [await visual.frame.locator('.recent').isVisible(), heard];
    };
    expect(await said(BAND_BINDINGS)).toEqual([true, true]);
    expect(await said({ time: 'bucket_start_local', actual: 'actual' })).toEqual([false, false]);
    // Limits that cannot be judged by: the upper one is below the lower one.
    expect(await said({ ...BAND_BINDINGS, lower: 'upper', upper: 'lower' })).toEqual([false, false]);
  });

  test.each([
    ['german', /^(ALARM|WARNUNG)$/, /unter dem Minimum/],
    ['french', /^(ALARME|ATTENTION)$/, /sous le minimum|sur 40/],
  ])('%s: words of its own, nothing cut', async (name, word, detail) => {
    await play(name);
    expect((await texts('.headline .word'))[0]).toMatch(word);
    expect((await texts('.headline .detail'))[0]).toMatch(detail);
    const cut = await visual.frame
      .locator('.headline .detail, .overview td, .incident-list .when')
      .evaluateAll((nodes) =>
        nodes.filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.textContent),
      );
    expect(cut).toEqual([]);
  });
});

describe('zooming in the plot', () => {
  test('dragging zooms and selects nothing, a double click shows the first view, each kept once', async () => {
    await visual.send({ kind: 'create', host: { locale: 'en-US' } });
    await visual.update({ width: 960, height: 480, view: dataViewOf(bandRows()) });
    const kept = async () => (await visual.eventsNamed('persist')).length;
    const [persisted, selected, before] = [
      await kept(),
      (await visual.eventsNamed('select')).length,
      await timeWords(),
    ];
    await visual.page.mouse.move(300, 250);
    await visual.page.mouse.down();
    await visual.page.mouse.move(500, 260, { steps: 4 });
    await expect.poll(() => visual.frame.locator('rect.dragged').count()).toBe(1);
    await visual.page.mouse.up();
    await expect.poll(timeWords).not.toBe(before);
    await expect.poll(kept).toBe(persisted + 1);
    expect(await visual.told('persist', -1)).toHaveProperty('merge');
    expect(await visual.frame.locator('rect.dragged').count()).toBe(0);
    await visual.page.mouse.dblclick(400, 250);
    await expect.poll(timeWords).toBe(before);
    await expect.poll(kept).toBe(persisted + 2);
    expect(await visual.told('persist', -1)).toHaveProperty('remove');
    expect((await visual.eventsNamed('select')).length - selected).toBeLessThanOrEqual(2);
  });
});
