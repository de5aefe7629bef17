import type { AlarmRow } from '@tidemark/shared/contract';
import { expect, test } from 'vitest';
import { alarm as attemptsFell } from '../testing/alarm.ts';
import { payloadOf } from './messages.ts';

const alarm: AlarmRow = {
  ...attemptsFell,
  id: 'c3-242200-low',
  score: 4.2,
  volume: -5_000,
  detector: 'channel-share',
  cause: 'channel',
  cause_value: 'web',
  observed: 0,
  expected: 0.4,
  sentence: 'The share of channel web fell from 40 % to 0 %',
  money: -4_365.41,
  money_attempts: -4_975.93,
  money_approval: -1.83,
  money_ticket: 612.35,
  where: '94 % of it is channel web',
};
const timeZone = 'America/Lima';
const link = 'https://tidemark.example/incidents/c3-242200-low?t=1795.abc';

test('Slack gets the sentence, the money, where it lies, and a link', () => {
  expect(payloadOf('slack', { event: 'open', alarm, columns: null, link }, { language: 'en', timeZone })).toEqual({
    text: `CRITICAL Mercado Sol: The share of channel web fell from 40 % to 0 %; since Sat, Nov 14, 13:00 (America/Lima), lost 4,365.41; 94 % of it is channel web\n${link}`,
    mrkdwn: false,
  });
});

/** The facts of a card of Teams. */
function factsOf(message: Parameters<typeof payloadOf>[1]): Record<string, string> {
  const card = payloadOf('teams', message, { language: 'en', timeZone }) as {
    attachments: { content: { body: { facts?: { title: string; value: string }[] }[] } }[];
  };
  const facts = card.attachments[0]?.content.body[1]?.facts ?? [];
  return Object.fromEntries(facts.map(({ title, value }) => [title, value]));
}

test('Teams gets them as a card, with the money by cause, and a button', () => {
  const { attachments } = payloadOf(
    'teams',
    { event: 'open', alarm, columns: null, link },
    { language: 'en', timeZone },
  ) as {
    attachments: { content: { body: { facts?: { title: string; value: string }[] }[]; actions: unknown[] } }[];
  };
  const card = attachments[0]?.content;
  const facts = Object.fromEntries((card?.body[1]?.facts ?? []).map(({ title, value }) => [title, value]));
  expect(facts).toMatchObject({
    Severity: 'CRITICAL',
    'By attempts': '−4,975.93',
    'By approval': '−1.83',
    'By ticket': '612.35',
    Where: '94 % of it is channel web',
  });
  expect(facts).not.toHaveProperty('By refunds');
  expect(card?.actions).toEqual([{ type: 'Action.OpenUrl', title: 'Open', url: link }]);
});

test('what the source said by other columns is told where it has answered', () => {
  const value = { value: '91', observed: 80, expected: 3, share: 0.97 };
  const columns = [
    { column: 'reason', counts: 'declines' as const, values: [value] },
    { column: 'terminal', counts: 'declines' as const, values: [] },
  ];
  const { text } = payloadOf(
    'slack',
    { event: 'escalate', alarm, columns, link: null },
    { language: 'es', timeZone },
  ) as { text: string };
  expect(text).toMatch(/; reason 91: 80 rechazos, normalmente 3$/);
});

test('an alarm that is not explained says what it can', () => {
  const bare = {
    ...alarm,
    money: null,
    money_attempts: null,
    money_approval: null,
    money_ticket: null,
    money_refunds: null,
    where: null,
  };
  expect(
    payloadOf('slack', { event: 'open', alarm: bare, columns: null, link: null }, { language: 'en', timeZone }),
  ).toEqual({
    text: 'CRITICAL Mercado Sol: The share of channel web fell from 40 % to 0 %; since Sat, Nov 14, 13:00 (America/Lima), lost 5,000',
    mrkdwn: false,
  });
});

test('amounts of a currency without cents have none', () => {
  const yen = { ...alarm, money: -4_365, money_attempts: -4_976, money_approval: -1, money_ticket: 612 };
  expect(
    payloadOf('slack', { event: 'open', alarm: yen, columns: null, link: null }, { language: 'pt', timeZone }),
  ).toMatchObject({
    text: expect.stringMatching(/, perdido 4\.365;/),
  });
});

const HOSTILE = '<!channel> *all* _of_ [you](https://evil.example) & <https://evil.example|co>';

test('a name of a client calls nobody in Slack and makes no link', () => {
  const named = { ...alarm, series: HOSTILE };
  const message = { event: 'open' as const, alarm: named, columns: null, link };
  const payload = payloadOf('slack', message, { language: 'en', timeZone }) as { text: string };
  expect(payload.text).toContain(
    '&lt;!channel&gt; *all* _of_ [you](https://evil.example) &amp; &lt;https://evil.example|co&gt;:',
  );
  expect(payload).toMatchObject({ mrkdwn: false });
});

