import type { Context } from 'hono';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { StateReader } from '../monitor/state.ts';
import type { Cycle } from '../scoring/cycle.ts';
import type { CycleSettings } from '../scoring/deps.ts';
import type { LiveForecaster } from '../scoring/live-forecaster.ts';
import type { TurnQueue } from '../scoring/turn-queue.ts';
import type { Db } from '../store/db.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { ApiKey } from './auth.ts';
import type { RateLimit } from './rate-limit.ts';

/** What the HTTP face needs; the entries for Node and Workers differ only in how they make it. */
export interface AppDeps {
  readonly db: Db;
  readonly live: LiveForecaster;
  readonly cycle: Cycle;
  /** How the service is. */
  readonly state: StateReader;
  readonly settings: CycleSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly cache: AnswerCache;
  /** Empty: everything is open, which the entries allow on loopback only. */
  readonly keys: readonly ApiKey[];
  readonly rateLimit: RateLimit;
  /** Address under which people reach the service, without a slash at its end. */
  readonly publicUrl?: string | null | undefined;
  /** Turns in which long answers are made, one at a time, so that memory does not grow with the requests. */
  readonly building?: TurnQueue | undefined;
  /** The address a request came from; unless given, all come from one. */
  readonly addressOf?: ((c: Context) => string) | undefined;
  /** Whether to compress answers here; on Workers the platform does. */
  readonly compress: boolean;
}
