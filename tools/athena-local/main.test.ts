import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
let folder: string;
let empty: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-athena-local-'));
  empty = await mkdtemp(join(tmpdir(), 'tidemark-athena-local-'));
  await writeFile(join(folder, 'transactions.csv'), 'txn_id,tpv\n1,2.00\n');
});
afterAll(() => Promise.all([folder, empty].map((one) => rm(one, { recursive: true }))));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Runs the command; once it says that it serves, it is interrupted. */
async function run(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args]);
  let [out, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.includes('Ctrl-C ends it')) child.kill('SIGINT');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, errors };
}

test('a folder is served until it is interrupted', async () => {
  const { code, out } = await run(folder, '--queue', '0', '--throttle', '0.5');
  expect(out).toMatch(/AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+/);
  expect(code).toBe(0);
});

test('what cannot be served is refused in a sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  const refused = [
    [[], "missing required argument 'folder'"],
    [[folder, 'another'], 'too many arguments'],
    [[folder, '--reset', '1.1'], 'not a number from 0 to 1'],
    [[folder, '--run', ''], 'not a whole number from 0 to 60,000'],
    [[join(folder, 'transactions.csv')], 'no such folder'],
    [[empty], 'no table in'],
    [[folder, '--port', port], `port ${port} is taken`],
  ] as const;
  for (const [args, sentence] of refused) {
    const { code, out, errors } = await run(...args);
    expect(errors).toContain(sentence);
    expect(errors).not.toContain('    at ');
    expect(out).toBe('');
    expect(code).toBe(2);
  }
  other.close();
});
