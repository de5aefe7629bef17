import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@tidemark/shared';
import { killRun } from '../../../api/src/fixtures/kill.ts';
import { type Figure, printFigure, printTable, single } from '../figure.ts';
import { benchBands } from './bands.ts';
import { benchCycle } from './cycle.ts';
import { benchWorker } from './worker.ts';

/** `pnpm bench:api [bands|cycle|worker|kill …] [--kills <n>] [--write]`: prints each figure as a JSON line, then all as a table. */
const words = process.argv.slice(2);
const write = words.includes('--write');
if (write) words.splice(words.indexOf('--write'), 1);
const flag = words.indexOf('--kills');
const kills = flag < 0 ? 200 : Number(words.splice(flag, 2)[1]);
const parts: Record<string, (folder: string) => Promise<Figure[]>> = {
  bands: benchBands,
  cycle: benchCycle,
  worker: benchWorker,
  kill: async () => {
    const random = createRandom(20_260_102);
    const report = await killRun(kills, 10 + 2 * kills, () => random.uniform());
    process.stderr.write(`${report.kills} kills\n`);
    return [
      single('api/kill-lost', report.lost, 'rows', '0'),
      single('api/kill-doubled', report.doubled, 'rows', '0'),
      single('api/kill-rewritten', report.rewritten + report.different, 'rows', '0'),
    ];
  },
};

const folder = await mkdtemp(join(tmpdir(), 'tidemark-bench-'));
const figures: Figure[] = [];
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (words.length > 0 && !words.includes(name)) continue;
    for (const figure of await measure(folder)) {
      figures.push(figure);
      printFigure(figure);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
printTable(
  'api',
  figures,
  [
    'bands: one series, 28 days (336 rows), keys and log on, against a bare Hono route of the same bytes in the same process',
    'cycle: source read, three days of actuals taken in, network run, verdicts, bands and states written, in its own process',
    `kill: ${kills} times kill -9 at random moments of a cycle, compared row by row with an undisturbed run`,
  ],
  write,
);
