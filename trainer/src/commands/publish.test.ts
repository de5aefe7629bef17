import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Series, SMALL_NETWORK, untrainedArtifact } from '@tidemark/shared/forecasting';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readArtifact, writeArtifact } from '../artifact/artifact-files.ts';
import { writePrepared } from '../history/prepared.ts';
import { runTrainer } from '../testing/command-line.ts';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'tidemark-publish-'));
  await writeArtifact(work, untrainedArtifact([shop()], { servedBy: 'base', network: SMALL_NETWORK }));
  await writePrepared(work, [{ series: shop(), transactions: Array.from(shop().values, () => 1) }]);
});
afterAll(() => rm(work, { recursive: true, force: true }));

let server: Server;
/** What the API says it serves. */
let inService: string | null = null;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function shop(): Series {
  const values = Float64Array.from({ length: 20 * 84 }, (_, k) => 1000 * (1.5 + Math.sin((2 * Math.PI * k) / 12)));
  const states = Array.from(values, () => 'observed' as const);
  return { id: 'shop', measure: 'net', stepMs: 7_200_000, firstBucket: 240_000, values, states };
}

/** Publishes to an API that takes the model and treats what follows in its own way. */
function publishTo(afterwards: RequestListener, options: Parameters<typeof runTrainer>[1] = {}) {
  return publishBy((request, response) => {
    if (request.url === '/v1/model') request.resume().on('end', () => response.end('{}'));
    else afterwards(request, response);
  }, options);
}

/** Publishes to an API that has no model yet and treats what it is sent in its own way. */
async function publishBy(takes: RequestListener, options: Parameters<typeof runTrainer>[1] = {}) {
  let isAsked = false;
  server = createServer((request, response) => {
    if (request.url === '/v1/model.txt') response.writeHead(409).end('{}');
    else if (request.url === '/v1/health' && !isAsked) {
      isAsked = true;
      response.end(JSON.stringify({ model_version: inService }));
    } else takes(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return runTrainer(['publish', '--work', work, '--api', api], options);
}

const LIVE = /The model ".+" is live already, but not all actuals were sent and scored: run `trainer publish` again/;

test.each<[string, RequestListener, RegExp]>([
  ['goes away', ({ socket }) => socket.destroy(), /no API answers at http:\/\/127/],
  [
    'goes away while it answers',
    (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy());
    },
    /no API answers at http:\/\/127/,
  ],
  [
    'has no room left',
    (request, response) =>
      request.resume().on('end', () => response.writeHead(507).end('{"detail":"the disk is full"}')),
    /PUT .+\/v1\/actuals: the disk is full/,
  ],
])('an API that %s once the model is live: the error says that it is, and what to do', async (_, afterwards, why) => {
  const { code, errors } = await publishTo(afterwards);
  expect([code, errors]).toEqual([2, expect.stringMatching(why)]);
  expect(errors).toMatch(LIVE);
});

test.each<[string, RequestListener, RegExp]>([
  [
    'refuses the model',
    (request, response) => request.resume().on('end', () => response.writeHead(403).end('{"detail":"it takes admin"}')),
    /it takes admin\nNot published: the model in service stays; once that is mended, run `trainer publish`/,
  ],
  [
    'is some other server',
    (request, response) => request.resume().on('end', () => response.end('<h1>Welcome</h1>')),
    /v1\/model answered what is not to be read here .*\nNot published/,
  ],
  [
    'goes away before it answers',
    ({ socket }) => socket.destroy(),
    /no API answers at .*\nWhether the model ".+" is live is not known; once the API answers, run `trainer publish`/,
  ],
])('an API that %s: the error says what is live, and what to do', async (_, takes, why) => {
  const { code, errors } = await publishBy(takes);
  expect([code, errors]).toEqual([2, expect.stringMatching(why)]);
});

test('a model of the version in service is not sent again: trained anew on the same history, it would be refused', async () => {
  inService = (await readArtifact(work)).metadata.modelVersion;
  const asked: string[] = [];
  const { code, errors } = await publishBy((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => response.end('{"series":1,"bands":1,"verdicts":1,"queued":0}'));
  });
  inService = null;
  expect([code, errors]).toEqual([0, expect.anything()]);
  expect(asked).toEqual(['PUT /v1/actuals', 'POST /v1/refresh']);
});

test('Ctrl-C while the service scores says the same', async () => {
  const takesActuals: RequestListener = (request, response) => {
    if (request.method === 'PUT') request.resume().on('end', () => response.end('{}'));
  };
  const onReport = (errors: string, kill: (signal: 'SIGINT') => void) => {
    if (!errors.includes('live')) kill('SIGINT');
  };
  const { code, errors } = await publishTo(takesActuals, { onReport });
  expect([code, errors]).toEqual([2, expect.stringContaining('interrupted')]);
  expect(errors).toMatch(LIVE);
});

test('a proxy that gives up on the service while it scores is no failure: the cycle is waited for', async () => {
  let asked = 0;
  const slow: RequestListener = (request, response) => {
    const finished_at = asked > 0 ? '2026-03-01T00:10:00Z' : null;
    if (request.url === '/v1/refresh') response.writeHead(504).end('<html>Gateway Time-out</html>');
    else if (request.url === '/v1/health')
      response.end(JSON.stringify({ last_cycle: { finished_at, asked: asked++ } }));
    else request.resume().on('end', () => response.end('{}'));
  };
  const { code, errors } = await publishTo(slow);
  expect([code, errors, asked]).toEqual([0, expect.not.stringContaining('504'), 2]);
});
