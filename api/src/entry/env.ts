import { type AlarmRules, checkedRules, DEFAULT_RULES } from '@tidemark/shared/detection';
import { UserError } from '@tidemark/shared/errors';
import { LANGUAGES, listed, WATCHED_SIDES } from '@tidemark/shared/vocabulary';
import type { AwsAccess } from '@tidemark/shared/warehouse/athena';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { type ApiKey, parseKeys } from '../http/auth.ts';
import { parseProxies, type TrustedProxies } from '../http/client-address.ts';
import { type Heartbeat, parseHeartbeat } from '../notify/heartbeat.ts';
import type { TargetPolicy } from '../notify/targets.ts';
import { parseWebhooks, type Webhook } from '../notify/webhooks.ts';
import type { CycleSettings } from '../scoring/deps.ts';
import { type AthenaSetting, type FolderSetting, parseAthena, parseFolder } from '../scoring/source-setting.ts';

const number = (fallback: number, min: number, max: number) =>
  z
    .string()
    .optional()
    .transform((text) => (text === undefined ? fallback : Number(text)))
    .refine((value) => value >= min && value <= max, `expected a number from ${min} to ${max}`);

const count = (fallback: number, min: number, max: number) =>
  number(fallback, min, max).refine(Number.isInteger, `expected a whole number from ${min} to ${max}`);

const flag = z
  .enum(['true', 'false'], { error: 'expected true or false' })
  .optional()
  .transform((text) => text === 'true');

/** Every variable the service reads, with what it accepts and its default; on Workers they are vars and secrets. */
const variables = z.object({
  TIDEMARK_KEYS: z.string().default(''),
  TIDEMARK_OPEN: flag,
  TIDEMARK_CLOCK: z.enum(['wall', 'newest'], { error: 'expected wall or newest' }).default('wall'),
  TIDEMARK_WATERMARK_MINUTES: number(5, 0, 24 * 60),
  TIDEMARK_BACKFILL_DAYS: number(42, 0, 730),
  TIDEMARK_REREAD_DAYS: number(3, 0, 90),
  TIDEMARK_RETENTION_DAYS: number(800, 28, 10_000),
  TIDEMARK_HORIZON_DAYS: number(35, 1, 10_000),
  TIDEMARK_CHUNK_SERIES: count(100, 1, 10_000),
  TIDEMARK_CHUNK_BUCKETS: count(1_000, 1, 1_000_000),
  TIDEMARK_RATE_PER_MINUTE: number(600, 1, 1_000_000),
  TIDEMARK_ALARM_BUDGET: number(0, 0, 1e6),
  TIDEMARK_ALARM_COVERAGE: number(DEFAULT_RULES.coverage, 0.8, 0.999),
  TIDEMARK_ALARM_DIRECTION: z
    .enum(WATCHED_SIDES, { error: `expected ${listed(WATCHED_SIDES)}` })
    .default(DEFAULT_RULES.direction),
  TIDEMARK_ALARM_MINIMUM: number(DEFAULT_RULES.minimumAbsolute, 0, 1e15),
  TIDEMARK_ALARM_MINIMUM_SHARE: number(DEFAULT_RULES.minimumRelative, 0, 1e6),
  TIDEMARK_ALARM_WARNING: number(DEFAULT_RULES.warningScore, 1e-9, 999),
  TIDEMARK_ALARM_CRITICAL: number(DEFAULT_RULES.criticalScore, 1e-9, 999),
  TIDEMARK_ALARM_NEEDED: count(DEFAULT_RULES.needed, 1, 100),
  TIDEMARK_ALARM_AMONG: count(DEFAULT_RULES.among, 1, 100),
  TIDEMARK_ALARM_QUIET: count(DEFAULT_RULES.quietToClose, 1, 100),
  TIDEMARK_LANGUAGE: z.enum(LANGUAGES, { error: `expected ${listed(LANGUAGES)}` }).default('en'),
  TIDEMARK_PUBLIC_URL: z.string().default(''),
  TIDEMARK_WEBHOOKS: z.string().default(''),
  TIDEMARK_WEBHOOKS_LOOPBACK: flag,
  TIDEMARK_TRUSTED_PROXIES: z.string().default(''),
  TIDEMARK_HEARTBEAT: z.string().default(''),
  TIDEMARK_HEARTBEAT_FAILURE: z.string().default(''),
  TIDEMARK_ATHENA: z.string().default(''),
  TIDEMARK_FOLDER: z.string().default(''),
  TIDEMARK_HOST: z.string().default('127.0.0.1'),
  TIDEMARK_PORT: count(8787, 0, 65_535),
  TIDEMARK_DATABASE: z.string().default('.tidemark/tidemark.db'),
  TIDEMARK_THREADS: count(1, 0, 64),
  TIDEMARK_READ_WAIT_SECONDS: number(0.5, 0.01, 60),
});

