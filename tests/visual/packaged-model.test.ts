import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { madeUpSeries } from '@tidemark/api/testing/service';
import { artifactFiles, encodeModel } from '@tidemark/shared/contract/model-file';
import { untrainedArtifact } from '@tidemark/shared/forecasting';
import { dataViewOf, type TableRow } from '@tidemark/tools/power-bi-host/data-view';
import { openStage, type Stage } from '@tidemark/tools/power-bi-host/harness';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { packageVisual } from '@tidemark/visual/package';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const series = madeUpSeries('shop', 8);
const size = { width: 960, height: 480 };

let folder: string;
let said: string;
let plain: string;
let stage: Stage;

function packaged(...args: string[]) {
  return spawnSync(process.execPath, ['visual/scripts/main.ts', ...args], { cwd: root, encoding: 'utf8' });
}

async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-model-'));
  const { modelJson, weights } = artifactFiles(untrainedArtifact([series]));
  await writeFile(join(folder, 'model.json'), modelJson);
  await writeFile(join(folder, 'weights.bin'), weights);
  const { path } = await packageVisual();
  plain = await digestOf(path);
  const ran = packaged('--model', folder);
  expect(ran.status, ran.stdout + ran.stderr).toBe(0);
  said = ran.stdout;
  stage = await openStage(join(root, 'visual/dist/tidemark-with-model.pbiviz'));
});

afterAll(async () => {
  await stage?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Six weeks of actuals, with a model in a cell if asked for. */
function rows(model: string | null): TableRow[] {
  return Array.from(series.values.slice(-6 * 84), (actual, k) => ({
    time: new Date((series.firstBucket + 2 * 84 + k) * series.stepMs).toISOString(),
    actual,
    series: 'shop',
    model: k === 0 ? model : null,
  }));
}

async function sourceOf(
  bound: readonly TableRow[],
  bindings: Parameters<typeof dataViewOf>[1],
): Promise<string | null> {
  const visual = await stage.open();
  await visual.update({ ...size, view: dataViewOf(bound, bindings) });
  const source = await visual.frame.locator('.tidemark').getAttribute('data-source');
  expect(visual.complaints).toEqual([]);
  await visual.close();
  return source;
}

describe('a visual packaged with a model', () => {
  test('states its size, and leaves the one without a model as it was', async () => {
    expect(said).toMatch(/tidemark-with-model\.pbiviz: \d+ KB, about \d+ KB of it the model/);
    const { path } = await packageVisual();
    expect(await digestOf(path)).toBe(plain);
    expect(path).toMatch(/tidemark\.pbiviz$/);
  });

  test('runs its model where nothing else is bound, a bound model before it, and limits before both', async () => {
    const wells = { time: 'time', actual: 'actual', series: 'series' };
    expect(await sourceOf(rows(null), { bindings: wells })).toBe('packaged-model');
    const other = encodeModel(untrainedArtifact([series], { seed: 2 }));
    expect(await sourceOf(rows(other), { bindings: { ...wells, model: 'model' } })).toBe('model');
    expect(await sourceOf(bandRows({ series: 'shop' }), {})).toBe('fans');
  });

  test('draws the line and says why, where its model does not know the series', async () => {
    const visual = await stage.open();
    const bindings = { time: 'bucket_start', actual: 'actual', series: 'series' };
    await visual.update({ ...size, view: dataViewOf(bandRows({ series: 'Elsewhere' }), { bindings }) });
    expect(await visual.frame.locator('.notices').textContent()).toContain('does not know the series “Elsewhere”');
    expect(await visual.frame.locator('.actual path').count()).toBeGreaterThan(0);
    await visual.close();
  });
});

describe('pnpm visual:package', () => {
  test('a folder without a model, a damaged one and unknown flags are told in one line, with exit code 2', async () => {
    const nowhere = packaged('--model', join(folder, 'nowhere'));
    expect([nowhere.status, nowhere.stdout]).toEqual([2, '']);
    expect(nowhere.stderr).toMatch(
      /^no model in .*nowhere: model\.json cannot be read; accepted is a folder with .*\n$/,
    );
    await writeFile(join(folder, 'weights.bin'), new Uint8Array(12));
    const damaged = packaged('--model', folder);
    expect([damaged.status, damaged.stderr]).toEqual([
      2,
      expect.stringMatching(/^invalid model: weights\.bin is 12 bytes/),
    ]);
    const flag = packaged('--modle', folder);
    expect([flag.status, flag.stderr]).toEqual([2, expect.stringContaining('accepted is --model <folder>, or none')]);
  });
});
