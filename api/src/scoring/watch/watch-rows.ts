import type { AlarmRules, SeriesIncident, Storm } from '@tidemark/shared/detection';
import type { StoredIncident, StoredStorm } from '../../store/rows.ts';

/** Scores end here, as those of bands do. */
const MOST_SCORE = 999;

/** Id of an incident of the detectors as stored and served: no name of a series in it, whose letters could be any. */
export function incidentId(series: number, { raised, side }: Pick<SeriesIncident, 'raised' | 'side'>): string {
  return `c${series}-${raised}-${side}`;
}

/** Id of a storm as stored and served. */
export function stormId(id: string): string {
  return id.replaceAll('/', '-');
}

/** An incident of the detectors as it is stored. */
export function incidentRow(series: number, incident: SeriesIncident): StoredIncident {
  const { side, start, end, open, severity, ratio, money, raised, detector, cause, causeValue } = incident;
  const { strength, observed, expected, buckets, storm } = incident;
  const size = Math.round(Math.abs(money) * 100) / 100;
  return {
    id: incidentId(series, incident),
    series,
    direction: side,
    start,
    end,
    status: open ? 'open' : 'closed',
    severity,
    score: Math.min(MOST_SCORE, ratio),
    volume: side === 'low' ? -size : size,
    buckets: end - start + 1,
    evidence: {
      raised,
      detector,
      cause,
      causeValue,
      strength,
      observed,
      expected,
      window: buckets,
      storm: storm === null ? null : stormId(storm),
    },
  };
}

/** Whether an incident is one that the alarm rules want to hear of. What is part of a storm counts with the storm. */
export function isWanted({ side, money, storm }: SeriesIncident, rules: AlarmRules): boolean {
  const watched = rules.direction === 'both' || rules.direction === side;
  return watched && (storm !== null || Math.abs(money) >= rules.minimumAbsolute);
}

/** Whether a storm, which is always of too little, is one that the alarm rules want to hear of. */
export function isWantedStorm({ money }: Storm, rules: AlarmRules): boolean {
  return rules.direction !== 'high' && money >= rules.minimumAbsolute;
}

/** A storm as it is stored; one in a value of a dimension has both as its cause: `issuer=E1`. */
export function stormRow({ id, open, cause, causeValue, money: _, ...storm }: Storm): StoredStorm {
  const status = open ? 'open' : 'closed';
  return { id: stormId(id), status, cause: causeValue === null ? cause : `${cause}=${causeValue}`, ...storm };
}
