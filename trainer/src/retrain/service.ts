import type { AlarmRow, BandRow, SeriesRow } from '@tidemark/shared/contract';
import { decodeModel } from '@tidemark/shared/contract/model-file';
import { UserError } from '@tidemark/shared/errors';
import type { Artifact } from '@tidemark/shared/forecasting';
import { DAY_MS } from '@tidemark/shared/forecasting';

/** What retraining asks a running API for. */
export interface Service {
  /** The model in service; `null` where none is. */
  model(): Promise<Artifact | null>;
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

/** The API at an address. @throws UserError `invalid-api`, `api-unreachable` or `api-refused` from each call. */
export function serviceAt(api: string, key: string | undefined): Service {
  async function get(path: string): Promise<Response> {
    const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
    return fetch(addressAt(api, path), { headers }).catch((cause: unknown) => {
      throw new UserError('api-unreachable', `no API answers at ${api}; start one with \`pnpm api\``, { cause });
    });
  }
  async function rows<Row>(path: string): Promise<{ rows: Row[]; next: string | null }> {
    const response = await get(path);
    if (!response.ok) throw new UserError('api-refused', `GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { rows: Row[]; next: string | null };
  }
  return {
    async model() {
      const response = await get('/v1/model.txt');
      if (response.ok) return decodeModel(await response.text()).artifact;
      // No model yet (409) is the first day of every service; a refused key is not, nor is another server's 404.
      if ([401, 403].includes(response.status)) {
        throw new UserError('api-refused', `the API at ${api} refuses the key (${response.status}); give --key`);
      }
      if (response.status === 409) return null;
      throw new UserError(
        'api-refused',
        `GET ${addressAt(api, '/v1/model.txt')}: ${response.status} ${(await response.text()).slice(0, 500)}; is --api the address of the API?`,
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
