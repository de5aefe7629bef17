import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { against, type Figure, median } from '../figure.ts';
import { type Load, load } from './load.ts';

const ROUNDS = 5;
const SECONDS = 3;

/** `GET /v1/bands` of one series over 28 days against a bare route that gives the same bytes, in turns. */
export async function benchBands(folder: string): Promise<Figure[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'servers.ts'), join(folder, 'bands.db')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (chunk) => resolve(String(chunk)));
      child.once('exit', (code) => reject(new Error(`the servers ended with ${code}`)));
    });
    const { ours, bare, key, rows, bytes } = JSON.parse(line) as {
      ours: string;
      bare: string;
      key: string;
      rows: number;
      bytes: number;
    };
    process.stderr.write(`${rows} rows, ${bytes} bytes\n`);
    const headers = { authorization: `Bearer ${key}` };
    const shoot = (url: string, seconds: number) => load(url, { headers, connections: 8, seconds });
    await shoot(ours, 2);
    await shoot(bare, 2);
    const measured = { ours: [] as Load[], bare: [] as Load[] };
    for (let round = 0; round < ROUNDS; round++) {
      measured.bare.push(await shoot(bare, SECONDS));
      measured.ours.push(await shoot(ours, SECONDS));
    }
    const failed = measured.ours.reduce((sum, one) => sum + one.failed, 0);
    if (failed > 0) throw new Error(`${failed} requests failed`);
    const throughput = (loads: Load[]) => median(loads.map(({ requestsPerSecond }) => requestsPerSecond));
    const p99 = (loads: Load[]) => median(loads.map((one) => one.p99));
    return [
      against(
        'api/bands-throughput',
        { ours: throughput(measured.ours), peer: throughput(measured.bare) },
        'requests/s',
        '≥ 0.5',
      ),
      against('api/bands-p99', { ours: p99(measured.ours), peer: p99(measured.bare) }, 'ms', '≤ 3'),
    ];
  } finally {
    child.kill();
  }
}
