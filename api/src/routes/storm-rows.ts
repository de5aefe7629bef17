import { localClock, type StormRow, utcText } from '@tidemark/shared/contract';
import { wireNumber } from '@tidemark/shared/contract/fan-text';
import { nameInText } from '@tidemark/shared/contract/name-in-text';
import { stormSentence } from '@tidemark/shared/detection';
import { bucketStart, HOUR_MS } from '@tidemark/shared/forecasting';
import type { FoundStorm, StormMember } from '../store/storms.ts';
import { type RowStyle, withdrawalColumns } from './row-style.ts';

/** Members named for a storm. */
const NAMED = 5;

/**
 * Storms as rows of `GET /v1/storms`.
 * @param members of each storm, those that lost most first.
 */
export function stormRows(
  storms: readonly FoundStorm[],
  members: ReadonlyMap<string, readonly StormMember[]>,
  { stepMs, timeZone, language }: RowStyle,
): StormRow[] {
  const local = localClock(timeZone);
  return storms.map(({ id, cause, detector, severity, status, observed, expected, ...storm }) => {
    const start = bucketStart(storm.start, stepMs);
    const end = bucketStart(storm.end + 1, stepMs);
    const own = members.get(id) ?? [];
    const cents = own.reduce((sum, { volume }) => sum + Math.round(100 * volume), 0);
    // What a storm leaves behind is part of it, too: as many are counted as are listed.
    const count = new Set([...storm.members, ...own.map(({ series }) => series)]).size;
    const watched = Math.max(storm.watched, count);
    const hours = (end - start) / HOUR_MS;
    const facts = { cause: nameInText(cause), detector, members: count, watched, observed, expected, hours };
    return {
      id,
      cause,
      severity,
      status,
      start: utcText(start),
      end: utcText(end),
      start_local: local(start),
      end_local: local(end),
      raised_at: utcText(start + stepMs),
      members: count,
      watched,
      volume: cents / 100,
      largest: own
        .slice(0, NAMED)
        .map(({ series, volume }) => `${series} ${volume.toFixed(2)}`)
        .join('; '),
      observed: wireNumber(observed),
      expected: wireNumber(expected),
      sentence: stormSentence(facts, language),
      ...withdrawalColumns(storm, language),
    };
  });
}
