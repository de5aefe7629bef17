import type { Series } from '@tidemark/shared/forecasting';
import { completeLength } from './split.ts';

/** A series is sparse from this share of empty buckets on. */
const SPARSE = 0.9;

/** Ids of series whose buckets are mostly empty: a band per bucket cannot show their outages. */
function sparseSeries(all: readonly Series[]): string[] {
  return all
    .filter((series) => {
      const length = completeLength(series);
      let empty = 0;
      for (let i = 0; i < length; i++) if (series.states[i] === 'zero') empty++;
      return empty >= SPARSE * length;
    })
    .map(({ id }) => id);
}

/** A warning for people about sparse series; `null` where there are none. */
export function sparsityStatement(all: readonly Series[]): string | null {
  const sparse = sparseSeries(all);
  if (sparse.length === 0) return null;
  const names = sparse.slice(0, 3).map((id) => `"${id}"`);
  const who = sparse.length > 3 ? `${names.join(', ')} and ${sparse.length - 3} more` : names.join(', ');
  const have = sparse.length === 1 ? 'has' : 'have';
  return `${who} ${have} trade in under a tenth of the buckets: a band per bucket shows unusual trades there, but not missing ones. To see an outage, watch the group they belong to, or prepare longer buckets (stepHours).`;
}
