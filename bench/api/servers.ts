import { serve } from '@hono/node-server';
import { startNode } from '@tidemark/api';
import { hashKey } from '@tidemark/api/testing/http';
import { madeUpArtifact, madeUpSeries, pushOf, WEEK } from '@tidemark/api/testing/service';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { Hono } from 'hono';

/**
 * The service with one series of two years, behind keys and with its log, and a bare Hono route that gives the same
 * bytes from memory, in one process. Prints their addresses as JSON. Arguments: the database file.
 */
const [databaseFile = ''] = process.argv.slice(2);
const key = 'bench-key';
const entry = (name: string, scope: string, secret: string) =>
  `${name}:${scope}:${Buffer.from(hashKey(secret)).toString('hex')}`;
const keys = [entry('reader', 'read', key), entry('owner', 'admin', 'owner-key')].join(',');
const series = [madeUpSeries('shop', 104)];
const server = await startNode({
  environment: {
    TIDEMARK_KEYS: keys,
    TIDEMARK_CLOCK: 'newest',
    TIDEMARK_READ_WAIT_SECONDS: '60',
    TIDEMARK_RATE_PER_MINUTE: '1000000',
  },
  port: 0,
  databaseFile,
  log: (level, event, fields) => void process.stderr.write(`${JSON.stringify({ level, event, ...fields })}\n`),
});
const owner = { authorization: 'Bearer owner-key' };
const put = (path: string, type: string, body: string) =>
  fetch(`${server.url}${path}`, { method: 'PUT', headers: { ...owner, 'content-type': type }, body });
await put('/v1/model', 'text/plain', encodeModel(madeUpArtifact(series)));
await put('/v1/actuals', 'application/json', JSON.stringify(pushOf(series, 0, 104 * WEEK)));
const last = (series[0]?.firstBucket ?? 0) + 104 * WEEK;
const iso = (bucket: number) => new Date(bucket * 7_200_000).toISOString().replace('.000', '');
const path = `/v1/bands?series=shop&from=${iso(last - 336)}&to=${iso(last)}`;
const answer = await (await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } })).text();
const rows = (JSON.parse(answer) as { rows: unknown[] }).rows.length;
const bare = new Hono().get('/v1/bands', (c) => c.body(answer, 200, { 'content-type': 'application/json' }));
process.once('SIGINT', () => process.exit());
serve({ fetch: bare.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  process.stdout.write(
    `${JSON.stringify({ ours: `${server.url}${path}`, bare: `http://127.0.0.1:${port}${path}`, key, rows, bytes: answer.length })}\n`,
  );
});
