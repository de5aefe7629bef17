import { readPackagedVisual } from '@tidemark/dashboard/testing/packaged-visual';
import { projectFiles } from '@tidemark/dashboard/testing/project';
import { committedFiles } from '@tidemark/tools/dashboard/project-files';
import { packageVisual } from '@tidemark/visual/package';
import { expect, test } from 'vitest';

const REMEDY = 'stale: run pnpm visual:package && pnpm dashboard:build, and commit dashboard/';

test('the committed project is what the description, the API’s columns and the visual give now', async () => {
  const { path } = await packageVisual();
  const generated = projectFiles(await readPackagedVisual(path));
  const committed = committedFiles();
  expect([...committed.keys()], REMEDY).toEqual([...generated.keys()].sort());
  const stale = [...generated].filter(([name, text]) => committed.get(name) !== text).map(([name]) => name);
  expect(stale, REMEDY).toEqual([]);
}, 600_000);

test('generating twice gives the same files', async () => {
  const visual = await readPackagedVisual();
  expect([...projectFiles(visual)]).toEqual([...projectFiles(visual)]);
});

test('without a packaged visual it says how to make one', async () => {
  await expect(readPackagedVisual('/nowhere/tidemark.pbiviz')).rejects.toThrow(
    'no packaged visual at /nowhere/tidemark.pbiviz; make it with pnpm visual:package',
  );
});
