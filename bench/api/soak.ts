import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { compareDatabases } from '@tidemark/api/testing/kill';
import { hasPostgres, type PostgresServer, postgresServer, queryOnce } from '@tidemark/api/testing/postgres-server';
import { folderSource, parseFolder } from '@tidemark/api/testing/scoring';
import { createService, FIRST, madeUpArtifact, madeUpSeries, WEEK } from '@tidemark/api/testing/service';
import { lastCycle, openStore } from '@tidemark/api/testing/store';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { createRandom, type Series } from '@tidemark/shared/forecasting';
import { athenaSettingText, writeTables } from '@tidemark/tools/athena-local/made-up-tables';
import { type AthenaServer, serveAthena } from '@tidemark/tools/athena-local/server';
import { pointSdkAt } from '@tidemark/tools/payments/fetching';
import { type Figure, median, single } from '../figure.ts';
import { BEFORE, soakClock, TICK_MS } from './soak-clock.ts';
import { CALM, EPISODES } from './source-faults.ts';

const CLIENTS = 12;
const CHILD = join(import.meta.dirname, 'soak-child.ts');
/** Two replicas that are killed by turns, and one that never is, whose memory is watched. */
const KILLED = 2;
/** A read that takes longer than this counts as failed. */
const READ_MS = 30_000;
/** After a replica has begun, or the server has come back, reads may fail for so long. */
const RECOVERY_MS = 15_000;
/** Buckets that end undisturbed at the end: what goes on ends within half a minute, and a message waits for half a day at most. */
const CALM_TICKS = 50;

const random = createRandom(20_261_129);
const between = (least: number, most: number) => least + (most - least) * random.uniform();

/** A replica of the service in a process of its own. */
interface Replica {
  child: ChildProcess;
  url: string | null;
  /** When it last began to listen. */
  upSince: number;
}

/** What happened while everything was disturbed. */
interface Report {
  kills: number;
  terminations: number;
  serverCrashes: number;
  connectionsEnded: number;
  reads: number;
  failedReads: number;
  readonly latencies: number[];
  /** Megabytes of the replica that is never killed, one reading every ten seconds. */
  readonly megabytes: number[];
}

/**
 * Everything at once, on a PostgreSQL server: three replicas score and are read, two of them killed by turns; Athena
 * fails in every way, webhooks too; connections are ended and the server itself crashes. Then what is stored is compared,
 * row by row, with an undisturbed run of one process on another server, which reads the same tables by DuckDB.
 */
