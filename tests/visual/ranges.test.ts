import { dataViewOf } from '@tidemark/tools/power-bi-host/data-view';
import { type OpenVisual, openStage, type Stage } from '@tidemark/tools/power-bi-host/harness';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { SCENES } from '@tidemark/tools/scenes/scenes';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

let stage: Stage;
let visual: OpenVisual;

beforeAll(async () => {
  stage = await openStage();
  visual = await stage.open();
}, 180_000);

afterAll(() => stage?.close());

afterEach(() => expect(visual.complaints).toEqual([]));

/** Plays a scene on the page all tests share. */
async function play(name: string, size: { width?: number; height?: number } = {}): Promise<void> {
  const scene = SCENES.find((one) => one.name === name);
  if (scene === undefined) throw new Error(`no scene ${name}`);
  const { width, height, view, now } = scene;
  await visual.send({ kind: 'create', host: { locale: 'en-US', ...scene.host } });
  const ended = await visual.update({ width, height, view, ...size, ...(now === undefined ? {} : { now }) });
  expect(ended.name).toBe('rendering-finished');
}

const texts = (selector: string) => visual.frame.locator(selector).allTextContents();
const timeWords = async () => (await texts('.time-axis text')).join(' ');

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
    await visual.send({ kind: 'create', host: { locale: 'en-US' } });
    await visual.update({ width: 960, height: 480, now, view });
    const before = await visual.frame.locator('.band path.outer').getAttribute('d');
    await visual.update({ width: 720, height: 400, now, view, type: 4 });
    expect(await visual.frame.locator('.band path.outer').getAttribute('d')).not.toBe(before);
    await visual.frame.evaluate(() => {
      const present = Date.now() + 2000;
      Date.now = () => present;
    });
    await expect.poll(() => visual.frame.locator('.headline .word').textContent(), { timeout: 10_000 }).toBe('NO DATA');
  });
});

describe('many clients', () => {
  /** Pairs of words that touch, among the words of one panel or axis. */
  const overprints = () =>
    visual.frame.evaluate(() => {
      const boxes = [...document.querySelectorAll('.panel > .title text, .time-axis text, .value-axis text.tick')].map(
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
