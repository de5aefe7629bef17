import type { AlarmRow, BandRow, SeriesRow } from '@tidemark/shared/contract';
import { decodeModel } from '@tidemark/shared/contract/model-file';
import { UserError } from '@tidemark/shared/errors';
import type { Artifact } from '@tidemark/shared/forecasting';
import { DAY_MS } from '@tidemark/shared/forecasting';

/** What retraining asks a running API for. */
export interface Service {
  /** The model in service; `null` where none is. */
  model(): Promise<Artifact | null>;
  /** @throws UserError `api-refused` where a model could not be published there with this key. */
  checkMayPublish(): Promise<void>;
  /** Judged and other rows of the last days, at the 99 % band. */
  recentBands(days: number): Promise<BandRow[]>;
  /** All incidents, those that were withdrawn but answered too. */
  alarms(): Promise<AlarmRow[]>;
}

/**
 * Where a path of the API is, below the address that was given for it.
 * @throws UserError `invalid-api` for what is no address.
 */
export function addressAt(api: string, path: string): URL {
  if (!URL.canParse(api) || !/^https?:$/.test(new URL(api).protocol)) {
    throw new UserError('invalid-api', `invalid --api; not an address such as http://127.0.0.1:8787: ${api}`);
  }
  return new URL(path.replace(/^\//, ''), api.replace(/\/*$/, '/'));
}

/** What was answered, read whole. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

/**
 * Asks the API.
 * @throws UserError `api-unreachable` where nothing answers, or not to the end; `interrupted` by the request's signal;
 * `invalid-key` for a key that cannot be sent.
 */
export async function answerOf(address: URL, request: RequestInit): Promise<Answer> {
  checkSendable(request.headers);
  try {
    const response = await fetch(address, request);
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (cause) {
    if (request.signal?.aborted) throw new UserError('interrupted', 'interrupted', { cause });
    throw new UserError('api-unreachable', `no API answers at ${address.origin}; start one with \`pnpm api\``, {
      cause,
    });
  }
}

/** The key comes from outside; a header takes no line break and no letter beyond Latin. */
function checkSendable(headers: RequestInit['headers']): void {
  try {
    new Headers(headers);
  } catch (cause) {
    throw new UserError(
      'invalid-key',
      'invalid --key or TIDEMARK_API_KEY; it holds a line break or another character that cannot be sent, so it is no API key',
      { cause },
    );
  }
}

/**
 * What an answer holds, by what reads it.
 * @throws UserError `api-refused` for what that cannot read: some other server stands there, or one of another version.
 */
export function readAnswer<T>(address: URL, text: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (cause) {
    throw new UserError(
      'api-refused',
      `${address} answered what is not to be read here (${(cause as Error).message}); is --api the address of the API, and the API of the trainer's version?`,
      { cause },
    );
  }
}

/** The API at an address. @throws UserError `invalid-api`, `api-unreachable` or `api-refused` from each call. */
export function serviceAt(api: string, key: string | undefined): Service {
  async function ask(path: string, request: RequestInit = {}): Promise<Answer> {
    const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
    return answerOf(addressAt(api, path), { ...request, headers });
  }
  const get = (path: string) => ask(path);
  async function rows<Row>(path: string): Promise<{ rows: Row[]; next: string | null }> {
    const { ok, status, text } = await get(path);
    if (!ok) throw new UserError('api-refused', `GET ${path}: ${status} ${text.slice(0, 500)}`);
    return readAnswer(addressAt(api, path), text, JSON.parse) as { rows: Row[]; next: string | null };
  }
  return {
    async model() {
      const { ok, status, text } = await get('/v1/model.txt');
      if (ok) return readAnswer(addressAt(api, '/v1/model.txt'), text, decodeModel).artifact;
      // No model yet (409) is the first day of every service; a refused key is not, nor is another server's 404.
      if ([401, 403].includes(status)) {
        throw new UserError('api-refused', `the API at ${api} refuses the key (${status}); give --key`);
      }
      if (status === 409) return null;
      throw new UserError(
        'api-refused',
        `GET ${addressAt(api, '/v1/model.txt')}: ${status} ${text.slice(0, 500)}; is --api the address of the API?`,
      );
    },
    async checkMayPublish() {
      // An empty text is no model: who may publish is told so, and nothing is changed.
      const { status, text } = await ask('/v1/model', { method: 'PUT', body: '' });
      if (status === 400) return;
      throw new UserError(
        'api-refused',
        `the API at ${api} would take no model (PUT /v1/model: ${status} ${text.slice(0, 500)}); give --key of scope admin, and the address of the API itself`,
      );
    },
    async alarms() {
      const found: AlarmRow[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query = cursor === '' ? '' : `?${new URLSearchParams({ cursor })}`;
        const page: { rows: AlarmRow[]; next: string | null } = await rows<AlarmRow>(`/v1/alarms${query}`);
        found.push(...page.rows);
        cursor = page.next;
      }
      return found;
    },
    async recentBands(days) {
      const { rows: series } = await rows<SeriesRow>('/v1/series');
      const newest = Math.max(...series.map(({ newest_bucket }) => Date.parse(newest_bucket)));
      if (!Number.isFinite(newest)) return [];
      const from = new Date(newest - days * DAY_MS).toISOString();
      const found: BandRow[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query = new URLSearchParams({ from, coverage: '0.99', ...(cursor === '' ? {} : { cursor }) });
        const page: { rows: BandRow[]; next: string | null } = await rows<BandRow>(`/v1/bands?${query}`);
        found.push(...page.rows);
        cursor = page.next;
      }
      return found;
    },
  };
}
