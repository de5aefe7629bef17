import type { AlarmRow } from '@tidemark/shared/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { madeUpSeries, publishedService, type Service, stoppedClock, WEEK } from '../testing/service.ts';

const DOWN = 6 * WEEK + 3;
const shop = madeUpSeries('shop', 7);
shop.values.fill(0, DOWN, DOWN + 2);

let service: Service;
let path: string;
let clock: ReturnType<typeof stoppedClock>;
beforeEach(async () => {
  clock = stoppedClock();
  clock.endOf(DOWN);
  const environment = { TIDEMARK_BACKFILL_DAYS: '7' };
  service = await publishedService({ clock, series: [shop], until: DOWN + 1, environment });
  await service.cycle.run('refresh');
  path = `/incidents/${(await service.rows<AlarmRow>('/v1/alarms')).at(-1)?.id}`;
});
afterEach(() => service.close());

/** The form as a browser that opened the page just now holds it. */
async function opened() {
  const text = await (await service.get(path)).text();
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
  const fields = { token: field('token'), before: field('before'), note: field('before') };
  return async (what: string, changed: Record<string, string> = {}) => {
    const body = new URLSearchParams({ ...fields, ...changed, do: what });
    return service.app.request(path, { method: 'POST', body });
  };
}

async function alarm() {
  return (await service.rows<AlarmRow>('/v1/alarms')).at(-1);
}

test('a page that was opened before somebody else wrote a note does not take it away', async () => {
  const first = await opened();
  await first('note', { note: 'looking at it' });
  const [ana, bob] = [await opened(), await opened()];
  await ana('note', { note: 'it is the acquirer:\r\nthey know' });
  await bob('ack');
  await bob('note');
  expect(await alarm()).toMatchObject({ note: 'it is the acquirer:\nthey know', acknowledged_by: 'anonymous' });
});

test('of two who write a note at once the second is told, and loses nothing', async () => {
  const [ana, bob] = [await opened(), await opened()];
  await ana('note', { note: 'it is the acquirer' });
  // A button pressed twice is no second note.
  expect((await ana('note', { note: 'it is the acquirer' })).status).toBe(303);
  const answer = await bob('ack', { note: typed });
  const text = await answer.text();
  expect(answer.status).toBe(422);
  expect(text).toContain('Somebody else has changed the note meanwhile');
  expect(text).toContain('<p class="note">Note: it is the acquirer</p>');
  expect(text).toContain(`maxlength="2000">${escaped}</textarea>`);
  expect(text).toContain('name="before" value="it is the acquirer"');
  expect(await alarm()).toMatchObject({ note: 'it is the acquirer', acknowledged_by: null });
  expect((await (await opened())('ack', { note: `it is the acquirer, ${typed}` })).status).toBe(303);
  expect(await alarm()).toMatchObject({ note: `it is the acquirer, ${typed}`, acknowledged_by: 'anonymous' });
});

test.each(['あ', '\u{1f6a8}'])('a longest note of %j is stored, changed and answered beside', async (letter) => {
  const longest = letter.repeat(2_000 / letter.length);
  expect((await (await opened())('note', { note: longest })).status).toBe(303);
  const other = `${longest.slice(2)}ok`;
  expect((await (await opened())('mute', { note: other, until: '2025-03-01T10:00' })).status).toBe(303);
  expect(await alarm()).toMatchObject({ note: other.trim() });
  // What is kept of it as the reason can be sent back as it was given.
  const { rows } = (await (await service.get('/v1/maintenance')).json()) as { rows: unknown[] };
  expect((await service.send('PUT', '/v1/maintenance', rows[0])).status).toBe(200);
});

test('a line of a terminal that is pasted into a note comes without what colours it', async () => {
  const answer = await (await opened())('note', { note: '\u001b[31mtimeout\u001b[0m at\tthe switch\u0000' });
  expect(answer.status).toBe(303);
  expect(await alarm()).toMatchObject({ note: '[31mtimeout[0m at\tthe switch' });
});

test('a note that is emptied is gone', async () => {
  await (await opened())('note', { note: 'wrong incident' });
  await (await opened())('note', { note: '' });
  expect(await alarm()).toMatchObject({ note: null });
});

const typed = 'asked the <acquirer> & wait';
const escaped = 'asked the &lt;acquirer&gt; &amp; wait';

test('a note is not lost with a mute that cannot be', async () => {
  const answer = await (await opened())('mute', { until: '', note: typed });
  expect(await answer.text()).toContain(`maxlength="2000">${escaped}</textarea>`);
  expect(await alarm()).toMatchObject({ note: null });
});

test('a form that is older than the sign-in is given back with its note, to be sent again', async () => {
  const answer = await (await opened())('note', { token: 'of before', note: typed });
  const text = await answer.text();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([403, 'text/html; charset=UTF-8']);
  expect(text).toContain('open since an earlier sign-in: nothing was saved');
  expect(text).toContain(`maxlength="2000">${escaped}</textarea>`);
  expect(await alarm()).toMatchObject({ note: null });
});

test('a mute that cannot be says why', async () => {
  const form = await opened();
  for (const until of ['', 'tomorrow', '2020-01-01T10:00', '2099-01-01T10:00']) {
    const answer = await form('mute', { until });
    expect([answer.status, await answer.text()]).toEqual([
      422,
      expect.stringContaining('Not muted: choose a time from now on, within 90 days (America/Lima).'),
    ]);
  }
});

test('an answer and a mute can be taken back, and buttons for it are there only then', async () => {
  const page = async () => (await service.get(path)).text();
  const answers = async (what: string, changed: Record<string, string> = {}) => {
    expect((await (await opened())(what, changed)).status).toBe(303);
    return page();
  };
  expect(await page()).not.toMatch(/value="un(label|mute)"/);
  expect(await answers('normal')).toContain('value="unlabel"');
  expect(await answers('unlabel')).not.toContain('Answered');
  expect(await alarm()).toMatchObject({ label: null });
  const until = new Date(clock.wall() + 4 * 3_600_000).toISOString().slice(0, 16);
  expect(await answers('mute', { until })).toContain('value="unmute"');
  clock.endOf(DOWN, 36);
  expect(await answers('unmute')).not.toContain('Client muted until');
  const { rows } = (await (await service.get('/v1/maintenance')).json()) as { rows: { to: string }[] };
  expect(rows.map(({ to }) => Date.parse(to))).toEqual([clock.wall()]);
});
