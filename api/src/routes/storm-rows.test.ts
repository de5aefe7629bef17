import { expect, test } from 'vitest';
import type { FoundStorm, StormMember } from '../store/storms.ts';
import { stormRows } from './storm-rows.ts';

const storm: FoundStorm = {
  id: 'storm-7',
  cause: 'attempts',
  start: 7,
  end: 8,
  status: 'closed',
  severity: 'critical',
  members: ['bank', 'cafe'],
  watched: 2,
  observed: 0,
  expected: 540,
  detector: null,
  withdrawnAt: null,
  withdrawnBecause: null,
};
const memberOf = (series: string): StormMember => ({
  storm: 'storm-7',
  incident: `incident-of-${series}`,
  series,
  severity: 'warning',
  status: 'closed',
  volume: -0.1,
});
const style = { stepMs: 7_200_000, timeZone: 'America/Lima', language: 'en' as const };

test('a storm counts as many clients as it lists, those that came to it at its end among them, and never more than it watched', () => {
  const [row] = stormRows([storm], new Map([['storm-7', ['bank', 'cafe', 'shop'].map(memberOf)]]), style);
  expect(row).toMatchObject({ members: 3, watched: 3, volume: -0.3 });
  expect(row?.sentence).toMatch(/^No sale at 3 of 3 clients/);
});

test('a client with two incidents in a storm is one of its clients', () => {
  const [row] = stormRows([storm], new Map([['storm-7', ['bank', 'bank', 'cafe'].map(memberOf)]]), style);
  expect(row).toMatchObject({ members: 2, watched: 2, volume: -0.3 });
});

test('the sentence of a storm in a value from right to left keeps its figures in order', () => {
  const own = { ...storm, cause: 'issuer=بنك 7', detector: 'issuer-approval', observed: 0.1, expected: 0.9 };
  const [row] = stormRows([own], new Map([['storm-7', ['bank', 'cafe'].map(memberOf)]]), style);
  expect(row?.sentence).toBe('Approval of \u2068issuer بنك 7\u2069 at 2 of 2 clients fell from 90 % to 10 %');
});
