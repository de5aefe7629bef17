import {
  type Artifact,
  createForecaster,
  createGrid,
  createRandom,
  HOUR_MS,
  type Random,
  type Series,
} from '@tidemark/shared/forecasting';
import { completeLength } from '../training/split.ts';
import { unscored } from './evaluate.ts';
import {
  type AlarmCounts,
  countAlarms,
  flags,
  noAlarms,
  type SyntheticAnomaly,
  stateBefore,
  withEvents,
} from './synthetic-anomalies.ts';

/** One size and length of trouble. */
interface Trouble {
  /** `outage`, `drop 40 %`, … */
  readonly kind: string;
  readonly factor: number;
  readonly hours: number;
}

const TROUBLES: readonly Trouble[] = [
  ...[2, 6, 12].map((hours) => ({ kind: 'outage', factor: 0, hours })),
  ...[6, 12].map((hours) => ({ kind: 'drop of 70 %', factor: 0.3, hours })),
  ...[6, 24].map((hours) => ({ kind: 'drop of 40 %', factor: 0.6, hours })),
  ...[2, 6].map((hours) => ({ kind: 'spike to 150 %', factor: 1.5, hours })),
  ...[2, 4].map((hours) => ({ kind: 'spike to 200 %', factor: 2, hours })),
];

/** Series tried, the largest first, and how often each: enough to tell a third from a half, in seconds. */
const SERIES = 6;
const REPLICATES = 2;
const SEED = 4;

/** What was seen of one size and length of trouble. */
export interface TroubleSeen {
  readonly kind: string;
  readonly factor: number;
  readonly hours: number;
  readonly events: number;
  /** Share of events flagged in their own direction while they lasted. */
  readonly recall: number;
  /** Mean hours from the start of those to the end of the bucket that was flagged; `NaN` where none was. */
  readonly hoursToAlarm: number;
}

/** What came of injecting trouble into the test part of a user's own history. */
export interface SyntheticAnomalyTest {
  readonly series: number;
  readonly replicates: number;
  readonly troubles: readonly TroubleSeen[];
  /** Over all events. */
  readonly recall: number;
  /** Share of events that the next-bucket band or the one issued a day ahead flagged. */
  readonly recallOfEither: number;
  readonly hoursToAlarm: number;
  /** Flags outside all events, a series-week; and of the same buckets without any event. */
  readonly falsePerWeek: number;
  readonly falsePerWeekUndisturbed: number;
}

/**
 * Multiplies stretches of the test part, beginning in busy buckets some days apart, and asks whether the 99 % bands
 * issued before would have been left in the right direction, how soon, and how often they are left elsewhere. The
 * context is cleaned as in service. The same history gives the same events.
 * @param testFrom index of the first test bucket of a series.
 */
export function syntheticAnomalyTest(
  artifact: Artifact,
  all: readonly Series[],
  testFrom: (series: Series) => number,
): SyntheticAnomalyTest {
  const forecaster = createForecaster(unscored(artifact));
  const stepHours = artifact.metadata.stepMs / HOUR_MS;
  const random = createRandom(SEED);
  const each = new Map<Trouble, AlarmCounts>(TROUBLES.map((trouble) => [trouble, noAlarms()]));
  const total = noAlarms();
  const undisturbed = noAlarms();
  const tried = largest(all, testFrom);
  for (const series of tried) {
    const from = series.firstBucket + testFrom(series);
    const stored = stateBefore(forecaster, series, from - forecaster.horizons);
    countAlarms(undisturbed, flags(forecaster, series, from, stored), []);
    for (let replicate = 0; replicate < REPLICATES; replicate++) {
      const placed = place(series, testFrom(series), stepHours, random);
      const events = placed.map(({ event }) => event);
      const found = flags(forecaster, withEvents(series, events), from, stored);
      countAlarms(total, found, events);
      for (const { trouble, event } of placed) countAlarms(each.get(trouble) as AlarmCounts, found, [event]);
    }
  }
  const hours = ({ delay, hits }: AlarmCounts) => (delay / hits + 1) * stepHours;
  const perWeek = ({ falseFlags, quietBuckets }: AlarmCounts) =>
    (falseFlags / quietBuckets) * createGrid(artifact.metadata.stepMs).perWeek;
  return {
    series: tried.length,
    replicates: REPLICATES,
    troubles: [...each]
      .filter(([, counts]) => counts.events > 0)
      .map(([{ kind, factor, hours: length }, counts]) => ({
        kind,
        factor,
        hours: Math.max(length, stepHours),
        events: counts.events,
        recall: counts.hits / counts.events,
        hoursToAlarm: hours(counts),
      })),
    recall: total.hits / total.events,
    recallOfEither: total.hitsOfEither / total.events,
    hoursToAlarm: hours(total),
    falsePerWeek: perWeek(total),
    falsePerWeekUndisturbed: perWeek(undisturbed),
  };
}

function largest(all: readonly Series[], testFrom: (series: Series) => number): Series[] {
  const volume = (series: Series) => {
    let sum = 0;
    for (let i = testFrom(series); i < completeLength(series); i++) sum += Math.abs(series.values[i] || 0);
    return sum;
  };
  return [...all].sort((a, b) => volume(b) - volume(a)).slice(0, SERIES);
}

interface Placed {
  readonly trouble: Trouble;
  readonly event: SyntheticAnomaly;
}

/** Troubles in shuffled order, each from a busy bucket on, four to seven days after the last one ended. */
function place(series: Series, testFrom: number, stepHours: number, random: Random): Placed[] {
  const end = completeLength(series);
  const perDay = 24 / stepHours;
  const busy = busyLevel(series.values.subarray(testFrom, end));
  const placed: Placed[] = [];
  let queue: Trouble[] = [];
  for (let at = testFrom + perDay; at < end; ) {
    if (queue.length === 0) queue = shuffled(TROUBLES, random);
    const trouble = queue[queue.length - 1] as Trouble;
    const buckets = Math.max(1, Math.round(trouble.hours / stepHours));
    at += random.below(perDay);
    while (at < end && !((series.values[at] as number) >= busy)) at++;
    if (at + buckets > end) break;
    queue.pop();
    placed.push({ trouble, event: { start: series.firstBucket + at, buckets, factor: trouble.factor } });
    // Denser, the events would no longer be rare, and the calibration would take them for the new usual.
    at += buckets + 4 * perDay + random.below(2 * perDay);
  }
  return placed;
}

/** Mean of the positive values: half of the volume or more is done in buckets above it. */
function busyLevel(values: Float64Array): number {
  const positive = values.filter((value) => value > 0);
  return positive.reduce((sum, value) => sum + value / positive.length, 0);
}

function shuffled<T>(all: readonly T[], random: Random): T[] {
  const left = [...all];
  return Array.from(all, () => left.splice(random.below(left.length), 1)[0] as T);
}

/** With fewer outages seen than this, a band per bucket is no watch against them. */
const BLIND = 0.25;

/** What is to be said where most injected outages went unseen, in words for people; else `null`. */
export function blindness({ troubles }: SyntheticAnomalyTest): string | null {
  const outages = troubles.filter(({ factor }) => factor === 0);
  const events = outages.reduce((sum, one) => sum + one.events, 0);
  const seen = outages.reduce((sum, one) => sum + one.recall * one.events, 0) / events;
  if (!(seen < BLIND)) return null;
  const few = seen === 0 ? 'None' : `Only ${Math.round(100 * seen)} %`;
  return `${few} of the outages put in were seen: even in busy hours these series may well have an empty bucket, so a band per bucket cannot tell an outage from a quiet hour. Watch larger groups, or prepare longer buckets (stepHours).`;
}
