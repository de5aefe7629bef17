import { bucketAt, bucketStart, DAY_MS, HOUR_MS } from '@tidemark/shared/forecasting';
import type { ServiceIncidentKind, Severity } from '@tidemark/shared/vocabulary';
import { newestComplete } from '../clock.ts';
import { NAMES_REFUSED, SOURCE_FAILED } from '../scoring/read-source.ts';
import { cycleDueAt } from '../scoring/schedule.ts';
import type { StoredSeries } from '../store/rows.ts';
import type { MissCounts, ServiceFacts } from '../store/service-incidents.ts';
import { KINDS } from './kinds.ts';
import type { ServiceState } from './state.ts';

/** Something that is wrong with the service now. */
export interface Finding {
  readonly kind: ServiceIncidentKind;
  /** A series or a webhook; empty: the service as a whole. */
  readonly subject: string;
  readonly severity: Severity;
  readonly facts: ServiceFacts;
}

const MINUTE_MS = 60_000;
/** What is due is late only after this long. */
const GRACE_MS = MINUTE_MS;
/** A cycle that was due and has not begun after this long does not come. */
const OVERDUE_MS = 3 * MINUTE_MS;
/** A cycle, or its queue, that has scored nothing for this long does not go on. */
const STUCK_MS = 15 * MINUTE_MS;
/** Messages that are due and that nobody has tried for this long. */
const UNSENT_MS = 5 * MINUTE_MS;
/** Failed tries of one message after which its receiver counts as failing: less than a minute. */
const FAILED_TRIES = 3;
/** How long an event, which ends at once, stays open. */
const EVENT_MS = HOUR_MS;
/** Clients that have to be below their band at zero before the feed is suspected. */
const LEAST_SILENT = 3;
/** A client that sent nothing for longer than this has left. */
const LEFT_MS = 28 * DAY_MS;
/** Counts that are further behind the money of the same series have stopped; some come a little later than it. */
const COUNTS_LATE_MS = 6 * HOUR_MS;
/** More series than this are told together. */
const NAMED = 10;
const MB = 1_000_000;

/**
 * What is wrong with the service in a state, worst first; empty when all is well. `GET /v1/health` and the messages to
 * webhooks both derive from it.
 */
export function findServiceIncidents(state: ServiceState): Finding[] {
  const rank = { critical: 0, warning: 1, info: 2 };
  return RULES.flatMap((rule) => rule(state)).sort((one, other) => rank[one.severity] - rank[other.severity]);
}

function found(
  kind: ServiceIncidentKind,
  facts: ServiceFacts = {},
  { subject = '', severity = KINDS[kind].severity }: { subject?: string; severity?: Severity } = {},
): Finding {
  return { kind, subject, severity, facts };
}

type Rule = (state: ServiceState) => readonly Finding[];

const storage: Rule = ({ notes: { storage, cycleFull, disk } }) => {
  const how = cycleFull ? 'full' : storage;
  if (how !== 'ok') return [found(how === 'full' ? 'database-full' : 'database-failing')];
  if (disk === null || disk.total <= 0) return [];
  const share = disk.free / disk.total;
  const severity = disk.free < 200 * MB || share < 0.01 ? 'critical' : 'warning';
  const isFilling = disk.free < 1_000 * MB || share < 0.05;
  const facts = { free: Math.round(disk.free / MB), percent: Math.round(100 * share) };
  return isFilling ? [found('disk-filling', facts, { severity })] : [];
};

const time: Rule = ({ now, notes: { jump, downtime } }) => [
  ...(jump !== null && now - jump.at < EVENT_MS
    ? [found('clock-jumped', { minutes: Math.round(jump.byMs / MINUTE_MS) })]
    : []),
  ...(downtime !== null && now - downtime.at < EVENT_MS
    ? [found('service-was-down', { since: downtime.from, until: downtime.to })]
    : []),
];

/** Series that are judged by the clock, with the newest bucket they should have by now. */
function fed({
  clock,
  grid,
  settings,
  series,
  now,
}: ServiceState): { due: number; all: readonly StoredSeries[] } | null {
  if (clock === 'newest' || series.length === 0) return null;
  const due = newestComplete({ kind: clock, wall: () => now - GRACE_MS }, grid.stepMs, settings.watermarkMs, 0);
  const left = due - grid.buckets(LEFT_MS);
  return { due, all: series.filter(({ newestBucket }) => newestBucket >= left) };
}

