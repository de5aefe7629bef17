import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { PICTURES, pictureOf, SCALE } from '@tidemark/tools/scenes/pictures';
import { SCENES } from '@tidemark/tools/scenes/scenes';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { stageOfFile } from './stage.ts';

/** Share of pixels that may differ: another Chromium rounds edges and hints letters otherwise. */
const TOLERANCE = 0.01;
const UNLIKE = new URL('../../.tmp/scenes/', import.meta.url);

const stage = await stageOfFile();
const visual = await stage.open({}, SCALE);

describe('every scene looks as it did when it was approved', () => {
  test.each(SCENES.map((scene) => [scene.name, scene] as const))('%s', async (name, scene) => {
    const taken = PNG.sync.read(await pictureOf(visual, scene));
    const approved = PNG.sync.read(await readFile(new URL(`${name}.png`, PICTURES)));
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
    expect(share, `compare .tmp/scenes/${name}.png; pnpm visual:gallery approves`).toBeLessThanOrEqual(TOLERANCE);
    expect(visual.complaints).toEqual([]);
  });

  test('there are pictures of at least 25 scenes, each of another name', () => {
    expect(new Set(SCENES.map((scene) => scene.name)).size).toBe(SCENES.length);
    expect(SCENES.length).toBeGreaterThanOrEqual(25);
  });
});
