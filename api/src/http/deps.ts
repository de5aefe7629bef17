import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Cycle } from '../scoring/cycle.ts';
import type { CycleSettings } from '../scoring/deps.ts';
import type { LiveForecaster } from '../scoring/live-forecaster.ts';
import type { Db } from '../store/db.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { ApiKey } from './auth.ts';
import type { RateLimit } from './rate-limit.ts';

/** What the HTTP face needs; the entries for Node and Workers differ only in how they make it. */
export interface AppDeps {
  readonly db: Db;
  readonly live: LiveForecaster;
  readonly cycle: Cycle;
  readonly settings: CycleSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly cache: AnswerCache;
  /** Empty: everything is open, which the entries allow on loopback only. */
  readonly keys: readonly ApiKey[];
  readonly rateLimit: RateLimit;
  /** Whether to compress answers here; on Workers the platform does. */
  readonly compress: boolean;
}