const feed: Rule = (state) => {
  const { grid, model, hasSource, lastCycle, now } = state;
  const endOf = (bucket: number) => bucketStart(bucket + 1, grid.stepMs);
  if (state.clock === 'wall' && state.series.length === 0) {
    // Nothing ever came although a model waits for it.
    const waits = model !== null && now - model.liveSince > grid.stepMs + state.settings.watermarkMs + GRACE_MS;
    return waits ? [found('feed-late', { since: model.liveSince })] : [];
  }
  const by = fed(state);
  if (by === null) return [];
  const { due } = by;
  const newest = state.series.reduce((latest, one) => Math.max(latest, one.newestBucket), Number.NEGATIVE_INFINITY);
  // A source is read by the cycle, series after series, and may be under way; one that fails is told as such.
  const isReading = hasSource && lastCycle !== null && (lastCycle.finishedAt === null || lastCycle.error !== null);
  if (isReading) return [];
  if (newest < due) return [found('feed-late', { since: endOf(newest) })];
  const findings: Finding[] = [];
  const ahead = bucketAt(now, grid.stepMs);
  if (newest > ahead) findings.push(found('bucket-ahead', { until: endOf(newest) }));
  if (isFeedDown(state)) findings.push(found('feed-down', { since: endOf(newest) }));
  const silent = by.all.filter(({ newestBucket }) => newestBucket < due);
  if (silent.length > NAMED) {
    findings.push(found('feed-partial', { count: silent.length, all: by.all.length, until: endOf(due) }));
  } else {
    for (const { id, newestBucket } of silent) {
      findings.push(found('series-silent', { since: endOf(newestBucket) }, { subject: id }));
    }
  }
  return findings;
};

/** Where counts stop while money goes on, the detectors wait and the band does not raise incidents yet. */
const counts: Rule = (state) => {
  const by = fed(state);
  if (by === null) return [];
  const { grid } = state;
  const counted = by.all.flatMap(({ countedTo, newestBucket }) =>
    // Who has sent none for long does without.
    countedTo !== null && countedTo >= newestBucket - grid.buckets(LEFT_MS) ? [{ countedTo, newestBucket }] : [],
  );
  const limit = Math.max(2, grid.buckets(COUNTS_LATE_MS));
  const late = counted.filter(({ countedTo, newestBucket }) => newestBucket - countedTo >= limit);
  if (late.length === 0) return [];
  const last = Math.min(...late.map(({ countedTo }) => countedTo));
  return [found('counts-late', { count: late.length, all: counted.length, since: bucketStart(last + 1, grid.stepMs) })];
};

/** Nothing is known of anybody, or nobody trades although everybody should: a feed that ended says no more than zero. */
function isFeedDown({
  series,
  newestSilent: { missing, silent },
  newestMisses: { judged, below },
}: ServiceState): boolean {
  return missing >= series.length || (silent >= series.length && judged >= LEAST_SILENT && below === judged);
}

const source: Rule = ({ lastCycle }) => {
  const error = lastCycle?.error ?? '';
  if (!error.startsWith(SOURCE_FAILED)) return [];
  return [found(error.includes(NAMES_REFUSED) ? 'names-refused' : 'source-failing')];
};

const names: Rule = ({ nameFaults }) =>
  nameFaults.length === 0 ? [] : [found('names-alike', { count: nameFaults.length, first: nameFaults[0] ?? '' })];

const model: Rule = (state) => {
  const { model: live, modelFault, calendarWarning, series } = state;
  if (modelFault !== null) return [found('model-unreadable')];
  if (live === null) return series.length === 0 ? [] : [found('model-missing')];
  const through = live.artifact.metadata.specialDays?.through ?? '';
  const ended = calendarWarning === null ? [] : [found('calendar-ended', { through })];
  const unserved = series.filter((one) => live.serviceOf(one) === null);
  if (series.length > 0 && unserved.length === series.length) {
    return [found('model-without-series', { count: series.length }), ...ended];
  }
  // Clients that have left stay stored; of interest are those that still send.
  const newest = Math.max(...series.map(({ newestBucket }) => newestBucket));
  const sending = unserved.filter(({ newestBucket }) => newestBucket > newest - state.grid.perDay);
  return [
    ...together(
      'series-unserved',
      sending.map(({ id }) => id),
    ),
    ...ended,
  ];
};

const isolated: Rule = ({ seriesFaults }) => [
  ...together(
    'series-isolated',
    seriesFaults.map(({ series }) => series),
  ),
];

/** One finding for each of a few series, one for all of many. */
function together(kind: ServiceIncidentKind, ids: readonly string[]): Finding[] {
  if (ids.length <= NAMED) return ids.map((id) => found(kind, { who: `"${id}"` }, { subject: id }));
  const first = ids.slice(0, 5).map((id) => `"${id}"`);
  return [found(kind, { who: `${ids.length} (${first.join(', ')}, …)` })];
}

/** Judged buckets below which nothing is said of coverage. */
const LEAST_JUDGED = 20;

