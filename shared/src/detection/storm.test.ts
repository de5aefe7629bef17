import { describe, expect, test } from 'vitest';
import { advanceBook, type SeriesIncident, startBook } from './incident-book.ts';
import type { Storm } from './storm.ts';
import { FIRST_BUCKET, simulateClient, type Trouble } from './testing.ts';
import { createWatch } from './watch.ts';

const WEEK = 84;
const FROM = 7 * WEEK + 2 * 12 + 4;
const CLIENTS = 12;

const watch = createWatch({
  stepMs: 7_200_000,
  clock: { offsetMs: () => 0 },
  dimensions: [],
  falsePerSeriesWeek: 0.2,
});

/** What some clients and their sum go through when all have the trouble, and one of them for longer. */
function weather(trouble: Trouble, buckets: number, longer = 0, last = FROM + 22) {
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
    const reports = states.map((state, client) => watch.report(state, `client-${client}`, bucket, false));
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

  test('leaves a member that it does not take along: once it is over, that one is told of by itself, once', () => {
    const { told, incidents, storms } = weather({ attempts: 0 }, 4, 10);
    expect(told.map(({ series }) => series)).toEqual(['client-0']);
    const end = storms.at(-1)!;
    expect(told[0]?.storm).toBe(end.id);
    const long = incidents.find(({ id }) => id === told[0]?.id);
    expect(long?.end).toBeGreaterThan(end.end + 2);
  });
});
