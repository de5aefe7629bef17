import { UserError } from '@tidemark/shared/errors';
import { createGrid, HOUR_MS } from '@tidemark/shared/forecasting';
import { LANGUAGES, type Language } from '@tidemark/shared/vocabulary';
import { THEMES } from '../report/theme.ts';

/** What to publish, where to, and as whom. */
export interface Settings {
  /** Name or id of the workspace. */
  readonly workspace: string;
  /** Values of the semantic model's parameters; `undefined` where not given: what an earlier publish wrote stays. */
  readonly baseUrl: string;
  readonly historyDays: number | undefined;
  readonly coverage: number | undefined;
  /** Language of the API's sentences and of names made at refresh. */
  readonly language: Language | undefined;
  /** Who sees which client under the role By client: `user=client` pairs with semicolons between; empty: nobody any. */
  readonly access: string | undefined;
  /** Length of the model's buckets, in ms: as often as one ends the dashboard refreshes. */
  readonly stepMs: number;
  /** Look of the report; `undefined` where not given: the one it has stays. */
  readonly theme: keyof typeof THEMES | undefined;
  /** IANA zone of the business: decides which eight refreshes are kept where only eight are allowed. */
  readonly timeZone: string;
  readonly signIn: 'device-code' | 'service-principal';
  /** Key for the API's read routes; without it the credentials are left to a person. */
  readonly apiKey: string | undefined;
  /** Id of an existing connection to bind, in place of the key. */
  readonly connection: string | undefined;
  /** Become the owner of an existing semantic model first. */
  readonly takeOver: boolean;
  readonly refresh: boolean;
  readonly dryRun: boolean;
}

/** What the command line says, as text. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Checks what the command line says.
 * @throws UserError `invalid-publish-settings` naming the flag, its value and what is accepted.
 */
export function settingsOf(flags: Flags, apiKey: string | undefined): Settings {
  const text = (name: string) => (typeof flags[name] === 'string' ? flags[name] : undefined);
  const workspace = text('workspace');
  if (workspace === undefined) throw refused('--workspace', undefined, 'the name or id of a workspace');
  return {
    workspace,
    baseUrl: address(text('base-url')),
    historyDays: given(text('history-days'), (value) =>
      numberIn('--history-days', value, { least: 1, most: 3660, whole: true }),
    ),
    coverage: given(text('coverage'), (value) => numberIn('--coverage', value, { least: 0.8, most: 0.999 })),
    language: given(text('language'), (value) => choice('--language', value, LANGUAGES)),
    access: given(text('access'), accessOf),
    stepMs: stepOf(text('step-hours') ?? '2'),
    theme: given(text('theme'), (value) => choice('--theme', value, Object.keys(THEMES) as (keyof typeof THEMES)[])),
    timeZone: zone(text('time-zone') ?? 'UTC'),
    signIn: choice('--sign-in', text('sign-in') ?? 'device-code', ['device-code', 'service-principal']),
    apiKey,
    connection: text('connection'),
    takeOver: flags['take-over'] === true,
    refresh: flags['no-refresh'] !== true,
    dryRun: flags['dry-run'] === true,
  };
}

/** What a flag was given, checked; `undefined` where it was not. */
function given<Value>(value: string | undefined, check: (value: string) => Value): Value | undefined {
  return value === undefined ? undefined : check(value);
}

function accessOf(value: string): string {
  const pairs = value.split(';').filter((pair) => pair.trim() !== '');
  const wrong = pairs.find((pair) => !/^\s*[^=\s]+\s*=\s*\S/.test(pair));
  if (wrong !== undefined) throw refused('--access', wrong, 'user=client pairs with semicolons between');
  return value;
}

function refused(flag: string, value: string | undefined, accepted: string): UserError {
  return new UserError('invalid-publish-settings', `invalid ${flag}: ${value ?? 'not given'}; give ${accepted}`);
}

function address(value: string | undefined): string {
  const accepted = 'the address of the API, https://… without query';
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : undefined;
  const secure = url?.protocol === 'https:';
  if (url === undefined || !secure || url.search !== '' || url.username !== '') {
    throw refused('--base-url', value, `${accepted}; the service cannot reach anything else`);
  }
  return url.href.replace(/\/$/, '');
}

/** Numbers that a flag takes. */
interface Accepted {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

function numberIn(flag: string, value: string, { least, most, whole = false }: Accepted): number {
  const number = Number(value);
  if (!(number >= least && number <= most) || (whole && !Number.isInteger(number))) {
    throw refused(flag, value, `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
  }
  return number;
}

function stepOf(value: string): number {
  try {
    return createGrid(Number(value) * HOUR_MS).stepMs;
  } catch {
    throw refused('--step-hours', value, 'the stepHours of the model: hours that divide a day, such as 2 or 0.5');
  }
}

function choice<Choice extends string>(flag: string, value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((each) => each === value);
  if (found === undefined) throw refused(flag, value, choices.join(' or '));
  return found;
}

function zone(value: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw refused('--time-zone', value, 'an IANA name such as America/Lima');
  }
}