/** What the environment says, checked. */
export interface Settings {
  readonly keys: readonly ApiKey[];
  /** Explicitly told to run without keys. */
  readonly open: boolean;
  readonly clock: Clock['kind'];
  readonly cycle: CycleSettings;
  readonly retentionDays: number;
  /** Days that the bands of horizons beyond the first are kept. */
  readonly horizonDays: number;
  readonly ratePerMinute: number;
  /** Where actuals are read from, one at most; both `null`: they are pushed. */
  readonly athena: AthenaSetting | null;
  readonly folder: FolderSetting | null;
  readonly webhooks: readonly Webhook[];
  /** Where webhooks and the heartbeat may go. */
  readonly targets: TargetPolicy;
  /** Address under which people reach the service, without a slash at its end; `null`: messages carry no link. */
  readonly publicUrl: string | null;
  /** Of a service that watches this one; `null`: none does. */
  readonly heartbeat: Heartbeat | null;
  /** Ranges of addresses whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: TrustedProxies;
  readonly host: string;
  readonly port: number;
  /** A file, or `postgres://…`, which may hold a password. */
  readonly database: string;
  /** Worker threads for long catch-ups; 0: none. */
  readonly threads: number;
  /** How long a read waits for a cycle, on Node. */
  readonly readWaitMs: number;
}

/**
 * Reads and checks the settings. A variable of blanks only is as good as absent, but for the database: where its address
 * has got lost on the way, an empty file would be no substitute.
 * @throws UserError `invalid-setting` naming the variable, its value and what is accepted.
 */
export function readSettings(environment: Readonly<Record<string, unknown>>): Settings {
  const named = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => name.startsWith('TIDEMARK_') && typeof value === 'string'),
  );
  const unknown = Object.keys(named).filter((name) => !(name in variables.shape) && !OTHER_VARIABLES.test(name));
  if (unknown.length > 0) {
    throw new UserError(
      'invalid-setting',
      `unknown setting ${unknown[0]}; known are ${Object.keys(variables.shape).join(', ')}`,
    );
  }
  const isSet = ([name, value]: [string, unknown]) => String(value).trim() !== '' || name === 'TIDEMARK_DATABASE';
  const parsed = variables.safeParse(Object.fromEntries(Object.entries(named).filter(isSet)));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    throw new UserError('invalid-setting', `invalid ${name}: ${named[name]}; ${issue?.message}`);
  }
  const v = parsed.data;
  const athena = parseAthena(v.TIDEMARK_ATHENA);
  const folder = parseFolder(v.TIDEMARK_FOLDER);
  if (athena && folder) {
    throw new UserError(
      'invalid-setting',
      'invalid TIDEMARK_FOLDER: actuals are read from one place, and TIDEMARK_ATHENA is set; expected one of them',
    );
  }
  if (v.TIDEMARK_CLOCK === 'newest' && (athena || folder)) {
    throw new UserError(
      'invalid-setting',
      `invalid TIDEMARK_CLOCK: newest; the source is read up to now, so with ${athena ? 'TIDEMARK_ATHENA' : 'TIDEMARK_FOLDER'} expected wall`,
    );
  }
  const rules = rulesOf(v);
  const targets = { loopback: v.TIDEMARK_WEBHOOKS_LOOPBACK };
  return {
    keys: parseKeys(v.TIDEMARK_KEYS),
    open: v.TIDEMARK_OPEN,
    clock: v.TIDEMARK_CLOCK,
    cycle: {
      rules,
      watermarkMs: v.TIDEMARK_WATERMARK_MINUTES * 60_000,
      backfillDays: v.TIDEMARK_BACKFILL_DAYS,
      rereadDays: v.TIDEMARK_REREAD_DAYS,
      chunk: { series: v.TIDEMARK_CHUNK_SERIES, steps: v.TIDEMARK_CHUNK_BUCKETS },
      alarmBudget: v.TIDEMARK_ALARM_BUDGET > 0 ? v.TIDEMARK_ALARM_BUDGET : null,
      language: v.TIDEMARK_LANGUAGE,
    },
    retentionDays: v.TIDEMARK_RETENTION_DAYS,
    horizonDays: v.TIDEMARK_HORIZON_DAYS,
    athena,
    folder,
    webhooks: parseWebhooks(v.TIDEMARK_WEBHOOKS, targets),
    targets,
    publicUrl: parsePublicUrl(v.TIDEMARK_PUBLIC_URL),
    heartbeat: parseHeartbeat(v.TIDEMARK_HEARTBEAT, v.TIDEMARK_HEARTBEAT_FAILURE, targets),
    trustedProxies: parseProxies(v.TIDEMARK_TRUSTED_PROXIES),
    ratePerMinute: v.TIDEMARK_RATE_PER_MINUTE,
    host: v.TIDEMARK_HOST,
    port: v.TIDEMARK_PORT,
    database: checkedDatabase(v.TIDEMARK_DATABASE),
    threads: v.TIDEMARK_THREADS,
    readWaitMs: v.TIDEMARK_READ_WAIT_SECONDS * 1_000,
  };
}

