import { expect, test } from 'vitest';
import { whyUnexplained } from './why-unexplained.ts';

const net = { measure: 'net', countedFrom: 100 } as const;
const incident = { status: 'closed', start: 120 } as const;

test.each([
  ['a new incident of a counted series', incident, net, 'not-yet'],
  ['one from before its series was counted', { ...incident, start: 99 }, net, 'no-counts'],
  ['one of a series that is not counted', incident, { ...net, countedFrom: null }, 'no-counts'],
  ['one of refunds', incident, { measure: 'refunds', countedFrom: null }, 'refunds-series'],
  ['one that was withdrawn first', { ...incident, status: 'withdrawn' }, net, 'withdrawn'],
] as const)('%s is not promised an explanation that no cycle gives', (_, given, own, why) => {
  expect(whyUnexplained(undefined, given, own)).toBe(why);
});

test('what was found goes first', () => {
  const stored = { explanation: null, reason: 'no-history', firstMoney: null };
  expect(whyUnexplained(stored, incident, net)).toBe('no-history');
});