/**
 * Bands are off where misses on *both* sides are far more than chance gives, which no trouble of clients does: within two
 * days, or at once where a fifth of all clients lies on each side. Or where a tenth of the coverage is gone over most
 * buckets of two days.
 */
const coverage: Rule = ({ misses, newestMisses, settings, grid }) => {
  const nominal = settings.rules.coverage;
  const isLasting =
    misses.buckets >= grid.perDay && misses.missed >= 0.75 * misses.buckets && insideOf(misses) < nominal - 0.1;
  const isOff = isTwoSided(newestMisses, nominal, 0.2) || isTwoSided(misses, nominal, 0.05) || isLasting;
  if (!isOff) return [];
  const told = isTwoSided(newestMisses, nominal, 0.2) ? newestMisses : misses;
  const facts = {
    percent: Math.round(100 * insideOf(told)),
    count: told.judged,
    nominal: Math.round(1_000 * nominal) / 10,
  };
  return [found('coverage-off', facts)];
};

function insideOf({ judged, below, above }: MissCounts): number {
  return judged === 0 ? 1 : 1 - (below + above) / judged;
}

/** Whether both sides have more misses than chance gives (six standard deviations), and than a share of all. */
function isTwoSided({ judged, below, above }: MissCounts, nominal: number, share: number): boolean {
  const expected = (judged * (1 - nominal)) / 2;
  const limit = Math.max(share * judged, 3 * expected + 6 * Math.sqrt(expected));
  return judged >= LEAST_JUDGED && Math.min(below, above) > limit;
}

/** When the clock last jumped, or the machine went on after it had stood still: what was due meanwhile has its time from then. */
const wentOnAt = ({ notes }: ServiceState): number => notes.jump?.at ?? Number.NEGATIVE_INFINITY;

const cycle: Rule = (state) => {
  const { lastCycle, now, grid, settings, clock, notes, model: live } = state;
  const findings: Finding[] = [];
  if (lastCycle !== null) {
    const { error, startedAt, finishedAt } = lastCycle;
    const isOwn = error !== null && !error.startsWith(SOURCE_FAILED) && !notes.cycleFull;
    if (isOwn) findings.push(found('cycle-failing'));
    if (finishedAt === null) {
      const since = Math.max(startedAt, notes.progress?.since ?? 0, wentOnAt(state));
      if (now - since > STUCK_MS) {
        findings.push(found(state.hasQueue ? 'queue-stuck' : 'cycle-stuck', { since: startedAt }));
      }
    } else if (finishedAt - startedAt > grid.stepMs / 2) {
      findings.push(found('cycle-slow', { minutes: Math.round((finishedAt - startedAt) / MINUTE_MS) }));
    }
  }
  if (clock === 'newest' || live === null || state.series.length === 0) return findings;
  if (now - wentOnAt(state) < OVERDUE_MS) return findings;
  // A cycle is due whenever a bucket becomes complete.
  const due = cycleDueAt(now - OVERDUE_MS, grid.stepMs, settings.watermarkMs);
  if (due > live.liveSince && (lastCycle === null || lastCycle.startedAt < due)) {
    findings.push(found('cycle-overdue', { since: due }));
  }
  return findings;
};

const messages: Rule = (state) => {
  const { webhooks, webhookStates, now } = state;
  const isGivenUp = (at: number | null) => at !== null && now - at < DAY_MS;
  const failing = webhookStates.filter(({ attempts, givenUpAt }) => attempts >= FAILED_TRIES || isGivenUp(givenUpAt));
  // Who hears of it when no webhook is left? The heartbeat, which critical incidents reach.
  const isLeft = webhooks.some((name) => !failing.some(({ webhook }) => webhook === name));
  const severity = isLeft ? 'warning' : 'critical';
  const stuck = webhookStates.filter(({ due }) => due !== null && now - Math.max(due, wentOnAt(state)) > UNSENT_MS);
  return [
    ...failing.map(({ webhook, waiting, givenUp }) =>
      found('webhook-failing', { count: waiting + givenUp }, { subject: webhook, severity }),
    ),
    ...stuck.map(({ webhook, waiting, due }) =>
      found('messages-stuck', { count: waiting, since: due ?? now }, { subject: webhook }),
    ),
  ];
};

const surroundings: Rule = ({ notes: { failedHeartbeats, retentionFailed } }) => [
  ...(failedHeartbeats > 0 ? [found('heartbeat-failing', { count: failedHeartbeats })] : []),
  ...(retentionFailed ? [found('retention-failing')] : []),
];

const RULES: readonly Rule[] = [
  storage,
  time,
  feed,
  counts,
  source,
  names,
  model,
  isolated,
  coverage,
  cycle,
  messages,
  surroundings,
];
