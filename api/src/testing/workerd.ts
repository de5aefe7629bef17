import { Buffer } from 'node:buffer';
import { fileURLToPath } from 'node:url';
import { createTestHarness } from 'wrangler';
import { hashKey } from '../http/auth.ts';
import { type D1Binding, openD1 } from '../store/d1.ts';
import type { Db } from '../store/db.ts';

/** The keys that the worker under test accepts. */
export const KEYS = { reader: 'key-of-the-reader', feeder: 'key-of-the-feeder', owner: 'key-of-the-owner' } as const;

const SCOPES = { reader: 'read', feeder: 'ingest', owner: 'admin' } as const;

/** A message of the worker's queue. */
type Message = { readonly kind: 'chunk'; readonly keys: readonly number[] } | { readonly kind: 'deliver' };

interface Bindings {
  readonly DB: D1Binding;
  readonly WORK: { sendBatch(messages: readonly { readonly body: Message }[]): Promise<unknown> };
}

/** The worker as it would be deployed, in workerd on this machine, with its own D1 and queue. */
export interface RunningWorker {
  readonly db: Db;
  readonly queue: Bindings['WORK'];
  /** Asks as somebody who holds a key; `null`: without any. */
  ask(path: string, init?: RequestInit, as?: keyof typeof KEYS | null): Promise<Response>;
  /** Fires the cron trigger; resolves when its work is done. */
  cron(): Promise<{ readonly outcome: string }>;
  /** Log lines of a kind, oldest first. */
  logged(event: string): Record<string, unknown>[];
  /** Everything the worker has written to its console. */
  console(): string;
  close(): Promise<void>;
}

// Nothing is asked of other hosts, and nothing is told of each message.
Object.assign(process.env, {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_LOG: 'error',
});

/** Bundles `worker.ts` by its `wrangler.jsonc` and starts it; `vars` go over those of the file. */
export async function startWorker(vars: Readonly<Record<string, string>>): Promise<RunningWorker> {
  const entries = Object.entries(KEYS).map(
    ([name, key]) => `${name}:${SCOPES[name as keyof typeof KEYS]}:${Buffer.from(hashKey(key)).toString('hex')}`,
  );
  const harness = createTestHarness({
    workers: [
      {
        configPath: fileURLToPath(new URL('../../wrangler.jsonc', import.meta.url)),
        vars: { TIDEMARK_KEYS: entries.join(','), ...vars },
      },
    ],
  });
  await harness.listen();
  const worker = harness.getWorker<Bindings & Record<string, unknown>>();
  await worker.applyD1Migrations('DB' as never);
  const { DB, WORK } = await worker.getEnv();
  const text = () => harness.getLogs().map(({ message }) => message);
  return {
    db: openD1(DB),
    queue: WORK,
    ask(path, init = {}, as = 'reader') {
      const headers = new Headers(init.headers);
      if (as) headers.set('authorization', `Bearer ${KEYS[as]}`);
      return harness.fetch(path, { ...init, headers } as never) as unknown as Promise<Response>;
    },
    cron: () => worker.scheduled({ cron: '5 */2 * * *', scheduledTime: new Date() }),
    logged: (event) =>
      text().flatMap((line) => {
        const fields = line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : {};
        return fields.event === event ? [fields] : [];
      }),
    console: () => text().join('\n'),
    close: () => harness.close(),
  };
}
