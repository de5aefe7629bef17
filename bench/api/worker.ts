import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unstable_startWorker } from 'wrangler';
import { type Figure, single } from '../figure.ts';

const api = resolve(import.meta.dirname, '../../api');
const STARTS = 3;
// Nothing is asked of other hosts.
process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';

/** Size of the Worker's bundle, and the first answer of a workerd that was just started with it. */
export async function benchWorker(folder: string): Promise<Figure[]> {
  const out = join(folder, 'worker');
  const built = spawnSync(
    process.execPath,
    [join(api, 'node_modules/wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--minify', '--outdir', out],
    {
      cwd: api,
      encoding: 'utf8',
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    },
  );
  if (built.status !== 0) throw new Error(`wrangler: ${built.stderr || built.stdout}`);
  const bundle = readFileSync(join(out, 'worker.js'));
  const first: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const worker = await unstable_startWorker({
      config: join(api, 'wrangler.jsonc'),
      bindings: { TIDEMARK_OPEN: { type: 'plain_text', value: 'true' } },
      dev: { server: { port: 0 }, inspector: false, persist: false, logLevel: 'none' },
    });
    try {
      const url = await worker.url;
      const started = performance.now();
      const response = await fetch(new URL('/openapi.json', url));
      await response.text();
      first.push(performance.now() - started);
      if (!response.ok) throw new Error(`the worker answered ${response.status}`);
    } finally {
      await worker.dispose();
    }
  }
  return [
    single('api/worker-gzip-kb', gzipSync(bundle, { level: 9 }).length / 1_024, 'KB', '≤ 500'),
    single(
      'api/worker-first-response-ms',
      first.sort((one, other) => one - other)[Math.floor(STARTS / 2)] as number,
      'ms',
      'reported',
    ),
  ];
}
