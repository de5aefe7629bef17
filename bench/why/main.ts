import { type Element, locate } from '@tidemark/shared/detection';
import { Command } from 'commander';
import { type Figure, median, printFigure, printTable } from '../figure.ts';
import { readOptions, wholeNumber } from '../options.ts';
import { adtributor } from './adtributor.ts';
import { type CaseSettings, L, makeCase, S } from './cases.ts';
import { fleetFigures } from './fleet.ts';

/**
 * How often the parts that caused a difference are found, on cases of a generator after RiskLoc's settings S and L, beside
 * Adtributor on the same cases. Prints a JSON line per figure, then a table.
 */
const flags = readOptions<{ seed: number; cases: number; lake?: string; write: boolean }>(
  new Command('bench:why')
    .description('How often the parts that caused a difference are found.')
    .option('--seed <n>', 'of the generated cases', wholeNumber, 1)
    .option('--cases <n>', 'cases a figure', wholeNumber, 100)
    .option('--lake <folder>', 'a lake with a list of its troubles, truth.csv: its incidents are explained too')
    .option('--write', 'put the figures into docs/benchmarks.md', false),
);

/** Parts looked for: troubles of the generator have up to nine. */
const LIMIT = 9;

interface Tally {
  hits: number;
  named: number;
  real: number;
}

const nameOf = (elements: readonly Element[]) =>
  elements
    .map(({ dimension, value }) => `${dimension}=${value}`)
    .sort()
    .join('&');

function count(tally: Tally, found: readonly (readonly Element[])[], truth: readonly (readonly Element[])[]): void {
  const names = new Set(found.map(nameOf));
  tally.hits += truth.filter((part) => names.has(nameOf(part))).length;
  tally.named += names.size;
  tally.real += truth.length;
}

const f1 = ({ hits, named, real }: Tally) => (2 * hits) / Math.max(1, named + real);

/** F1 of the parts found, ours and Adtributor's, and the times of ours in milliseconds. */
function partsOf(settings: CaseSettings, depth: number, seed: number, cases: number) {
  const [ours, peer]: [Tally, Tally] = [
    { hits: 0, named: 0, real: 0 },
    { hits: 0, named: 0, real: 0 },
  ];
  const times: number[] = [];
  for (let k = 0; k < cases; k++) {
    const { table, side, dispersion, truth } = makeCase(settings, seed + k);
    const started = performance.now();
    const { parts } = locate([table], { side, depth, dispersion, limit: LIMIT });
    times.push(performance.now() - started);
    count(
      ours,
      parts.map(({ elements }) => elements),
      truth,
    );
    count(peer, adtributor(table), truth);
  }
  return { ours: f1(ours), peer: f1(peer), times };
}

/** F1 of saying that a cause lies outside the dimensions: as many cases in which it does as in which it does not. */
function outsideOf(settings: CaseSettings, seed: number, cases: number): number {
  const tally: Tally = { hits: 0, named: 0, real: 0 };
  for (let k = 0; k < cases; k++) {
    for (const hidden of [false, true]) {
      const { table, side, dispersion, outside } = makeCase(settings, seed + k, hidden);
      const says = locate([table], { side, dispersion }).where === 'outside';
      if (says && outside) tally.hits++;
      if (says) tally.named++;
      if (outside) tally.real++;
    }
  }
  return f1(tally);
}

const figures: Figure[] = [];
const print = (figure: Figure) => figures.push(printFigure(figure));
const cases = flags.cases;
const seed = 10_000 * flags.seed;

const one = partsOf(L, 1, seed, cases);
print({ figure: 'why/f1-one-dimension', ours: one.ours, peer: one.peer, unit: 'F1', goal: '≥ 0.85', goalOf: 'ours' });
const pairs = partsOf(S, 2, seed + 1_000, cases);
print({ figure: 'why/f1-pairs', ours: pairs.ours, peer: pairs.peer, unit: 'F1', goal: '≥ 0.6', goalOf: 'ours' });
const deep = partsOf({ ...S, depth: [1, 5] }, 5, seed + 2_000, Math.ceil(cases / 2));
print({ figure: 'why/f1-any-depth', ours: deep.ours, peer: deep.peer, unit: 'F1' });
const strong: CaseSettings = { ...S, severity: [0.5, 1], troubles: [1, 1] };
print({
  figure: 'why/f1-outside',
  ours: outsideOf(strong, seed + 3_000, Math.ceil(cases / 2)),
  unit: 'F1',
  goal: '≥ 0.9',
});
print({ figure: 'why/ms', ours: median(pairs.times), unit: 'ms', goal: '≤ 100' });

if (flags.lake !== undefined) for (const figure of await fleetFigures(flags.lake)) print(figure);

printTable(
  'why',
  figures,
  [
    `${cases} cases a figure, seed ${flags.seed}; the peer is Adtributor (Bhagwan et al. 2014), written after the paper, on the same cases. It names values of one dimension only.`,
    'Cases follow the settings that RiskLoc (Kalander 2022, arXiv 2205.10004) names S and L; parts have one dimension in L (there: all four) and one or two in S (there: up to five, as in `why/f1-any-depth`). Errors of forecasts stay within the parts (there: taken out).',
    'As published, on other cases than these: F1 of RiskLoc 0.635 and of PRiskLoc 0.725 (abstract of PRiskLoc, CCF NCCA 2023, in the evaluation of its authors).',
    '`why/f1-outside`: one trouble of half and more; in half of the cases a dimension of its parts is taken away.',
    '`why/ms`: a case of five dimensions, 48,000 combinations.',
  ],
  flags.write,
);
