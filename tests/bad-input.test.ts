import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

/** Bad input at the trainer's edges: one sentence that names the thing, exit code 2, and nothing half-written. */
const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'tidemark-bad-input-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TRANSACTIONS = 'txn_id,txn_date,id_merchant,tpv,txn_type,estatus\n';
const GOOD_ROW = '1,2024-01-01 00:00:00,1,10.50,venta,aprobada\n';

function history(name: string, transactions: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'transactions.csv'), transactions);
  writeFileSync(join(path, 'merchants.csv'), 'id_merchant,client\n1,A\n');
  return path;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(resolve(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const CLI = 'trainer/src/cli.ts';

function run(program: string, args: readonly string[]): Promise<{ code: number; said: string }> {
  return new Promise((done) => {
    execFile(program, args, { cwd: root }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, said: stdout + stderr });
    });
  });
}

function trainer(args: readonly string[]): Promise<{ code: number; said: string }> {
  return run(process.execPath, [CLI, ...args]);
}

const nothing = ['--work', join(folder, 'nothing-yet')];
const good = history('good', TRANSACTIONS + GOOD_ROW);
const aFile = file('a-file', '');
/** A folder that nobody may write to, root neither; Linux has one. */
const NOBODYS = '/sys/kernel';
/** A file that has no room left; Linux has one. */
const FULL_DISK = '/dev/full';

