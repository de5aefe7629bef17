import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One measured number, and what it was measured against in the same run. */
export interface Figure {
  /** `part/name`. */
  readonly figure: string;
  readonly ours: number;
  readonly peer?: number;
  /** ours ÷ peer. */
  readonly ratio?: number;
  readonly unit: string;
  /** What is asked for, `≤ 3`, `≥ 0.95` or `0.93–0.985`; of the ratio where there is one, unless `goalOf` says. */
  readonly goal?: string;
  readonly goalOf?: 'ours';
}

/** What was measured of ours and of the peer. */
export type Measured = Required<Pick<Figure, 'ours' | 'peer'>>;

/** A figure against a peer: the goal is the ratio's. */
export function against(figure: string, { ours, peer }: Measured, unit: string, goal?: string): Figure {
  return { figure, ours, peer, ratio: ours / peer, unit, ...(goal === undefined ? {} : { goal }) };
}

/** A figure without a peer: the goal is its own. */
export function single(figure: string, ours: number, unit: string, goal?: string): Figure {
  return { figure, ours, unit, ...(goal === undefined ? {} : { goal }) };
}

/** Prints a JSON line as soon as a figure is known: later ones may take minutes. */
export function printFigure(figure: Figure): Figure {
  process.stdout.write(
    `${JSON.stringify({ ...figure, goalOf: undefined }, (_, value) => (typeof value === 'number' ? rounded(value) : value))}\n`,
  );
  return figure;
}

/**
 * Prints the figures as a table with notes under it; with `write`, also puts them as section `part` into
 * `docs/benchmarks.md`.
 */
export function printTable(part: string, figures: readonly Figure[], notes: readonly string[], write: boolean): void {
  const head = ['figure', 'ours', 'peer', 'ratio', 'unit', 'goal', 'verdict'];
  const rows = figures.map((figure) => [
    figure.figure,
    shown(figure.ours),
    shown(figure.peer),
    shown(figure.ratio),
    figure.unit,
    figure.goal ?? '',
    verdict(figure),
  ]);
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => (row[i] as string).length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  const table = [line(head), rule, ...rows.map(line)].join('\n');
  const text = `${table}\n${notes.map((note) => `\n- ${note}`).join('')}\n`;
  process.stdout.write(`\n${text}`);
  if (write) writeSection(part, text);
}

/** Time of an undisturbed run: a fifth were faster. Other programs on the machine only ever slow things down. */
export function undisturbed(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 5)] as number;
}

/** Middle of the values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

function verdict({ ours, ratio, goal = '', goalOf }: Figure): string {
  const value = goalOf === 'ours' ? ours : (ratio ?? ours);
  const [, low, high] = goal.match(/^([\d.]+)–([\d.]+)$/) ?? [];
  const [, sign, limit] = goal.match(/^([≤≥]) ([\d.]+)$/) ?? [];
  if (goal === '0') return value === 0 ? 'met' : 'MISSED';
  if (!low && !sign) return '';
  const least = Number(low ?? (sign === '≥' ? limit : Number.NEGATIVE_INFINITY));
  const most = Number(high ?? (sign === '≤' ? limit : Number.POSITIVE_INFINITY));
  return value >= least && value <= most ? 'met' : 'MISSED';
}

const rounded = (value: number) => Number(value.toPrecision(4));

const shown = (value: number | undefined) => (value === undefined ? '' : String(Number(value.toPrecision(3))));

function writeSection(part: string, text: string): void {
  const file = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
  const day = new Date().toISOString().slice(0, 10);
  const section = `## ${part}\n\n\`pnpm bench:${part}\`, ${day}\n\n${text}`;
  let old =
    '# Benchmarks\n\nWritten by the benchmarks themselves (`--write`); ratios are ours ÷ peer, both of the same run.\n';
  try {
    old = readFileSync(file, 'utf8');
  } catch {
    // The first section makes the file.
  }
  const [head = '', ...sections] = old.split(/^(?=## )/m);
  const others = sections.filter((other) => !other.startsWith(`## ${part}\n`));
  const all = [...others, section].sort().map((one) => one.trimEnd());
  writeFileSync(`${file}.draft`, `${[head.trimEnd(), ...all].join('\n\n')}\n`);
  renameSync(`${file}.draft`, file);
}
