import { HOUR_MS } from '@tidemark/shared/forecasting';
/** A known trouble of a made fleet: a row of its `truth.csv`. */
export interface KnownTrouble {
  /** `C03-night-300`: ends with the client's approved transactions in two hours. */
  readonly client: string;
  readonly kind: string;
  readonly side: string;
  /** Epoch milliseconds, half-open. */
  readonly start: number;
  readonly end: number;
  /** Approved transactions that would have come while it lasted. */
  readonly expected: number;
  readonly cause: string;
  /** The dimension's value; empty where the cause has none. */
  readonly value: string;
}

/** An incident of the product. */
export interface RaisedIncident {
  readonly id: string;
  readonly series: string;
  readonly direction: string;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  /** When it was first known. */
  readonly raised: number;
  readonly cause: string;
  readonly causeValue: string;
  /** The storm it is part of; empty for none. */
  readonly storm: string;
}

/** One figure; `null` where there was nothing to measure it on. */
export interface AlarmFigure {
  readonly figure: string;
  readonly ours: number | null;
  /** Number of troubles it is a share of. */
  readonly of?: number;
  readonly goal?: string;
}

const STEP = 2 * HOUR_MS;
/** How long after a trouble's end an incident of its client is still no false alarm. */
const AFTER = 48 * HOUR_MS;

const OUTAGES = [
  { from: 5, to: 10, goal: '≥ 0.3' },
  { from: 10, to: 20, goal: '≥ 0.7' },
  { from: 20, to: 50, goal: '≥ 0.93' },
  { from: 50, to: Number.POSITIVE_INFINITY, goal: '≥ 0.98' },
] as const;

const KINDS = [
  { kind: 'declines-6h', least: 3, goal: '≥ 0.9' },
  { kind: 'ticket-half-6h', least: 10, goal: '≥ 0.75' },
  { kind: 'channel-down-8h', least: 30, goal: '≥ 0.95' },
  { kind: 'issuer-declines-8h', least: 30, goal: '≥ 0.95' },
  { kind: 'drop50-8h', least: 30, goal: '≥ 0.45' },
  { kind: 'leak15-5d', least: 30, goal: '≥ 0.6' },
  { kind: 'spike-2h', least: 30, goal: '≥ 0.45' },
] as const;

/** A trouble with what was seen of it. */
interface Outcome extends KnownTrouble {
  readonly hit: RaisedIncident | undefined;
}

/**
 * What incidents saw of known troubles, in the manner of the fleet's own scorer. A trouble is seen if an incident of its
 * client, on its side, is raised between its start and its end plus two buckets. An incident is a false alarm if it saw
 * nothing and no trouble of its client lies from two hours after it to 48 hours before it.
 * @param weeks over which the incidents were raised.
 */
export function alarmFigures(
  truth: readonly KnownTrouble[],
  incidents: readonly RaisedIncident[],
  weeks: number,
): AlarmFigure[] {
  const clients = new Set(truth.map(({ client }) => client));
  const used = new Set<RaisedIncident>();
  const outcomes: Outcome[] = truth.map((trouble) => {
    const hits = incidents
      .filter((incident) => sees(incident, trouble))
      .sort((one, other) => one.raised - other.raised);
    for (const hit of hits) used.add(hit);
    return { ...trouble, hit: hits[0] };
  });
  const seen = outcomes.flatMap(({ hit, ...trouble }) => (hit ? [{ hit, trouble }] : []));
  const false_ = incidents.filter(
    (incident) =>
      clients.has(incident.series) && !used.has(incident) && !truth.some((trouble) => excuses(trouble, incident)),
  ).length;
  const outages = outcomes.filter(({ kind }) => /^(outage|storm)/.test(kind));
  const storm = outcomes.filter(({ kind }) => kind.startsWith('storm'));
  return [
    recall('recall', outcomes, '≥ 0.55'),
    { figure: 'false-per-series-week', ours: false_ / weeks / clients.size, goal: '≤ 0.2' },
    { figure: 'incidents-per-week', ours: incidents.length / weeks },
    ...OUTAGES.map(({ from, to, goal }) =>
      recall(
        `outage-recall-${from}${to === Number.POSITIVE_INFINITY ? '-up' : `-to-${to}`}`,
        outages.filter(({ expected }) => expected >= from && expected < to),
        goal,
      ),
    ),
    ...KINDS.map(({ kind, least, goal }) =>
      recall(
        `${kind}-recall`,
        outcomes.filter((trouble) => trouble.kind === kind && sizeOf(trouble) >= least),
        goal,
      ),
    ),
    {
      figure: 'delay-hours-median',
      ours: medianOf(seen.map(({ hit, trouble }) => (hit.raised - trouble.start) / HOUR_MS)),
      goal: '≤ 3',
    },
    {
      figure: 'cause-right',
      ours: share(seen.filter(({ hit, trouble }) => names(hit, trouble)).length, seen.length),
      of: seen.length,
      goal: '≥ 0.92',
    },
    { figure: 'storm-pages', ours: pagesDuring(storm, incidents), goal: '≤ 2' },
    {
      figure: 'storm-members',
      ours: storm.filter(({ hit }) => hit !== undefined).length,
      of: storm.length,
      goal: '≥ 36',
    },
  ].map((figure) => ({ ...figure, figure: `fleet/${figure.figure}` }));
}

/** Reads `truth.csv` as a fleet's maker writes it: no quotes, times in ISO 8601. */
export function readTruth(text: string): KnownTrouble[] {
  return rowsOf(text).map((row) => ({
    client: row.client ?? '',
    kind: row.kind ?? '',
    side: row.side ?? '',
    start: Date.parse(row.start ?? ''),
    end: Date.parse(row.end ?? ''),
    expected: Number(row.expected),
    cause: row.cause ?? '',
    value: row.value ?? '',
  }));
}

/** Rows of a CSV without quotes, by column name. */
export function rowsOf(text: string): Record<string, string>[] {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const columns = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, k) => [column, cells[k] ?? '']));
  });
}

function sees(incident: RaisedIncident, { client, side, start, end }: KnownTrouble): boolean {
  const latest = Math.ceil(end / STEP) * STEP + 2 * STEP;
  return (
    incident.series === client &&
    incident.direction === side &&
    incident.raised > start &&
    incident.raised <= latest &&
    incident.end > start
  );
}

function excuses({ client, start, end }: KnownTrouble, { series, raised }: RaisedIncident): boolean {
  return client === series && start - STEP < raised && end + AFTER > raised;
}

function names({ cause, causeValue }: RaisedIncident, trouble: KnownTrouble): boolean {
  return cause === trouble.cause && (trouble.value === '' || causeValue === trouble.value);
}

/** Approved transactions of a trouble's client in two hours, off its name. */
function sizeOf({ client }: KnownTrouble): number {
  return Number(client.slice(client.lastIndexOf('-') + 1));
}

/** Storms, and incidents outside of any, that were raised low while everything stood still. */
function pagesDuring(storm: readonly KnownTrouble[], incidents: readonly RaisedIncident[]): number {
  const from = Math.min(...storm.map(({ start }) => start));
  const to = Math.max(...storm.map(({ end }) => end)) + 2 * STEP;
  const during = incidents.filter(({ direction, raised }) => direction === 'low' && raised > from && raised <= to);
  return new Set(during.map(({ id, storm: part }) => part || id)).size;
}

function recall(figure: string, troubles: readonly Outcome[], goal: string): AlarmFigure {
  const hits = troubles.filter(({ hit }) => hit !== undefined).length;
  return { figure, ours: share(hits, troubles.length), of: troubles.length, goal };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
