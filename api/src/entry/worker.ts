import { UserError } from '@tidemark/shared/errors';
import { systemClock } from '../clock.ts';
import { problemOf, problemResponse } from '../http/problem.ts';
import { type RateLimit, tokenBuckets } from '../http/rate-limit.ts';
import { jsonLog } from '../log.ts';
import { openAthenaSource } from '../scoring/open-athena.ts';
import { type D1Binding, openD1 } from '../store/d1.ts';
import { checkExposure, readAccess, readSettings, type Settings } from './env.ts';
import { createService, type Service } from './service.ts';

/** What `wrangler.jsonc` binds; vars and secrets are read by `env.ts`. */
interface Bindings {
  readonly DB: D1Binding;
  readonly WORK?: Queue;
  readonly LIMITER?: { limit(options: { key: string }): Promise<{ success: boolean }> };
}

interface Queue {
  sendBatch(messages: readonly { body: Work; delaySeconds?: number }[]): Promise<unknown>;
}

/** A message of the queue: score these series, or send what webhooks are owed. */
type Work = { readonly kind: 'chunk'; readonly keys: readonly number[] } | { readonly kind: 'deliver' };

interface QueueBatch {
  readonly messages: readonly {
    readonly body: Work;
    /** Deliveries of this message, this one included. */
    readonly attempts: number;
    ack(): void;
    retry(options: { delaySeconds: number }): void;
  }[];
}

/** A queue takes a hundred messages at once, and delays one by twelve hours at most. */
const BATCH = 100;
const LONGEST_DELAY_S = 43_200;
/** The trigger that looks how the service is; every other one runs the cycle. As in `wrangler.jsonc`. */
const CHECK_CRON = '*/5 * * * *';

// biome-ignore lint/suspicious/noConsole: the console is where Workers collect logs from
const log = jsonLog((line) => console.log(line));

/** Made on the first request and kept as long as the isolate lives: the model is parsed once. */
let made: { readonly bindings: Bindings; readonly service: Service; readonly settings: Settings } | undefined;

function serviceOf(bindings: Bindings): { readonly service: Service; readonly settings: Settings } {
  if (made && made.bindings.DB === bindings.DB) return made;
  const settings = readSettings(bindings as unknown as Record<string, unknown>);
  if (settings.folder) {
    throw new UserError('invalid-setting', 'invalid TIDEMARK_FOLDER: a Worker has no disk; expected TIDEMARK_ATHENA');
  }
  const clock = systemClock(settings.clock);
  const { WORK: queue, LIMITER: limiter } = bindings;
  const rateLimit: RateLimit = limiter
    ? async (caller) => (await limiter.limit({ key: caller })).success
    : tokenBuckets(settings.ratePerMinute, Date.now);
  const send = async (messages: readonly { body: Work; delaySeconds?: number }[]) => {
    for (let at = 0; at < messages.length; at += BATCH) await queue?.sendBatch(messages.slice(at, at + BATCH));
  };
  const service = createService({
    db: openD1(bindings.DB),
    settings,
    clock,
    log,
    rateLimit,
    // An isolate has 128 MB for everything.
    cacheBytes: 16 * 1024 * 1024,
    statesKept: 300,
    oneProcess: false,
    // Cloudflare writes it anew; what a client sends under this name does not come through.
    addressOf: (c) => c.req.header('cf-connecting-ip') ?? '',
    source: settings.athena
      ? openAthenaSource(settings.athena, readAccess(bindings as unknown as Record<string, unknown>))
      : undefined,
    fanOut: queue && ((chunks) => send(chunks.map((keys) => ({ body: { kind: 'chunk', keys } })))),
    ...(queue
      ? {
          deliverAgainAt: async (at: number) => {
            const delaySeconds = Math.min(LONGEST_DELAY_S, Math.max(1, Math.ceil((at - clock.wall()) / 1_000)));
            await send([{ body: { kind: 'deliver' }, delaySeconds }]);
          },
        }
      : {}),
  });
  made = { bindings, service, settings };
  return made;
}

/** The service on Cloudflare Workers: D1 for storage, a cron trigger for the cycle, a queue for its chunks. */
export default {
  async fetch(request: Request, bindings: Bindings): Promise<Response> {
    try {
      const { service, settings } = serviceOf(bindings);
      // A deployed worker is never reached by a loopback name; `wrangler dev` is.
      checkExposure(settings, ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(request.url).hostname));
      return await service.app.fetch(request, bindings);
    } catch (error) {
      // Only a wrong configuration comes here; the app answers for everything else.
      const request_id = crypto.randomUUID();
      log('error', 'not-served', { request_id, error: String(error) });
      const told = error instanceof UserError ? new UserError('not-ready', error.message) : error;
      return problemResponse(problemOf(told, request_id));
    }
  },

  async scheduled(event: { readonly cron: string }, bindings: Bindings): Promise<void> {
    const { service } = serviceOf(bindings);
    if (event.cron === CHECK_CRON && !(await service.cycleIsDue())) return service.check();
    // A cycle that fails has been told; what is old goes all the same.
    await service.cycle
      .run('schedule')
      .catch((error: unknown) => log('error', 'cycle-failed', { trigger: 'schedule', error: String(error) }));
    await service.runRetention();
  },

  async queue(batch: QueueBatch, bindings: Bindings): Promise<void> {
    const { service } = serviceOf(bindings);
    for (const message of batch.messages) {
      const { body, attempts } = message;
      try {
        if (body.kind === 'chunk') await service.cycle.chunk(body.keys);
        else await service.deliver();
        message.ack();
      } catch (error) {
        // A database that is busy for a moment should not use up all tries at once.
        const delaySeconds = 2 ** Math.min(attempts, 6);
        log('error', 'work-failed', {
          kind: body.kind,
          attempts,
          again_in_seconds: delaySeconds,
          error: String(error),
        });
        message.retry({ delaySeconds });
      }
    }
  },
};