/**
 * The alarm rules that the settings make.
 * @throws UserError `invalid-setting` for values that do not go together; each of them is checked already.
 */
function rulesOf(v: z.output<typeof variables>): AlarmRules {
  const [warning, critical] = [v.TIDEMARK_ALARM_WARNING, v.TIDEMARK_ALARM_CRITICAL];
  if (critical < warning) {
    throw new UserError(
      'invalid-setting',
      `invalid TIDEMARK_ALARM_CRITICAL: ${critical}; expected at least TIDEMARK_ALARM_WARNING, ${warning}`,
    );
  }
  const [needed, among] = [v.TIDEMARK_ALARM_NEEDED, v.TIDEMARK_ALARM_AMONG];
  if (needed > among) {
    throw new UserError(
      'invalid-setting',
      `invalid TIDEMARK_ALARM_NEEDED: ${needed}; expected at most TIDEMARK_ALARM_AMONG, ${among}`,
    );
  }
  return checkedRules({
    coverage: v.TIDEMARK_ALARM_COVERAGE,
    direction: v.TIDEMARK_ALARM_DIRECTION,
    minimumAbsolute: v.TIDEMARK_ALARM_MINIMUM,
    minimumRelative: v.TIDEMARK_ALARM_MINIMUM_SHARE,
    warningScore: warning,
    criticalScore: critical,
    needed,
    among,
    quietToClose: v.TIDEMARK_ALARM_QUIET,
  });
}

/**
 * The file or the address of a server that a text names. What looks like an address and is none is refused: as the name
 * of a file it would be made, empty, and stand in the log with the password.
 * @throws UserError `invalid-setting`, without the text, which may hold a password.
 */
function checkedDatabase(text: string): string {
  const trimmed = text.trim();
  const scheme = /^([a-z][\w+.-]+):/i.exec(trimmed)?.[1];
  const isFile = trimmed !== '' && scheme === undefined && !/^["']|:\/\/|\b(password|dbname) *=/i.test(trimmed);
  if (isFile || /^postgres(ql)?:\/\//i.test(trimmed)) return trimmed;
  const given = trimmed === '' ? 'it is empty' : scheme === undefined ? 'not shown' : `${scheme}:…`;
  throw new UserError(
    'invalid-setting',
    `invalid TIDEMARK_DATABASE: ${given}; expected a file, or postgres://<user>@<host>/<database>, without quotes`,
  );
}

/** @throws UserError `invalid-setting`. */
function parsePublicUrl(text: string): string | null {
  if (text.trim() === '') return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username === '';
  if (isPlain) return url.href.replace(/\/+$/, '');
  throw new UserError(
    'invalid-setting',
    `invalid TIDEMARK_PUBLIC_URL: ${text.replace(/\/\/[^/]*@/, '//…@')}; expected an address such as https://tidemark.example, without a query`,
  );
}

/** Variables of other parts that share the environment. */
const OTHER_VARIABLES = /^TIDEMARK_(API(_KEY)?|(TEST|DEMO|WORK|SOURCE)(_.+)?)$/;

/**
 * Refuses to serve without keys, unless told to and reachable from this machine only.
 * @throws UserError `no-keys`.
 */
export function checkExposure(settings: Settings, loopback: boolean): void {
  if (settings.keys.length > 0) return;
  if (settings.open && loopback) return;
  throw new UserError(
    'no-keys',
    settings.open
      ? 'TIDEMARK_OPEN=true serves without keys on loopback only; set TIDEMARK_HOST=127.0.0.1 or give TIDEMARK_KEYS'
      : 'no API keys: set TIDEMARK_KEYS (see `pnpm api key`), or TIDEMARK_OPEN=true to serve on loopback without any',
  );
}

const access = z.object({
  AWS_REGION: z.string().min(1),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().min(1).optional(),
  AWS_ENDPOINT_URL: z.url().optional(),
});

/**
 * How to reach AWS, for Workers: there the SDK looks for nothing by itself.
 * @throws UserError `invalid-setting` naming what is missing, never with a value.
 */
export function readAccess(environment: Readonly<Record<string, unknown>>): AwsAccess {
  const parsed = access.safeParse(environment);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0]);
    throw new UserError(
      'invalid-setting',
      `TIDEMARK_ATHENA needs ${name}; set it with \`wrangler secret put ${name}\``,
    );
  }
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL } = parsed.data;
  return {
    region: AWS_REGION,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    },
    ...(AWS_ENDPOINT_URL ? { endpoint: AWS_ENDPOINT_URL } : {}),
  };
}

/** The environment of this process. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