export async function benchSoak(folder: string, minutes: number): Promise<Figure[]> {
  if (!hasPostgres()) {
    process.stderr.write('soak: skipped, no PostgreSQL is installed and PGHOST names none\n');
    return [];
  }
  const ticks = Math.ceil((minutes * 60_000) / TICK_MS) + CALM_TICKS;
  const series = troubledSeries(ticks);
  const tables = join(folder, 'soak-tables');
  await writeTables(tables, series);
  const athena = await serveAthena(tables, { faults: { seed: 20_261_129 } });
  pointSdkAt(athena.url);
  const server = await postgresServer();
  const calmServer = await postgresServer();
  const receiver = await startReceiver();
  try {
    const [calm, disturbed] = [await calmServer.createDatabase(), await server.createDatabase()];
    const [report] = await Promise.all([
      disturb({ folder, server, athena, receiver, url: disturbed, series, ticks }),
      undisturbed(calm, tables, series, ticks),
    ]);
    const differences = await compareDatabases(calm, disturbed, ['delivery']);
    const [messages] = await queryOnce<{ owed: string; abandoned: string; all: string }>(
      disturbed,
      `SELECT COUNT(*) FILTER (WHERE delivered_at IS NULL AND next_at IS NOT NULL) AS owed,
              COUNT(*) FILTER (WHERE delivered_at IS NULL AND next_at IS NULL) AS abandoned, COUNT(*) AS "all" FROM delivery`,
    );
    const [stored] = await queryOnce<{ bands: string; incidents: string; storms: string }>(
      disturbed,
      'SELECT (SELECT COUNT(*) FROM issue) AS bands, (SELECT COUNT(*) FROM incident) AS incidents, (SELECT COUNT(*) FROM storm) AS storms',
    );
    const third = Math.floor(report.megabytes.length / 3);
    const [early, late] = [report.megabytes.slice(third, 2 * third), report.megabytes.slice(-third)];
    report.latencies.sort((one, other) => one - other);
    return [
      single('api/soak-minutes', minutes, 'min', ''),
      single('api/soak-kills', report.kills, 'kills', ''),
      single('api/soak-terminations', report.terminations, 'SIGTERM', ''),
      single('api/soak-server-crashes', report.serverCrashes, 'crashes', ''),
      single('api/soak-connections-ended', report.connectionsEnded, 'connections', ''),
      single('api/soak-bands', Number(stored?.bands), 'rows', ''),
      single('api/soak-incidents', Number(stored?.incidents), 'rows', ''),
      single('api/soak-storms', Number(stored?.storms), 'rows', ''),
      single('api/soak-lost', differences.lost, 'rows', '0'),
      single('api/soak-doubled', differences.doubled, 'rows', '0'),
      single('api/soak-rewritten', differences.rewritten + differences.different, 'rows', '0'),
      single('api/soak-messages', Number(messages?.all), 'messages', ''),
      single('api/soak-messages-owed', Number(messages?.owed), 'messages', '0'),
      // After 16 tries in four days of the soak's clock, which are a minute and a half.
      single('api/soak-messages-abandoned', Number(messages?.abandoned), 'messages', ''),
      single('api/soak-reads', report.reads, 'requests', ''),
      single('api/soak-failed-reads', report.failedReads, 'requests', '0'),
      single(
        'api/soak-read-p99-ms',
        report.latencies[Math.floor(0.99 * report.latencies.length)] ?? Number.NaN,
        'ms',
        '',
      ),
      single('api/soak-memory-second-third-mb', median(early), 'MB', ''),
      single('api/soak-memory-growth', median(late) / median(early), '× in the last third', '≤ 1.1'),
    ];
  } finally {
    await receiver.close();
    await athena.close();
    await server.close();
    await calmServer.close();
  }
}

/** Clients with troubles of their own every fortnight, and all but one silent at once every three weeks: storms. */
function troubledSeries(ticks: number): Series[] {
  const weeks = BEFORE / WEEK + Math.ceil(ticks / WEEK) + 1;
  return Array.from({ length: CLIENTS }, (_, client) => {
    const one = madeUpSeries(`client-${client}`, weeks);
    const values = one.values.map((value, index) => {
      const since = index - BEFORE;
      const own = since > 0 && (since + 13 * client) % (2 * WEEK) < 5;
      const together = since > 0 && client > 0 && since % (3 * WEEK) > 3 * WEEK - 8;
      return own || together ? Number.NaN : value;
    });
    return { ...one, values };
  });
}

/** Scores bucket after bucket in this process, from the same tables without Athena, on a server of its own. */
async function undisturbed(url: string, tables: string, series: readonly Series[], ticks: number): Promise<void> {
  const store = await openStore(url);
  const setting = parseFolder(JSON.stringify({ folder: tables, tables: JSON.parse(athenaSettingText()).tables }));
  if (!setting) throw new Error('no setting');
  let tick = 0;
  const service = await createService({
    clock: { kind: 'wall', wall: () => soakClock(() => Date.now() - tick * TICK_MS, ticks).wall() },
    db: store.db,
    environment: { TIDEMARK_BACKFILL_DAYS: '1' },
    cycle: { source: folderSource(setting) },
  });
  const published = await service.send('PUT', '/v1/model', encodeModel(madeUpArtifact(series)));
  if (published.status !== 200) throw new Error(await published.text());
  for (; tick <= ticks; tick++) {
    await service.cycle.run('schedule');
    if (tick % 100 === 0) process.stderr.write(`soak: undisturbed, ${tick} of ${ticks} buckets\n`);
  }
  const { error } = (await lastCycle(store.db)) ?? { error: 'none' };
  if (error !== null) throw new Error(`the undisturbed run failed: ${error}`);
  await store.close();
}

