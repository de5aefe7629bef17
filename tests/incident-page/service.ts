import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeServer, startNode } from '@tidemark/api';
import type { AlarmRow, PushedActuals } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { type Series, untrainedArtifact } from '@tidemark/shared/forecasting';
import { simulatedClient } from './client.ts';

export const KEYS = { admin: 'tm_admin_of_the_page_test', read: 'tm_reader_of_the_page_test' };

/** A service with keys and one client whose web channel was down; its incident has happened. */
export interface PageService {
  readonly url: string;
  readonly incident: AlarmRow;
  ask(method: string, path: string, body?: unknown): Promise<Response>;
  stop(): Promise<void>;
}

/** Starts a service on a free port with a client of a hostile name, and lets it find the incident. */
export async function startPageService(name: string): Promise<PageService> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-page-'));
  const hashed = (key: string) => createHash('sha256').update(key).digest('hex');
  const server: NodeServer = await startNode({
    port: 0,
    databaseFile: join(folder, 'tidemark.db'),
    log: () => undefined,
    environment: {
      TIDEMARK_KEYS: `ana:admin:${hashed(KEYS.admin)},rita:read:${hashed(KEYS.read)}`,
      TIDEMARK_CLOCK: 'newest',
      TIDEMARK_BACKFILL_DAYS: '21',
      TIDEMARK_THREADS: '0',
    },
  });
  const ask = (method: string, path: string, body?: unknown) =>
    fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${KEYS.admin}`,
        'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const { push, series } = simulatedClient(name);
  const artifact = untrainedArtifact([series as Series], { timeZone: 'America/Lima', servedBy: 'base' });
  for (const [path, body] of [
    ['/v1/model', encodeModel(artifact)],
    ['/v1/actuals', push satisfies PushedActuals],
  ] as const) {
    const answer = await ask('PUT', path, body);
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  }
  await server.cycle.run('refresh');
  const { rows } = (await (await ask('GET', '/v1/alarms')).json()) as { rows: AlarmRow[] };
  const incident = rows.find(({ cause }) => cause === 'channel');
  if (!incident) throw new Error(`no incident of a channel among ${JSON.stringify(rows)}`);
  return {
    url: server.url,
    incident,
    ask,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
