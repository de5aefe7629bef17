import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { PICTURES, pictureOf, SCALE } from '@tidemark/tools/scenes/pictures';
import { SCENES } from '@tidemark/tools/scenes/scenes';
import { STORE_PICTURES, STORE_SCENES } from '@tidemark/tools/scenes/store';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { stageOfFile } from './stage.ts';

/** Share of pixels that may differ: another Chromium rounds edges and hints letters otherwise. */
const TOLERANCE = 0.01;
const UNLIKE = new URL('../../.tmp/scenes/', import.meta.url);

const stage = await stageOfFile();
const visual = await stage.open({}, SCALE);

await visual.page.setViewportSize({ width: 1400, height: 800 });

describe('every scene looks as it did when it was approved', () => {
  test.each([
    ...SCENES.map((scene) => [scene.name, scene, PICTURES] as const),
    ...STORE_SCENES.map((scene) => [`${scene.name}`, scene, STORE_PICTURES] as const),
  ])('%s', async (name, scene, folder) => {
    const [picture, wanted] = [await pictureOf(visual, scene), await readFile(new URL(`${name}.png`, folder))];
    expect(visual.complaints).toEqual([]);
    // Where the same Chromium took both they are equal to the byte.
    if (picture.equals(wanted)) return;
    const [taken, approved] = [PNG.sync.read(picture), PNG.sync.read(wanted)];
    expect([taken.width, taken.height]).toEqual([approved.width, approved.height]);
    const difference = new PNG({ width: taken.width, height: taken.height });
    const { data } = difference;
    const unlike = pixelmatch(taken.data, approved.data, data, taken.width, taken.height, { threshold: 0.2 });
    const share = unlike / (taken.width * taken.height);
    if (share > TOLERANCE) {
      await mkdir(UNLIKE, { recursive: true });
      await writeFile(new URL(`${name}.png`, UNLIKE), PNG.sync.write(taken));
      await writeFile(new URL(`${name}-difference.png`, UNLIKE), PNG.sync.write(difference));
    }
    expect(
      share,
      `compare .tmp/scenes/${name}.png; pnpm visual:gallery or visual:screenshots approves`,
    ).toBeLessThanOrEqual(TOLERANCE);
  });

  test('the pictures of the store have its size, and there are at most five', () => {
    expect(STORE_SCENES.length).toBeLessThanOrEqual(5);
    for (const { width, height } of STORE_SCENES) expect([width, height]).toEqual([1366, 768]);
  });

  test('there are pictures of at least 25 scenes, each of another name', () => {
    expect(new Set(SCENES.map((scene) => scene.name)).size).toBe(SCENES.length);
    expect(SCENES.length).toBeGreaterThanOrEqual(25);
  });
});