interface World {
  readonly folder: string;
  readonly server: PostgresServer;
  readonly athena: AthenaServer;
  readonly receiver: Receiver;
  readonly url: string;
  readonly series: readonly Series[];
  readonly ticks: number;
}

async function disturb({ folder, server, athena, receiver, url, series, ticks }: World): Promise<Report> {
  const report: Report = {
    ...{ kills: 0, terminations: 0, serverCrashes: 0, connectionsEnded: 0, reads: 0, failedReads: 0 },
    ...{ latencies: [], megabytes: [] },
  };
  // The clock begins once all replicas are there, and the history is scored: it is the same history in both runs then.
  let began = Number.POSITIVE_INFINITY;
  const beganFile = join(folder, 'soak-began');
  const isOver = () => Date.now() >= began + (ticks - CALM_TICKS) * TICK_MS;
  let serverUpSince = 0;
  let isServerUp = true;
  const environment = {
    ...process.env,
    TIDEMARK_DATABASE: url,
    TIDEMARK_OPEN: 'true',
    TIDEMARK_ATHENA: athenaSettingText(1),
    TIDEMARK_BACKFILL_DAYS: '1',
    TIDEMARK_CHUNK_SERIES: '3',
    TIDEMARK_RATE_PER_MINUTE: '1000000',
    TIDEMARK_WEBHOOKS: JSON.stringify([{ name: 'ops', url: receiver.url, severity: 'info' }]),
    TIDEMARK_WEBHOOKS_LOOPBACK: 'true',
    TIDEMARK_HEARTBEAT: receiver.url,
  };
  const start = async (): Promise<Replica> => {
    const child = spawn(process.execPath, [CHILD, beganFile, String(ticks)], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const replica: Replica = { child, url: null, upSince: 0 };
    let out = '';
    child.stdout?.on('data', (chunk) => {
      if (replica.url !== null) return;
      out += chunk;
      const line = out.split('\n').find((one) => one.includes('"listening"'));
      if (!line) return;
      replica.url = (JSON.parse(line) as { url: string }).url;
      replica.upSince = Date.now();
    });
    while (replica.url === null && child.exitCode === null && child.signalCode === null) await delay(50);
    return replica;
  };

  const steady = await start();
  const published = await fetch(`${steady.url}/v1/model`, {
    method: 'PUT',
    headers: { 'content-type': 'text/plain' },
    body: encodeModel(madeUpArtifact(series)),
  });
  if (!published.ok) throw new Error(await published.text());
  const replicas = [steady, ...(await Promise.all(Array.from({ length: KILLED }, start)))];
  await caughtUp(url, steady, 0);
  began = Date.now();
  await writeFile(`${beganFile}.new`, String(began));
  await rename(`${beganFile}.new`, beganFile);

  const kills = async (index: number) => {
    while (!isOver()) {
      await delay(between(5_000, 30_000));
      const { child } = replicas[index] as Replica;
      const isKill = random.uniform() < 0.8;
      const ended = new Promise((resolve) => child.once('close', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(isKill ? 'SIGKILL' : 'SIGTERM');
        isKill ? report.kills++ : report.terminations++;
        await ended;
      }
      replicas[index] = await start();
    }
  };
  const crashes = async () => {
    while (!isOver()) {
      for (let round = 0; round < 6 && !isOver(); round++) {
        await delay(between(10_000, 30_000));
        const rows = await queryOnce<{ ended: boolean }>(
          url,
          `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
           WHERE application_name = 'tidemark' AND datname = current_database() AND random() < 0.5`,
        );
        report.connectionsEnded += rows.length;
        serverUpSince = Date.now();
      }
      if (isOver() || !server.stop || !server.start) continue;
      isServerUp = false;
      await server.stop();
      await delay(between(1_000, 8_000));
      await server.start();
      isServerUp = true;
      serverUpSince = Date.now();
      report.serverCrashes++;
    }
  };
  const episodes = async () => {
    while (!isOver()) {
      const [what, faults] = EPISODES[Math.floor(random.uniform() * EPISODES.length)] as (typeof EPISODES)[number];
      athena.disturb({ ...CALM, ...faults });
      receiver.answer = random.uniform() < 0.5 ? 200 : random.uniform() < 0.5 ? 500 : 'hang';
      const { kills, serverCrashes, connectionsEnded, reads, failedReads } = report;
      const minute = ((Date.now() - began) / 60_000).toFixed(1);
      process.stderr.write(
        `soak: ${minute} min: ${what}; webhooks: ${receiver.answer}; ${JSON.stringify({ kills, serverCrashes, connectionsEnded, reads, failedReads, mb: report.megabytes.at(-1) })}\n`,
      );
      await delay(between(10_000, 30_000));
    }
  };
  const clock = soakClock(() => began, ticks);
  const reads = async (reader: number) => {
    for (let count = 0; !isOver(); count++) {
      await delay(1_000);
      const index = (reader + count) % replicas.length;
      const replica = replicas[index] as Replica;
      if (replica.url === null || !isServerUp) continue;
      const from = new Date(clock.wall() - 48 * 3_600_000).toISOString();
      const path = ['/v1/alarms', `/v1/bands?from=${from}`, '/v1/series', '/v1/health'][count % 4] ?? '';
      const sent = Date.now();
      const outcome = await fetch(replica.url + path, { signal: AbortSignal.timeout(READ_MS) })
        .then(async (answer) => (answer.status === 200 ? null : `${answer.status} ${await answer.text()}`))
        .catch((error: unknown) => String(error));
      // What is asked of a replica that is killed, or while the server is away, may fail.
      const isCalm = isServerUp && serverUpSince < sent - RECOVERY_MS && replicas[index] === replica;
      if (!isCalm || replica.child.killed || replica.child.exitCode !== null) continue;
      report.reads++;
      report.latencies.push(Date.now() - sent);
      if (outcome === null) continue;
      report.failedReads++;
      process.stderr.write(`soak: ${path} failed after ${Date.now() - sent} ms: ${outcome.slice(0, 300)}\n`);
    }
  };
  const memory = async () => {
    for (; !isOver(); await delay(10_000)) {
      if (steady.child.exitCode !== null)
        throw new Error(`the replica that nobody kills ended with ${steady.child.exitCode}`);
      report.megabytes.push(residentMb(steady.child.pid ?? 0));
    }
  };
  await Promise.all([
    ...Array.from({ length: KILLED }, (_, index) => kills(index + 1)),
    crashes(),
    episodes(),
    memory(),
    ...Array.from({ length: 4 }, (_, reader) => reads(reader)),
  ]);

  // Once nothing is disturbed any more, all that was missed is made up for.
  athena.disturb(CALM);
  receiver.answer = 200;
  await caughtUp(url, steady, ticks);
  for (const { child } of replicas) {
    const ended = new Promise((resolve) => child.once('close', resolve));
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await ended;
  }
  return report;
}

/** Runs cycles until all is scored; at the end waits for the messages that are owed, too. */
async function caughtUp(url: string, { url: service }: Replica, ticks: number): Promise<void> {
  const newest = FIRST + BEFORE + ticks - 1;
  for (let round = 0; round < 120; round++) {
    await fetch(`${service}/v1/refresh`, { method: 'POST' }).catch(() => undefined);
    const [state] = await queryOnce<{ behind: string; owed: string }>(
      url,
      `SELECT ${CLIENTS} - (SELECT COUNT(*) FROM series WHERE origin >= ${newest}) + (SELECT COUNT(*) FROM pending) AS behind,
              (SELECT COUNT(*) FROM delivery WHERE next_at IS NOT NULL) AS owed`,
    );
    process.stderr.write(`soak: catching up, ${JSON.stringify(state)}\n`);
    if (round > 2 && Number(state?.behind) === 0 && (ticks === 0 || Number(state?.owed) === 0)) return;
    await delay(2_000);
  }
  throw new Error('the service did not catch up');
}

/** Megabytes of memory that a process has now, as Linux tells it. */
function residentMb(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

interface Receiver {
  readonly url: string;
  /** What it answers. */
  answer: number | 'hang';
  close(): Promise<void>;
}

async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    request.resume();
    if (receiver.answer !== 'hang') response.writeHead(receiver.answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answer: 200,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
