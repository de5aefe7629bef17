import type { AlarmRules, Evidence, SeriesIncident, Standing, Storm } from '@tidemark/shared/detection';
import { BAND, type StoredIncident, type StoredStorm, type StoredVerdict } from '../../store/rows.ts';

/** Scores end here, as those of bands do. */
const MOST_SCORE = 999;

/** Money against its band, judged by the budget: the name `band` has the one that is drawn. */
const VOLUME = 'volume';

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
    raised,
    withdrawnBecause: null,
    evidence: {
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

/** A stored incident with its numbers by the evidence that stands now; itself where they are the same. */
export function revisedRow(incident: StoredIncident, { evidence, money }: Standing): StoredIncident {
  const { detector, cause, causeValue, strength, threshold, observed, expected, buckets } = evidence;
  const size = Math.round(Math.abs(money) * 100) / 100;
  const volume = incident.direction === 'low' ? -size : size;
  const isSame =
    incident.evidence !== null &&
    incident.evidence.observed === observed &&
    incident.evidence.cause === cause &&
    incident.volume === volume;
  if (isSame && incident.status !== 'withdrawn') return incident;
  const storm = incident.evidence?.storm ?? null;
  return {
    ...incident,
    status: incident.status === 'withdrawn' ? 'closed' : incident.status,
    withdrawnBecause: null,
    score: Math.min(MOST_SCORE, strength / threshold),
    volume,
    evidence: { detector, cause, causeValue, strength, observed, expected, window: buckets, storm },
  };
}

/** The evidence of a storm's member that has none of its own, as its incident keeps it. */
export function weakEvidence(incident: SeriesIncident): Evidence {
  const { detector, side, cause, causeValue, strength, ratio, end, buckets, observed, expected } = incident;
  const threshold = ratio > 0 ? strength / ratio : 1;
  const start = Math.max(incident.start, end - buckets + 1);
  const window = { start, since: incident.start, buckets, observed, expected, attempts: 0, sales: 0 };
  return { detector, side, cause, causeValue, strength, threshold, ...window };
}

/**
 * What the evidence at one bucket says, as verdicts: of each detector the strongest, on this bucket and, where the incident
 * has only begun with it, on the buckets before that its window covers.
 * @param evidence on the incident's side, the strongest first.
 */
export function verdictRows(
  series: number,
  bucket: number,
  incident: Pick<SeriesIncident, 'severity' | 'raised'>,
  evidence: readonly Evidence[],
): StoredVerdict[] {
  const of = (one: Evidence, at: number): StoredVerdict => ({
    series,
    bucket: at,
    detector: one.detector === BAND ? VOLUME : one.detector,
    direction: one.side,
    score: Math.min(MOST_SCORE, one.strength / one.threshold),
    severity: incident.severity,
    alarm: incident.severity,
    observed: one.observed,
    expected: one.expected,
    cause: one.cause,
    causeValue: one.causeValue,
    window: one.buckets,
    origin: null,
    lower: null,
    upper: null,
    coverage: null,
  });
  const [strongest] = evidence;
  if (strongest === undefined) return [];
  const before =
    incident.raised === bucket
      ? Array.from({ length: bucket - strongest.start }, (_, k) => of(strongest, strongest.start + k))
      : [];
  const seen = new Set<string>();
  const now = evidence.filter(({ detector }) => !seen.has(detector) && seen.add(detector));
  return [...before, ...now.map((one) => of(one, bucket))];
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
  const told = causeValue === null ? cause : `${cause}=${causeValue}`;
  return { id: stormId(id), status, cause: told, withdrawnBecause: null, ...storm };
}
