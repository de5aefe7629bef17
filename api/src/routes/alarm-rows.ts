import { type AlarmRow, localClock, utcText } from '@tidemark/shared/contract';
import { wireNumber } from '@tidemark/shared/contract/fan-text';
import { nameInText } from '@tidemark/shared/contract/name-in-text';
import {
  bandSentence,
  type Explanation,
  type SentenceFacts,
  sentenceOf,
  topContributions,
  whereText,
} from '@tidemark/shared/detection';
import { bucketStart, HOUR_MS } from '@tidemark/shared/forecasting';
import type { Language, LossCause } from '@tidemark/shared/vocabulary';
import type { Db } from '../store/db.ts';
import { readExplanations } from '../store/explanations.ts';
import { type LabelledIncident, memberVolumes } from '../store/incidents.ts';
import { type RowStyle, withdrawalColumns } from './row-style.ts';

/** Members named for a group's incident. */
const CONTRIBUTORS = 5;

/** What an incident is known by, as columns; the band knows only that an actual has left it. */
function evidenceColumns(incident: LabelledIncident, stepMs: number, language: Language) {
  const { evidence, direction } = incident;
  const raised_at = utcText(bucketStart(incident.raised + 1, stepMs));
  if (evidence === null) {
    const none = { cause: null, cause_value: null, strength: null, observed: null, expected: null, storm: null };
    return { raised_at, detector: 'band', ...none, sentence: bandSentence(direction, language) };
  }
  const { detector, cause, causeValue, strength, observed, expected, window, storm } = evidence;
  const hours = (window * stepMs) / HOUR_MS;
  return {
    raised_at,
    detector,
    cause,
    cause_value: causeValue,
    strength: wireNumber(strength),
    observed: wireNumber(observed),
    expected: wireNumber(expected),
    storm,
    sentence: evidenceSentence({ side: direction, cause, causeValue, detector, observed, expected, hours }, language),
  };
}

/** What evidence tells, in a sentence that a name from right to left does not turn around. */
export function evidenceSentence(facts: SentenceFacts, language: Language): string {
  return sentenceOf({ ...facts, causeValue: facts.causeValue && nameInText(facts.causeValue) }, language);
}

/** Where an explanation says that it lies, names from right to left set apart. */
function placeText({ where, parts }: Explanation, language: Language): string {
  const named = parts.map(({ elements, share }) => ({
    share,
    elements: elements.map(({ dimension, value }) => ({ dimension, value: nameInText(value) })),
  }));
  return whereText({ where, parts: named }, language);
}

/** Its money by cause and where it lies, as columns; empty until it is explained. */
function moneyColumns(explanation: Explanation | null, language: Language) {
  const none = { money: null, money_attempts: null, money_approval: null, money_ticket: null, money_refunds: null };
  if (explanation === null) return { ...none, where: null };
  const units = 10 ** explanation.decimals;
  const of = (cause: LossCause) => (explanation.causes.find((one) => one.cause === cause)?.money ?? 0) / units;
  return {
    money: explanation.money / units,
    money_attempts: of('attempts'),
    money_approval: of('approval'),
    money_ticket: of('ticket'),
    money_refunds: of('refunds'),
    where: placeText(explanation, language),
  };
}

/** Incidents as rows of `GET /v1/alarms`. */
export async function alarmRows(
  db: Db,
  incidents: readonly LabelledIncident[],
  { stepMs, timeZone, language }: RowStyle,
): Promise<AlarmRow[]> {
  const local = localClock(timeZone);
  const volumes = await memberVolumes(db, incidents);
  const explanations = await readExplanations(
    db,
    incidents.map(({ id }) => id),
  );
  return incidents.map((incident) => {
    const start = bucketStart(incident.start, stepMs);
    const end = bucketStart(incident.end + 1, stepMs);
    const top = topContributions(incident.volume, volumes.get(incident.id) ?? [], CONTRIBUTORS);
    return {
      id: incident.id,
      series: incident.seriesId,
      direction: incident.direction,
      severity: incident.severity,
      status: incident.status,
      start: utcText(start),
      end: utcText(end),
      start_local: local(start),
      end_local: local(end),
      buckets: incident.buckets,
      score: wireNumber(incident.score),
      volume: incident.volume,
      contributors:
        incident.members === null ? null : top.map(({ series, volume }) => `${series} ${volume.toFixed(2)}`).join('; '),
      acknowledged_at: incident.acknowledgedAt === null ? null : utcText(incident.acknowledgedAt),
      acknowledged_by: incident.acknowledgedBy,
      label: incident.label,
      note: incident.note,
      ...evidenceColumns(incident, stepMs, language),
      ...moneyColumns(explanations.get(incident.id)?.explanation ?? null, language),
      ...withdrawalColumns(incident, language),
    };
  });
}
