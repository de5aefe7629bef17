import { describe, expect, test } from 'vitest';
import { zoneClock } from '../forecasting/time/zone.ts';
import { advanceBook, type SeriesIncident, startBook } from './incident-book.ts';
import type { Storm } from './storm.ts';
import { FIRST_BUCKET, SIMULATED_CONFIG, simulateClient, type Trouble } from './testing.ts';
import { createWatch } from './watch.ts';

const WEEK = 84;
const FROM = 7 * WEEK + 2 * 12 + 4;
const CLIENTS = 12;

const watch = createWatch({
  stepMs: 7_200_000,
  clock: zoneClock('UTC'),
  dimensions: [],
  falsePerSeriesWeek: 0.2,
});

/** What some clients and their sum go through when all have the trouble, and one of them for longer. */
function weather(
  trouble: Trouble,
  buckets: number,
  { longer = 0, last = FROM + 22, nameOf = (client: number) => `client-${client}` } = {},
) {
  const observations = Array.from({ length: CLIENTS }, (_, client) =>
    simulateClient(500 + client, 30, last, (index) =>
      index >= FROM && index < FROM + buckets + (client === 0 ? longer : 0) ? trouble : {},
    ),
  );
  const states = observations.map(() => watch.start());
  const all = watch.start();
  const book = startBook();
  const incidents = new Map<string, SeriesIncident>();
  const storms: Storm[] = [];
  /** In the order in which they were first told of by themselves. */
  const told: SeriesIncident[] = [];
  for (let index = 0; index < last; index++) {
    const bucket = FIRST_BUCKET + index;
    const counts = { attempts: 0, approved: 0, sales: 0, logSum: 0, logSquares: 0 };
    observations.forEach((list, client) => {
      const one = list[index]!;
      watch.observe(states[client]!, one);
      for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += one.counts![name];
    });
    watch.observe(all, { bucket, counts });
    const reports = states.map((state, client) => watch.report(state, nameOf(client), bucket, false));
    const changes = advanceBook(book, bucket, [...reports, watch.report(all, 'all', bucket, true)]);
    for (const incident of changes.incidents) {
      if (incident.told && !incidents.get(incident.id)?.told) told.push(incident);
      incidents.set(incident.id, incident);
    }
    storms.push(...changes.storms);
  }
  const id = storms[0]?.id;
  // One that was told of before anybody could know of the storm is part of it all the same.
  const heldBack = (one: SeriesIncident) => one.storm === id && one.raised >= FIRST_BUCKET + FROM;
  return {
    storms,
    incidents: [...incidents.values()].filter(({ storm }) => storm === id),
    told: told.filter(heldBack),
  };
}

describe('a storm', () => {
  test.each([
    ['silence', { attempts: 0 }, 'attempts'],
    ['declines', { approval: 0.3 }, 'approval'],
  ] as const)('of %s is one, tells of all its members, and of its sum, and ends', (_, trouble, cause) => {
    const { storms, incidents, told } = weather(trouble, 4);
    expect(new Set(storms.map(({ id }) => id)).size).toBe(1);
    const [first, end] = [storms[0]!, storms.at(-1)!];
    expect(first).toMatchObject({ cause, open: true, watched: CLIENTS });
    expect(first.observed).toBeLessThan((cause === 'attempts' ? 0.1 : 0.5) * first.expected);
    expect(end.open).toBe(false);
    expect(end.members.length).toBeGreaterThanOrEqual(CLIENTS - 2);
    expect(end.members).not.toContain('all');
    expect(end.money).toBeCloseTo(
      incidents.filter(({ series }) => series !== 'all').reduce((sum, { money }) => sum + money, 0),
      6,
    );
    expect(end.severity).toBe('critical');
    expect(told).toEqual([]);
  });

  test('is the same whatever its clients are called', () => {
    const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
    const usual = weather({ attempts: 0 }, 4).storms.at(-1)!;
    const named = weather({ attempts: 0 }, 4, { nameOf: (k) => inherited[k] ?? `client-${k}` }).storms.at(-1)!;
    expect({ ...named, members: named.members.length }).toEqual({ ...usual, members: usual.members.length });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('leaves a member that it does not take along: once it is over, that one is told of by itself, once', () => {
    const { told, incidents, storms } = weather({ attempts: 0 }, 4, { longer: 10 });
    expect(told.map(({ series }) => series)).toEqual(['client-0']);
    const end = storms.at(-1)!;
    expect(told[0]?.storm).toBe(end.id);
    const long = incidents.find(({ id }) => id === told[0]?.id);
    expect(long?.end).toBeGreaterThan(end.end + 2);
  });
});

const LENGTH = 8 * WEEK;
const parted = createWatch({ ...SIMULATED_CONFIG, falsePerSeriesWeek: 0.3 });

/** What a company of eight shops tells when all have the same trouble for eight hours. */
function company(trouble: Trouble): { storms: Storm[]; incidents: SeriesIncident[] } {
  const shops = Array.from({ length: 8 }, (_, k) => ({
    name: `shop ${k}`,
    state: parted.start(),
    observations: simulateClient(40 + k, 20 + 4 * k, LENGTH, (index) =>
      index >= FROM && index < FROM + 4 ? trouble : {},
    ),
  }));
  const book = startBook();
  const storms = new Map<string, Storm>();
  const incidents = new Map<string, SeriesIncident>();
  for (let index = 0; index < LENGTH; index++) {
    const bucket = FIRST_BUCKET + index;
    const reports = shops.map(({ name, state, observations }) => {
      parted.observe(state, observations[index]!);
      return parted.report(state, name, bucket, false);
    });
    const changes = advanceBook(book, bucket, reports);
    for (const storm of changes.storms) storms.set(storm.id, storm);
    for (const incident of changes.incidents) incidents.set(incident.id, incident);
  }
  return {
    storms: [...storms.values()],
    incidents: [...incidents.values()].filter(({ raised }) => raised >= bucketOf(FROM) && raised < bucketOf(FROM + 4)),
  };
}

const bucketOf = (index: number) => FIRST_BUCKET + index;

describe('a trouble of all shops', () => {
  test.each([
    ['an outage', { attempts: 0 }, { cause: 'attempts', causeValue: null, detector: null }],
    ['declines of every issuer', { approval: 0.35 }, { cause: 'approval', causeValue: null, detector: null }],
    ['an issuer that declines', { issuer: 'E1' }, { cause: 'issuer', causeValue: 'E1', detector: 'issuer-approval' }],
    ['a channel that is down', { channel: 'web' }, { cause: 'channel', causeValue: 'web', detector: 'channel-share' }],
  ] as const)('is one storm with its cause: %s', (_, trouble, cause) => {
    const { storms, incidents } = company(trouble);
    expect(storms).toHaveLength(1);
    expect(storms[0]).toMatchObject({ ...cause, open: false });
    expect(storms[0]!.members.length).toBeGreaterThanOrEqual(6);
    expect(storms[0]!.observed).toBeLessThan(0.6 * storms[0]!.expected);
    const pages = new Set(incidents.map(({ id, storm }) => storm ?? id));
    expect(pages.size).toBeLessThanOrEqual(2);
  });

  test('is none where nothing is wrong', () => {
    expect(company({}).storms).toEqual([]);
  });
});
