import type { Series } from '@tidemark/shared/forecasting';
import { completeLength } from './split.ts';

/** A series silent in this share of its buckets is silent too often for silence to be unusual. */
const OFTEN = 0.9;

/** Series, most of whose buckets are empty: a band per bucket cannot show an outage of theirs. */
export function silentSeries(all: readonly Series[]): string[] {
  return all
    .filter((series) => {
      const length = completeLength(series);
      let silent = 0;
      for (let i = 0; i < length; i++) if (series.states[i] === 'zero') silent++;
      return silent >= OFTEN * length;
    })
    .map(({ id }) => id);
}

/** What a band per bucket cannot see of such series, in words for people; `null` where there are none. */
export function sparsityStatement(all: readonly Series[]): string | null {
  const silent = silentSeries(all);
  if (silent.length === 0) return null;
  const names = silent.slice(0, 3).map((id) => `"${id}"`);
  const who = silent.length > 3 ? `${names.join(', ')} and ${silent.length - 3} more` : names.join(', ');
  const have = silent.length === 1 ? 'has' : 'have';
  return `${who} ${have} trade in under a tenth of the buckets: a band per bucket shows unusual trades there, but not that trade is missing. To see an outage, watch the group they belong to, or prepare longer buckets (stepHours).`;
}
