import { createRandom } from '@tidemark/shared/forecasting';
import { expect, test } from 'vitest';
import { killRun } from '../testing/kill.ts';
import { soakTimes } from '../testing/soak.ts';

// `pnpm test:soak` kills two hundred times.
test('a service killed in the middle of cycles loses nothing, doubles no page and rewrites no band', async () => {
  const kills = soakTimes(4, 200);
  const random = createRandom(20_260_101);
  const report = await killRun(kills, 10 + 2 * kills, () => random.uniform());
  expect(report).toEqual({ kills, storms: 1, lost: 0, doubled: 0, rewritten: 0, different: 0 });
}, 3_600_000);
