import type { BandRow } from '@tidemark/shared/contract';
import { formatCursor } from '@tidemark/shared/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createService, madeUpSeries, publishedService, type Service, stoppedClock, WEEK } from '../testing/service.ts';

const NOW = 10 * WEEK;
/** Some buckets out of their band, single ones and runs. */
const series = ['a', 'b'].map((id, which) => {
  const made = madeUpSeries(id, 11);
  const values = made.values.map((value, index) => ((index * 7 + which) % 11 < 3 ? value * 0.6 : value));
  return { ...made, values };
});

let plain: Service;
const services = new Map<string, Service>();
beforeAll(async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  plain = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '4' } });
  await plain.cycle.run('refresh');
  for (const rule of ['1 of 1', '2 of 3', '3 of 6']) {
    const [needed = '', among = ''] = rule.split(' of ');
    const environment = { TIDEMARK_ALARM_NEEDED: needed, TIDEMARK_ALARM_AMONG: among };
    services.set(rule, await createService({ clock, db: plain.db, environment }));
  }
});
afterAll(() => plain.close());

test('pages of any size, joined, are the one page, whatever the coverage, the horizon and n of m', async () => {
  let flagged = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...['1 of 1', '2 of 3', '3 of 6']),
      fc.constantFrom('', '&coverage=0.8', '&coverage=0.95', '&coverage=0.8&horizon=3', '&horizon=12'),
      fc.integer({ min: 1, max: 130 }),
      async (rule, asked, limit) => {
        const { rows } = services.get(rule) as Service;
        const from = `&from=${new Date((series[0]?.firstBucket ?? 0) * 7_200_000 + (NOW - 40) * 7_200_000).toISOString()}`;
        const whole = await rows<BandRow>(`/v1/bands?limit=50000${from}${asked}`);
        flagged += whole.filter(({ severity }) => severity !== null).length;
        const paged: BandRow[] = [];
        for (let cursor = ''; ; ) {
          const page = await rows<BandRow>(`/v1/bands?limit=${limit}${from}${asked}${cursor}`);
          paged.push(...page);
          const last = page.at(-1);
          if (page.length < limit || !last) break;
          cursor = `&cursor=${encodeURIComponent(formatCursor(last))}`;
        }
        expect(paged).toEqual(whole);
      },
    ),
    { numRuns: 40 },
  );
  expect(flagged).toBeGreaterThan(20);
});

test('a bucket is judged alike whether the rows begin with it or long before', async () => {
  const { rows } = services.get('2 of 3') as Service;
  const start = (index: number) => new Date(((series[0]?.firstBucket ?? 0) + index) * 7_200_000).toISOString();
  const long = await rows<BandRow>(`/v1/bands?series=a&coverage=0.8&from=${start(NOW - 36)}&to=${start(NOW)}`);
  for (let index = NOW - 30; index < NOW; index++) {
    const [first] = await rows<BandRow>(`/v1/bands?series=a&coverage=0.8&from=${start(index)}&to=${start(index + 1)}`);
    expect(first).toEqual(long[index - (NOW - 36)]);
  }
  expect(long.some(({ severity }) => severity !== null)).toBe(true);
});
