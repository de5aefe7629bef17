import {
  type Artifact,
  createForecaster,
  createGrid,
  createRandom,
  type Fan,
  HOUR_MS,
  type Random,
  type Series,
} from '@tidemark/shared/forecasting';
import { onThreads } from '../threads.ts';
import { completeLength } from '../training/split.ts';
import { unscored } from './evaluate.ts';
import { inWholeBuckets } from './injected-trouble.ts';
import {
  type AlarmCounts,
  countAlarms,
  type Flag,
  noAlarms,
  type SyntheticAnomaly,
  simulateEvents,
} from './synthetic-anomalies.ts';

/** Size and length of an anomaly. */
interface AnomalyKind {
  /** `outage`, `drop 40 %`, … */
  readonly kind: string;
  readonly factor: number;
  readonly hours: number;
}

const KINDS: readonly AnomalyKind[] = [
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
/** Days from the end of one event to the next, and buckets at least: more would not be rare, and calibration adapts to them. */
const APART_DAYS = 4;
const APART_BUCKETS = 24;

/** Results for one size and length of anomaly. */
export interface KindResult {
  readonly kind: string;
  readonly factor: number;
  readonly hours: number;
  readonly events: number;
  /** Share of events flagged in their own direction while they lasted. */
  readonly recall: number;
  /** Mean hours from the start of those to the end of the bucket that was flagged; `NaN` where none was. */
  readonly hoursToAlarm: number;
}

/** An outage put into the largest series, with the bands issued while it lasted. */
export interface OutageExample {
  readonly series: string;
  readonly hours: number;
  /** The day around the outage, bucket by bucket. */
  readonly rows: readonly {
    readonly bucket: number;
    /** The value in the history, and the one with the outage. */
    readonly usual: number;
    readonly value: number;
    readonly fan: Fan;
    readonly out: boolean;
  }[];
  /** The first bucket flagged below its band while the outage lasted, and hours from the start to its end. */
  readonly alarm: { readonly bucket: number; readonly hours: number } | null;
}

/** Results of anomalies put into the test part of a user's own history. */
export interface SyntheticAnomalyTest {
  readonly series: number;
  readonly replicates: number;
  readonly kinds: readonly KindResult[];
  /** One per length of outage, seen or not as most of that length were. */
  readonly examples: readonly OutageExample[];
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
 * Recall, delay and false alarms of the 99 % bands on outages, drops and spikes that are put into the test part: values
 * are multiplied from busy buckets on, some days apart. The context is cleaned as in service. The same history gives
 * the same events.
 * @param testFrom index of the first test bucket of a series.
 */
export async function syntheticAnomalyTest(
  artifact: Artifact,
  all: readonly Series[],
  testFrom: (series: Series) => number,
): Promise<SyntheticAnomalyTest> {
  const stepHours = artifact.metadata.stepMs / HOUR_MS;
  const random = createRandom(SEED);
  const kinds = inWholeBuckets(KINDS, stepHours, ({ kind }) => kind);
  const each = new Map<AnomalyKind, AlarmCounts>(kinds.map((kind) => [kind, noAlarms()]));
  const total = noAlarms();
  const undisturbed = noAlarms();
  const outages: OutageExample[] = [];
  const tried = largest(all, testFrom);
  // Where fewer events fit into a series, it is tried as much more often.
  const perDay = 24 / stepHours;
  const repeated = REPLICATES * Math.ceil(apartOf(perDay) / (APART_DAYS * perDay));
  const tasks = tried.map((series) => {
    const placed = Array.from({ length: repeated }, () =>
      place(series, testFrom(series), { kinds, stepHours }, random),
    );
    return { series, judgedFrom: series.firstBucket + testFrom(series), placed };
  });
  const flags = await onThreads({ module: new URL(import.meta.url), start }, unscored(artifact), tasks);
  for (const [k, { series, placed }] of tasks.entries()) {
    const [quiet = [], ...found] = flags[k]!;
    countAlarms(undisturbed, quiet, []);
    found.forEach((flagged, replicate) => {
      const events = placed[replicate] ?? [];
      countAlarms(total, flagged, events.map(eventOf));
      for (const one of events) {
        const { kind, event } = one;
        countAlarms(each.get(kind) as AlarmCounts, flagged, [event]);
        if (series === tried[0] && kind.factor === 0) outages.push(exampleOf(series, flagged, one, stepHours));
      }
    });
  }
  const hours = ({ delay, hits }: AlarmCounts) => (delay / hits + 1) * stepHours;
  const perWeek = ({ falseFlags, quietBuckets }: AlarmCounts) =>
    (falseFlags / quietBuckets) * createGrid(artifact.metadata.stepMs).perWeek;
  return {
    series: tried.length,
    replicates: repeated,
    kinds: [...each]
      .filter(([, counts]) => counts.events > 0)
      .map(([kind, counts]) => ({
        ...kind,
        events: counts.events,
        recall: counts.hits / counts.events,
        hoursToAlarm: hours(counts),
      })),
    examples: kinds.flatMap((kind) => {
      const counts = each.get(kind) as AlarmCounts;
      const seen = counts.hits * 2 >= counts.events;
      const its = outages.filter(({ hours: length }) => kind.factor === 0 && length === kind.hours);
      return its.filter(({ alarm }) => (alarm !== null) === seen).slice(0, 1);
    }),
    recall: total.hits / total.events,
    recallOfEither: total.hitsOfEither / total.events,
    hoursToAlarm: hours(total),
    falsePerWeek: perWeek(total),
    falsePerWeekUndisturbed: perWeek(undisturbed),
  };
}

/** Simulates what was placed in one series after the other, before it the series as it is; see `onThreads`. */
export function start(artifact: Artifact) {
  const forecaster = createForecaster(artifact);
  return ({ series, judgedFrom, placed }: Task): Flag[][] =>
    simulateEvents(forecaster, series, judgedFrom, [[], ...placed.map((events) => events.map(eventOf))]);
}

interface Task {
  readonly series: Series;
  readonly judgedFrom: number;
  /** The events of each replicate. */
  readonly placed: readonly (readonly Placed[])[];
}

function largest(all: readonly Series[], testFrom: (series: Series) => number): Series[] {
  const volume = (series: Series) => {
    let sum = 0;
    for (let i = testFrom(series); i < completeLength(series); i++) sum += Math.abs(series.values[i] || 0);
    return sum;
  };
  return [...all].sort((a, b) => volume(b) - volume(a)).slice(0, SERIES);
}

/** The day around one outage: half a day before it, and half a day after its start or until it ends. */
function exampleOf(
  series: Series,
  flagged: readonly Flag[],
  { kind: { hours }, event: { start, buckets } }: Placed,
  stepHours: number,
): OutageExample {
  const halfDay = Math.round(12 / stepHours);
  const isOut = (bucket: number) => bucket >= start && bucket < start + buckets;
  const alarm = flagged.find(({ bucket, next }) => isOut(bucket) && next === -1);
  return {
    series: series.id,
    hours,
    rows: flagged.flatMap(({ bucket, value, fan }) =>
      fan && bucket >= start - halfDay && bucket <= start + Math.max(halfDay, buckets)
        ? [{ bucket, usual: series.values[bucket - series.firstBucket]!, value, fan, out: isOut(bucket) }]
        : [],
    ),
    alarm: alarm ? { bucket: alarm.bucket, hours: (alarm.bucket + 1 - start) * stepHours } : null,
  };
}

interface Placed {
  readonly kind: AnomalyKind;
  readonly event: SyntheticAnomaly;
}

const eventOf = ({ event }: Placed) => event;

/** Buckets from the end of one event to the next, at least. */
function apartOf(perDay: number): number {
  return Math.max(APART_DAYS * perDay, APART_BUCKETS);
}

/** Anomalies in shuffled order, each from a busy bucket on, up to three days later after the last one than they have to. */
function place(
  series: Series,
  testFrom: number,
  { kinds, stepHours }: { readonly kinds: readonly AnomalyKind[]; readonly stepHours: number },
  random: Random,
): Placed[] {
  const end = completeLength(series);
  const perDay = 24 / stepHours;
  const busy = busyLevel(series.values.subarray(testFrom, end));
  const placed: Placed[] = [];
  let queue: AnomalyKind[] = [];
  const apart = apartOf(perDay);
  const begin = apart > APART_DAYS * perDay ? random.below(apart) : 0;
  for (let at = testFrom + perDay + begin; at < end; ) {
    if (queue.length === 0) queue = shuffled(kinds, random);
    const kind = queue[queue.length - 1]!;
    const buckets = kind.hours / stepHours;
    at += random.below(perDay);
    while (at < end && !(series.values[at]! >= busy)) at++;
    if (at + buckets > end) break;
    queue.pop();
    placed.push({ kind, event: { start: series.firstBucket + at, buckets, factor: kind.factor } });
    at += buckets + apart + random.below(2 * perDay);
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
  return Array.from(all, () => left.splice(random.below(left.length), 1)[0]!);
}

/** Below this recall of outages a warning is given. */
const LOW_RECALL = 0.25;

/** A warning for people where most synthetic outages were missed; else `null`. */
export function lowRecallWarning({ kinds }: SyntheticAnomalyTest): string | null {
  const outages = kinds.filter(({ factor }) => factor === 0);
  const events = outages.reduce((sum, one) => sum + one.events, 0);
  const seen = outages.reduce((sum, one) => sum + one.recall * one.events, 0) / events;
  if (!(seen < LOW_RECALL)) return null;
  const few = seen === 0 ? 'None' : `Only ${Math.round(100 * seen)} %`;
  return `${few} of the outages put in were seen: even in busy hours these series may well have an empty bucket, so a band per bucket cannot tell an outage from a quiet hour. Watch larger groups, or prepare longer buckets (stepHours).`;
}
