import { describe, expect, test } from 'vitest';
import { FIRST_BUCKET, incidentsIn, SIMULATED_CONFIG, simulateClient, type Trouble } from './testing.ts';
import { createWatch } from './watch.ts';

describe('a trouble of two days in a small shop that hardly sells at night', () => {
  const FIRST = 10 * 84 + 6;
  const LAST = FIRST + 24;
  const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
  test.each<[string, Trouble]>([
    ['declines', { approval: 0.4 }],
    ['half the ticket', { ticket: 0.5 }],
    ['a channel that is down', { channel: 'web' }],
    ['an issuer that declines', { issuer: 'E2' }],
  ])('%s: is one incident that ends when it is over', (_, trouble) => {
    const found = SEEDS.map((seed) => {
      const troubleAt = (index: number) => (index >= FIRST && index < LAST ? trouble : {});
      const incidents = incidentsIn(createWatch(SIMULATED_CONFIG), simulateClient(seed, 8, LAST + 36, troubleAt));
      return incidents.filter(({ side, raised }) => side === 'low' && raised >= FIRST_BUCKET + FIRST);
    });
    const raised = found.map((all) => all.filter((one) => one.raised < FIRST_BUCKET + LAST).length);
    expect(raised.every((count) => count > 0)).toBe(true);
    expect(raised.filter((count) => count > 1).length).toBeLessThanOrEqual(2);
    const late = found.map((all) => Math.max(...all.map(({ end }) => end + 1)) - FIRST_BUCKET - LAST);
    // Half of them with the bucket itself, the others with the first that has something to say.
    expect(late.sort((one, other) => one - other)[4]).toBeLessThanOrEqual(2);
  });
});
