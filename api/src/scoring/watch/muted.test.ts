import { utcText } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { expect, test } from 'vitest';
import { countedClients, type Troubles } from '../../testing/counted.ts';
import { createService, madeUpArtifact, madeUpSeries, STEP_MS, stoppedClock, WEEK } from '../../testing/service.ts';
import type { Announcement } from '../plan-incidents.ts';

const NOW = 7 * WEEK + 6;
const IDS = ['bank', 'café', 'shop'];
const series = IDS.map((id) => madeUpSeries(id, 8));

/** Buckets of a day, during which the shop is muted in the midst of an outage. */
const MUTED = 6;

/** What is told, and with which bucket, of an outage of the shop that lasts this long after its client was muted. */
async function toldOf(lasts: number, isCounted: boolean) {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const told: string[] = [];
  let newest = -1;
  const pendingDeliveries = ({ kind, incident }: Announcement) => {
    told.push(`${kind} ${incident.severity} ${newest}`);
    return [];
  };
  const environment = { TIDEMARK_BACKFILL_DAYS: '4' };
  const service = await createService({ clock, environment, cycle: { pendingDeliveries } });
  const troubles: Troubles = (id, index) =>
    id === 'shop' && index >= NOW - 2 && index < NOW + lasts ? { attempts: 0 } : {};
  const push = async (from: number, to: number) => {
    const body = countedClients(IDS, 8, troubles).body(from, to);
    const money = { series: body.series.map(({ counts: _, ...one }) => one) };
    expect((await service.send('PUT', '/v1/actuals', isCounted ? body : money)).status).toBe(200);
    await service.cycle.run('refresh');
  };
  await service.send('PUT', '/v1/model', encodeModel(madeUpArtifact(series)));
  await push(0, NOW);
  const [from, to] = [clock.wall(), clock.wall() + MUTED * STEP_MS - STEP_MS / 2];
  const entry = { id: 'm', series: 'shop', from: utcText(from), to: utcText(to), effect: 'mute' };
  expect((await service.send('PUT', '/v1/maintenance', entry)).status).toBe(200);
  for (newest = 0; newest < MUTED + 4; newest++) {
    clock.endOf(NOW + newest);
    await push(NOW + newest, NOW + newest + 1);
  }
  service.close();
  return told;
}

test.each([
  ['counts', true],
  ['money alone', false],
])(
  'of a client of which %s is known, muted in the midst of an outage, nothing is told until then',
  async (_, isCounted) => {
    const told = await toldOf(MUTED + 9, isCounted);
    // Told when it began, and once more when the mute is over and it goes on.
    expect(told[0]).toBe('open critical -1');
    expect(told.slice(1)).toEqual([expect.stringMatching(new RegExp(`^open \\w+ ${MUTED}$`))]);
  },
);

test('what is over before the mute is told of as over', async () => {
  const told = await toldOf(2, true);
  expect(told.filter((one) => one.startsWith('open'))).toEqual(['open critical -1']);
  expect(told.at(-1)).toMatch(/^close/);
});