test('a name of a client or of a value is no Markdown in a card of Teams', () => {
  const named = { ...alarm, series: HOSTILE, where: '94 % of it is channel [web](https://evil.example)' };
  const message = { event: 'open' as const, alarm: named, columns: null, link };
  const payload = JSON.stringify(payloadOf('teams', message, { language: 'en', timeZone }));
  const [block, { facts }] = JSON.parse(payload).attachments[0].content.body;
  expect(block).toMatchObject({ type: 'RichTextBlock', inlines: [{ type: 'TextRun' }] });
  expect(block.inlines[0].text).toContain(HOSTILE);
  expect(facts.at(-1).value).toBe(String.raw`94 % of it is channel \[web\](https://evil.example)`);
});

test('times are told with the zone they are in, in every language and format', () => {
  for (const language of ['en', 'es', 'pt'] as const) {
    for (const format of ['slack', 'teams'] as const) {
      const text = JSON.stringify(
        payloadOf(format, { event: 'open', alarm, columns: null, link }, { language, timeZone }),
      );
      expect(text.match(/13:00/g)).toHaveLength(text.match(/13:00 \(America\/Lima\)/g)?.length ?? 0);
    }
  }
});

test('a name from right to left leaves the figures beside it in their order', () => {
  const named = { ...alarm, series: 'متجر \u202eالشمس' };
  const message = { event: 'open' as const, alarm: named, columns: null, link };
  expect(payloadOf('slack', message, { language: 'en', timeZone })).toMatchObject({
    text: expect.stringContaining('CRITICAL \u2068متجر الشمس\u2069: The share of channel web'),
  });
});

test('a value of a column from right to left leaves the counts after it in their order', () => {
  const value = { value: 'رفض', observed: 80, expected: 3, share: 0.97 };
  const columns = [{ column: 'reason', counts: 'declines' as const, values: [value] }];
  const message = { event: 'open' as const, alarm, columns, link: null };
  expect(payloadOf('slack', message, { language: 'en', timeZone })).toMatchObject({
    text: expect.stringContaining('; reason \u2068رفض\u2069: 80 declined'),
  });
});

test('what is over is told with when it began and ended, not as over since it began', () => {
  const closed = { ...alarm, status: 'closed' as const, end_local: '2026-11-14T21:00:00' };
  const textIn = (language: 'en' | 'es' | 'pt', event: 'open' | 'close' = 'close') =>
    (
      payloadOf('slack', { event, alarm: closed, columns: null, link: null }, { language, timeZone }) as {
        text: string;
      }
    ).text;
  expect(textIn('en')).toContain(
    '; is over; from Sat, Nov 14, 13:00 to Sat, Nov 14, 21:00 (America/Lima), lost 4,365.41; 94 %',
  );
  // That it began is told late, as after the service was away.
  expect(textIn('en', 'open')).toContain('0 %; from Sat, Nov 14, 13:00 to Sat, Nov 14, 21:00 (America/Lima), lost');
  expect(textIn('es')).toContain('; ha terminado; de sáb, 14 nov, 13:00 a sáb, 14 nov, 21:00 (America/Lima), perdido');
  expect(textIn('pt')).toMatch(/; terminou; de sáb\.?, 14 de nov\.?, 13:00 a sáb.+21:00 \(America\/Lima\), perdido/);
});

test('what is withdrawn is told with its reason, and not with money that nobody lost', () => {
  const withdrawn = {
    ...alarm,
    status: 'withdrawn' as const,
    end_local: '2026-11-14T21:00:00',
    withdrawn_because: 'Corrected figures show no trouble',
  };
  const textOf = (row: AlarmRow) =>
    payloadOf('slack', { event: 'withdraw', alarm: row, columns: null, link: null }, { language: 'en', timeZone }) as {
      text: string;
    };
  const span = 'from Sat, Nov 14, 13:00 to Sat, Nov 14, 21:00 (America/Lima)';
  expect(textOf(withdrawn).text).toMatch(
    /; withdrawn \(Corrected figures show no trouble\); from .+ \(America\/Lima\)$/,
  );
  expect(textOf(withdrawn).text).toContain(span);
  expect(Object.keys(factsOf({ event: 'withdraw', alarm: withdrawn, columns: null, link: null }))).toEqual([
    'Severity',
    'From',
    'To',
    'Score',
  ]);
  expect(textOf({ ...withdrawn, cause: null, where: null }).text).toBe(
    `CRITICAL Mercado Sol: below its band ${span}; withdrawn (Corrected figures show no trouble)`,
  );
});

test('no end is told of what goes on, and no money where there is none', () => {
  const message = { event: 'open' as const, alarm, columns: null, link: null };
  expect(factsOf(message)).not.toHaveProperty('To');
  expect(factsOf({ ...message, alarm: { ...alarm, status: 'closed' } })).toHaveProperty('To');
  const even = { ...alarm, money: 0, money_attempts: -1, money_approval: 1, money_ticket: 0, where: null };
  expect(payloadOf('slack', { ...message, alarm: even }, { language: 'en', timeZone })).toMatchObject({
    text: expect.stringMatching(/; since Sat, Nov 14, 13:00 \(America\/Lima\)$/),
  });
});

test('a card has one sum, which its causes add up to', () => {
  const card = payloadOf('teams', { event: 'open', alarm, columns: null, link }, { language: 'en', timeZone });
  const text = JSON.stringify(card);
  expect(text).toContain('{"title":"Volume","value":"−4,365.41"}');
  expect(text).not.toContain('5,000');
});
