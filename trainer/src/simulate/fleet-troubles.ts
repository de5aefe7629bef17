import { HOUR_MS } from '@tidemark/shared/forecasting';
import type { FleetClient, FleetSpan } from './fleet-clients.ts';
import type { Random } from './random.ts';

/** A trouble of a simulated fleet: a row of `truth.csv`. */
export interface FleetTrouble {
  /** Place of the client. */
  readonly client: number;
  readonly kind: string;
  readonly side: 'low' | 'high';
  /** Hours from the fleet's first: half-open. */
  readonly from: number;
  readonly to: number;
  /** What is in trouble: `attempts`, `approval`, `ticket`, `channel` or `issuer`. */
  readonly cause: string;
  /** The channel or issuer; else empty. */
  readonly value: string;
  /** What attempts, amounts or an issuer's approvals are multiplied by; the share that is approved, of declines. */
  readonly factor: number;
  /** Approved transactions that would have come while it lasted. */
  readonly expected: number;
}

type Kind = Omit<FleetTrouble, 'client' | 'from' | 'to' | 'expected'> & { readonly hours: number };

/** What happens to each client once, in an order of its own. */
const KINDS: readonly Kind[] = [
  { kind: 'outage-2h', side: 'low', hours: 2, cause: 'attempts', value: '', factor: 0 },
  { kind: 'outage-6h', side: 'low', hours: 6, cause: 'attempts', value: '', factor: 0 },
  { kind: 'outage-24h', side: 'low', hours: 24, cause: 'attempts', value: '', factor: 0 },
  { kind: 'drop50-8h', side: 'low', hours: 8, cause: 'attempts', value: '', factor: 0.5 },
  { kind: 'declines-6h', side: 'low', hours: 6, cause: 'approval', value: '', factor: 0.35 },
  { kind: 'leak15-5d', side: 'low', hours: 120, cause: 'attempts', value: '', factor: 0.85 },
  { kind: 'spike-2h', side: 'high', hours: 2, cause: 'attempts', value: '', factor: 2.5 },
  { kind: 'ticket-half-6h', side: 'low', hours: 6, cause: 'ticket', value: '', factor: 0.5 },
  { kind: 'channel-down-8h', side: 'low', hours: 8, cause: 'channel', value: 'web', factor: 0 },
  { kind: 'issuer-declines-8h', side: 'low', hours: 8, cause: 'issuer', value: 'E1', factor: 0.1 },
];
/** What happens to all clients at once, three days before the end at lunch time. */
const STORM: Kind = { kind: 'storm-4h', side: 'low', hours: 4, cause: 'attempts', value: '', factor: 0 };
const STORM_HOUR = 13;

const DAY = 24;
/** Troubles begin so many days before the end, and the last of a client so many. */
const FIRST_DAYS = 55;
const LAST_DAYS = 9;
/** A trouble waits for a time that is not much quieter than usual, two days at most. */
const BUSY = 0.8;
const WAITS = 48;

/** The troubles of a fleet's last eight weeks: each kind once a client, and one storm. */
export function fleetTroubles(clients: readonly FleetClient[], span: FleetSpan, random: Random): FleetTrouble[] {
  const { hours, clock, from } = span;
  const troubles = clients.flatMap(({ hourly }, client) =>
    shuffled(KINDS, random).map((kind, place) => {
      const share = place / (KINDS.length - 1);
      const slot = Math.floor(hours - DAY * (FIRST_DAYS + share * (LAST_DAYS - FIRST_DAYS))) + random.below(DAY);
      return troubleOf(client, hourly, kind, busyHour(hourly, slot, Math.min(6, kind.hours)));
    }),
  );
  let storm = hours - 3 * DAY;
  while (clock.local(from + storm * HOUR_MS).hour !== STORM_HOUR) storm++;
  return [...troubles, ...clients.map(({ hourly }, client) => troubleOf(client, hourly, STORM, storm))];
}

function troubleOf(client: number, hourly: Float64Array, { hours, ...kind }: Kind, at: number): FleetTrouble {
  return { ...kind, client, from: at, to: at + hours, expected: sumOf(hourly, at, at + hours) };
}

/** The first hour from `slot` on that begins a busy time; `slot` itself where none does. */
function busyHour(hourly: Float64Array, slot: number, hours: number): number {
  const usual = sumOf(hourly, 0, hourly.length) / hourly.length;
  for (let at = slot; at < slot + WAITS; at++) {
    if (sumOf(hourly, at, at + hours) >= BUSY * usual * hours) return at;
  }
  return slot;
}

function sumOf(hourly: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < Math.min(to, hourly.length); k++) sum += hourly[k]!;
  return sum;
}

/** Fisher–Yates. */
function shuffled<T>(list: readonly T[], random: Random): T[] {
  const mixed = [...list];
  for (let k = mixed.length - 1; k > 0; k--) {
    const other = random.below(k + 1);
    [mixed[k], mixed[other]] = [mixed[other]!, mixed[k]!];
  }
  return mixed;
}
