import { expect, test } from 'vitest';
import { explainIncident } from './explain.ts';
import { columnText, whereText } from './words.ts';

const parts = (share: number | null) =>
  ({ where: 'parts', parts: [{ elements: [{ dimension: 'channel', value: 'web' }], share }] }) as const;

test.each([
  [0.94, '94 % of it is channel web'],
  [1.004, '100 % of it is channel web'],
  [1.4, 'channel web makes up more than all of it'],
  [null, 'it shows in channel web'],
])('of a part with a share of %s it says so much', (share, text) => {
  expect(whereText(parts(share), 'en')).toBe(text);
});

test('a part that lost money is not said to be all of what came too much', () => {
  const zone = { offsetMs: () => 0 };
  const bucket = (index: number, web: number, ticket: number) => ({
    bucket: index,
    attempts: 100 + web,
    approved: 100 + web,
    gross: ticket * (100 + web),
    refunds: 0,
    parts: [{ dimension: 'channel', value: 'web', attempts: web, approved: web }],
  });
  const history = Array.from({ length: 8 * 84 }, (_, k) => bucket(k, 100, 10));
  // The web is silent, and what the others sell costs three times as much.
  const incident = { side: 'low', buckets: [bucket(8 * 84, 0, 30)], history, knowsRefunds: true } as const;
  const why = explainIncident(incident, { stepMs: 7_200_000, clock: zone, decimals: 2 });
  expect(why?.money).toBeGreaterThan(0);
  expect(why && whereText(why, 'en')).toBe('it shows in channel web');
  expect(why && whereText(why, 'es')).toBe('se ve en channel web');
  expect(why && whereText(why, 'pt')).toBe('vê-se em channel web');
});

test.each([
  ['en', '1 attempt, usually 2', '1 declined, usually 2', '0 attempts, usually 2'],
  ['es', '1 intento, normalmente 2', '1 rechazo, normalmente 2', '0 intentos, normalmente 2'],
  ['pt', '1 tentativa, normalmente 2', '1 recusa, normalmente 2', '0 tentativas, normalmente 2'],
] as const)('%s: one is no plural', (language, attempts, declines, none) => {
  const text = (counts: 'attempts' | 'declines', observed: number) =>
    columnText(counts, { observed, expected: 2 }, language);
  expect([text('attempts', 1), text('declines', 1), text('attempts', 0)]).toEqual([attempts, declines, none]);
});