describe.concurrent('bad input ends with exit code 2 and a sentence that names it', () => {
  const cases: [what: string, args: string[], names: RegExp][] = [
    ['no history folder', ['fetch', '--history', '/no/such/folder'], /\/no\/such\/folder/],
    ['no folder for the local source', ['fetch', '--source', 'duckdb'], /--history/],
    ['a folder without the tables', ['fetch', '--history', join(root, 'docs')], /transactions\.parquet/],
    [
      'an absent column',
      [
        'fetch',
        '--history',
        history('no-amount', 'txn_id,txn_date,id_merchant,txn_type,estatus\n1,2024-01-01 00:00:00,1,venta,aprobada\n'),
      ],
      /no column tpv; it has txn_id, txn_date/,
    ],
    [
      'a column of a wrong type',
      ['fetch', '--history', history('words', `${TRANSACTIONS}1,2024-01-01 00:00:00,1,a lot,venta,aprobada\n`)],
      /transactions\.csv, line 2: tpv is "a lot"; accepted are numbers/,
    ],
    [
      'sales under another name',
      [
        'fetch',
        '--history',
        history(
          'purchases',
          `${TRANSACTIONS}1,2024-01-01 00:00:00,1,9,compra,aprobada\n2,2024-01-01 00:00:00,1,9,devolucion,aprobada\n`,
        ),
        ...nothing,
      ],
      /no sale: none of venta occurs in txn_type; it holds compra, devolucion; set transactions\.type\.sales/,
    ],
    ['a time that is none', ['fetch', '--history', good, '--from', 'yesterday'], /--from.*yesterday/],
    [
      'a setting that is not accepted',
      ['fetch', '--history', good, '--config', file('config.json', '{"stepHours":5}')],
      /stepHours.*5/,
    ],
    ['a configuration that is not JSON', ['fetch', '--history', good, '--config', file('broken.json', '{')], /broken/],
    ['a work folder that is a file', ['fetch', '--history', good, '--work', aFile], /cannot use .*a-file: EEXIST/],
    ['a model in a file', ['predict', '--work', aFile], /cannot use .*a-file\/model/],
    ['a folder for a log below a file', ['simulate', '--out', join(aFile, 'log')], /cannot use .*a-file\/log: ENOTDIR/],
    ['no step of learning', ['train', '--steps', '0', ...nothing], /--steps.*not a whole number from 1 to 1,000,000/],
    ['half a step of learning', ['train', '--steps', '1.5', ...nothing], /--steps.*not a whole number/],
    ['half a seed', ['train', '--seed', '.5', ...nothing], /--seed.*not a whole number/],
    ['learning without end', ['train', '--seconds', '1e99', ...nothing], /--seconds.*not a number from 1 to 604,800/],
    ['no days to backfill', ['publish', '--backfill-days', ' ', ...nothing], /--backfill-days.*from 0 to 730/],
    ['half a client', ['simulate', '--fleet', '--clients', '2.5', '--out', folder], /--clients.*not a whole number/],
    ['a command that does not exist', ['frobnicate'], /frobnicate/],
    ['prepare before fetch', ['prepare', ...nothing], /trainer fetch/],
    ['train before prepare', ['train', ...nothing], /trainer prepare/],
    ['predict before train', ['predict', ...nothing], /trainer train/],
    ['evaluate before train', ['evaluate', ...nothing], /trainer train/],
    ['an unknown backend', ['train', '--backend', 'gpu'], /gpu.*kernel/],
    ['a coverage out of range', ['predict', '--coverage', '1.2'], /1\.2.*0\.8 to 0\.999/],
  ];

  // DuckDB writes the buckets: its errors are not Node's.
  if (existsSync(NOBODYS)) {
    const work = join(folder, 'guarded');
    mkdirSync(join(work, 'history'), { recursive: true });
    symlinkSync(NOBODYS, join(work, 'history', 'buckets'));
    cases.push([
      'a folder without the right to write',
      ['fetch', '--history', good, '--work', work],
      /guarded.*(denied|Read-only)/,
    ]);
  }

  test.each(cases)('%s', async (what, args, names) => {
    // A work folder of its own: the cases run at once, and one command at a time writes in one.
    const own = args[0] === 'fetch' && !args.includes('--work') ? ['--work', join(folder, `work, ${what}`)] : [];
    const { code, said } = await trainer([...args, ...own]);
    expect(said).toMatch(names);
    expect(said).not.toMatch(/this is a bug|\n\s+at /);
    expect(code).toBe(2);
  });

  test.runIf(existsSync(FULL_DISK))('a full disk', async () => {
    const log = join(folder, 'log-on-a-full-disk');
    mkdirSync(log);
    // The half-written file has the process's number in its name, which `exec` hands on.
    const script = 'ln -s "$0" "$1/tidemark.config.json.$$.partial"; shift; exec "$@"';
    const simulate = ['simulate', '--fleet', '--clients', '1', '--days', '100', '--scale', '0.01', '--out', log];
    const { code, said } = await run('sh', ['-c', script, FULL_DISK, log, process.execPath, CLI, ...simulate]);
    expect(said).toMatch(/cannot write: ENOSPC/);
    expect(said).not.toMatch(/this is a bug|\n\s+at /);
    expect(code).toBe(2);
  });
});

test('too little history is prepared, and refused for training with the number it has', async () => {
  const work = join(folder, 'short');
  expect((await trainer(['fetch', '--history', good, '--work', work])).code).toBe(0);
  const prepared = await trainer(['prepare', '--work', work]);
  expect(prepared.code).toBe(0);
  expect(prepared.said).toMatch(/by the clock of UTC; if the merchants live by another clock, set "timeZone"/);
  expect(prepared.said).toMatch(/too little history: \d+ complete buckets; at least 168 \(2 weeks\)/);
  const { code, said } = await trainer(['train', '--work', work]);
  expect(said).toMatch(
    /nothing to train on:\s+"total": too little history: \d+ complete buckets; at least 168 \(2 weeks\)/,
  );
  expect(code).toBe(2);
  // Locks stay, empty; nothing else does.
  expect(readdirSync(work).filter((name) => !/^\.(history|series)\.lock$/.test(name))).toEqual(['history', 'series']);

  mkdirSync(join(work, 'model'), { recursive: true });
  writeFileSync(join(work, 'model', 'model.json'), 'not a model');
  writeFileSync(join(work, 'model', 'weights.bin'), '');
  const unreadable = await trainer(['predict', '--work', work]);
  expect(unreadable.said).toMatch(/model\.json/);
  expect(unreadable.code).toBe(2);
});
