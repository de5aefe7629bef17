import type { Explanation } from '@tidemark/shared/detection';
import { DAY_MS, HOUR_MS } from '@tidemark/shared/forecasting';
import { LANGUAGES } from '@tidemark/shared/vocabulary';
import { describe, expect, test } from 'vitest';
import { amountText } from '../amount-text.ts';
import { UNEXPLAINED_WORDS, type Unexplained } from '../explanation/why-unexplained.ts';
import { alarm } from '../testing/alarm.ts';
import { incidentPage } from './page.ts';
import type { PageData, PictureBucket } from './page-data.ts';
import { PAGE_WORDS } from './words.ts';

const STEP_MS = 2 * HOUR_MS;
const START = Date.parse('2026-11-14T18:00:00Z');

const sales = { attempts: 3, approved: 3, gross: 90, refunds: 0 };
const explanation = {
  decimals: 2,
  seen: sales,
  expected: { ...sales, attempts: 40, approved: 40, gross: 1_324.5 },
  money: -123_450,
  causes: [{ cause: 'attempts', money: -123_450 }],
  where: 'alike',
  parts: [],
  dimensions: [],
  remarks: [],
} as unknown as Explanation;

function pictureOf(buckets: number): PictureBucket[] {
  return Array.from({ length: buckets }, (_, k) => ({
    start: START + (k - 6) * STEP_MS,
    actual: k % 5 === 3 ? null : 100 + k,
    median: 120,
    lower: k === 4 ? null : 80,
    upper: k === 4 ? null : 160,
    weekBefore: 110,
  }));
}

const data: PageData = {
  alarm,
  stored: { explanation, reason: null, firstMoney: -123_450 },
  asked: null,
  stepMs: STEP_MS,
  timeZone: 'America/Lima',
  coverage: 0.99,
  picture: pictureOf(14),
  start: START,
  end: START + 2 * STEP_MS,
  weeksBefore: 1,
  before: 1_300,
  now: 90,
  after: null,
  corrections: 0,
  others: [],
  storm: null,
  mutedUntil: null,
  hasOwnMute: false,
  unexplained: 'not-yet',
  raised: 0,
};
const viewer = {
  mayAnswer: true,
  formToken: 'token',
  notice: null,
  unsaved: null,
  linkToken: null,
  pages: '/incidents',
};
const textOf = async (changed: Partial<PageData>, language: (typeof LANGUAGES)[number] = 'en') =>
  String(await incidentPage({ ...data, ...changed }, language, 'nonce', viewer));

describe('what a reader has to know is said in every language', () => {
  test.each(LANGUAGES)('%s: each remark about the parts, with what it is about', async (language) => {
    const words = PAGE_WORDS[language];
    for (const remark of Object.keys(words.remarks) as (keyof typeof words.remarks)[]) {
      const why = { ...explanation, remarks: [{ remark, about: 'canal' }] };
      const page = await textOf({ stored: { explanation: why, reason: null, firstMoney: null } }, language);
      expect(page, remark).toContain(words.remarks[remark]('canal'));
    }
  });

  test.each(LANGUAGES)('%s: that nothing explains it, and why', async (language) => {
    for (const [reason, sentence] of Object.entries(UNEXPLAINED_WORDS[language])) {
      const page = await textOf({ stored: null, unexplained: reason as Unexplained }, language);
      expect(page).toContain(sentence);
    }
  });

  test.each(LANGUAGES)(
    '%s: what the source was asked, also where it has not answered or has no values',
    async (language) => {
      const words = PAGE_WORDS[language];
      const asked = (findings: readonly [] | null, failure: string | null = null) =>
        textOf({ asked: { until: 0, findings, failure } }, language);
      expect(await asked(null)).toContain(words.askedNow);
      expect(await asked(null, 'no folder')).toContain(words.askFailed('no folder'));
      expect(await asked([])).toContain(words.askedEmpty);
    },
  );

  test.each(LANGUAGES)('%s: that it was withdrawn and why, and what it was before a correction', async (language) => {
    const words = PAGE_WORDS[language];
    const withdrawn = { ...alarm, status: 'withdrawn', withdrawn_because: 'Because of late sales.' } as const;
    const page = await textOf(
      { alarm: withdrawn, corrections: 2, stored: { explanation, reason: null, firstMoney: -223_450 } },
      language,
    );
    expect(page).toContain(words.withdrawn);
    expect(page).toContain('Because of late sales.');
    expect(page).toMatch(/−2[.,\u00a0 ]?234[.,]50/);
    const compared = await textOf({ stored: { explanation, reason: null, firstMoney: -223_450 } }, language);
    expect(compared).toContain(words.comparedAnew(amountText(language, 2)(-2_234.5)));
    expect(await textOf({}, language)).not.toContain(words.comparedAnew('').slice(0, 20));
  });
});

test.each([
  ['en', '1 time slot was corrected', 'Expected from 1 week only', '1 time slot of it is not known'],
  ['es', '1 franja se corrigió', 'a partir de solo 1 semana:', '1 de sus franjas no se conoce y no cuenta'],
  [
    'pt',
    '1 intervalo foi corrigido',
    'a partir de apenas 1 semana:',
    '1 dos seus intervalos não se conhece e não conta',
  ],
] as const)('%s: one is no plural', async (language, ...sentences) => {
  const remarks = [
    { remark: 'few-weeks', about: '1' },
    { remark: 'missing-buckets', about: '1' },
  ];
  const stored = { explanation: { ...explanation, remarks } as Explanation, reason: null, firstMoney: null };
  const page = await textOf({ stored, corrections: 1 }, language);
  for (const sentence of sentences) expect(page).toContain(sentence);
});

test('of a withdrawn one nothing is said to be missing still, and the page tells what is of before', async () => {
  const withdrawn = { ...alarm, status: 'withdrawn', withdrawn_because: 'Maintenance covers it' } as const;
  const page = await textOf({ alarm: withdrawn });
  expect(page).toContain('class="sum withdrawn"');
  expect(page).toContain('Maintenance covers it. The picture is of what is known now;');
  expect(await textOf({})).not.toContain('class="sum withdrawn"');
});

describe('money', () => {
  const bars = (page: string) => [...page.matchAll(/class="(total|plus|minus)" x="[\d.]+" width="([\d.]+)"/g)];

  test('that is nothing has no sign and no bar, whatever floating point makes of it', async () => {
    const why = { ...explanation, expected: { ...sales, gross: 1_234.4999999 } };
    const page = await textOf({ stored: { explanation: why, reason: null, firstMoney: null } });
    expect(page).toContain('<b>0.00</b>');
    expect(page).not.toContain('−0.00');
    expect(bars(page).map(([, kind, width]) => `${kind} ${width}`)).toEqual([
      'total 1000',
      'minus 1000',
      'plus 0',
      'plus 0',
      'plus 0',
      'total 4',
    ]);
  });

  test('of a series that nothing explains has the decimals of its currency, and is an estimate as in a message', async () => {
    const unexplained = { stored: null, alarm: { ...alarm, volume: -10_807.69, money: null }, now: 8_710 };
    expect(await textOf(unexplained)).toMatch(/10,808 missing[\s\S]*1,300 then, 8,710 in this incident/);
    const cents = pictureOf(14).map((bucket) => ({ ...bucket, actual: 100.25 }));
    expect(await textOf({ ...unexplained, picture: cents })).toContain('1,300.00 then, 8,710.00 in this incident');
  });
});

describe('a storm', () => {
  const members = Array.from({ length: 12 }, (_, k) => ({
    storm: 's',
    incident: k === 0 ? alarm.id : `${k}-2-low`,
    series: `client ${k}`,
    severity: 'critical' as const,
    status: 'open' as const,
    volume: -1_000 + k,
  }));

  test('is told with its clients, those that lost most first, without the one of the page', async () => {
    const page = await textOf({ storm: { sentence: 'No sale at 12 of 14 clients', members } });
    expect(page).toContain('No sale at 12 of 14 clients');
    expect(page).toContain('<a href="/incidents/1-2-low?language=en"><bdi>client 1</bdi></a>: −999.00');
    expect(page).not.toContain(`href="/incidents/${alarm.id}?language=en"><bdi>client 0`);
    expect(page).toContain('and 3 more');
  });

  test('is not spoken of where there is none', async () => {
    expect(await textOf({})).not.toContain('storm');
  });
});

describe('the picture', () => {
  test('breaks its lines and its band where nothing is known', async () => {
    const page = await textOf({});
    expect(page.match(/class="band" d="([^"]+)"/)?.[1]?.match(/M/g)).toHaveLength(2);
    expect(page.match(/class="actual" d="([^"]+)"/)?.[1]?.match(/M/g)?.length).toBeGreaterThan(2);
  });

  test.each(LANGUAGES)('%s: its amounts have room for their letters, and zero has no sign', async (language) => {
    for (const factor of [-5_000, -0.05]) {
      const below = pictureOf(14).map((bucket) => ({ ...bucket, actual: bucket.actual && factor * bucket.actual }));
      const page = await textOf({ picture: below }, language);
      const ticks = [...page.matchAll(/<text class="tick" x="([\d.]+)" y="[\d.]+" text-anchor="end">([^<]+)</g)];
      expect(ticks.map(([, , text]) => text)).toContain('0');
      for (const [, x, text = ''] of ticks) {
        expect(text).not.toMatch(/-|−0$/);
        expect(Number(x)).toBeGreaterThanOrEqual(11.5 * text.length);
      }
    }
  });

  test('names hours where it spans a few days, and days where it spans many', async () => {
    const ticks = async (buckets: number) =>
      [...(await textOf({ picture: pictureOf(buckets) })).matchAll(/text-anchor="middle">([^<]+)</g)].map(
        ([, text]) => text as string,
      );
    for (const text of await ticks((2 * DAY_MS) / STEP_MS)) expect(text).toMatch(/^\d\d:\d\d$/);
    const days = await ticks((14 * DAY_MS) / STEP_MS);
    for (const text of days) expect(text).toMatch(/^(Nov|Dec) \d+$/);
    expect(new Set(days).size).toBe(days.length);
    // Buckets of a day all begin at the same hour.
    const daily = pictureOf(3).map((bucket, k) => ({ ...bucket, start: START + k * DAY_MS }));
    expect(await textOf({ picture: daily, stepMs: DAY_MS })).not.toMatch(/text-anchor="middle">\d\d:\d\d</);
  });
});

test('a name from right to left is set apart from the figures after it', async () => {
  const page = await textOf({ alarm: { ...alarm, series: 'متجر الشمس' } });
  expect(page).toContain(`<h1><bdi>متجر الشمس</bdi>: ${alarm.sentence.replace(' h', '\u00a0h')}</h1>`);
  expect(page).toContain(`<title>\u2068متجر الشمس\u2069: ${alarm.sentence}</title>`);
});

test('a percent sign and a unit of time stay in the line of their number', async () => {
  const text = await textOf({ alarm: { ...alarm, sentence: '3 attempts in 4 h; 40 here' } });
  expect(text).toContain(': 3 attempts in 4\u00a0h; 40 here</h1>');
  const fallen = { ...alarm, sentence: 'Approval fell from 92 % to 29 %' };
  const storm = { sentence: 'Approval at 38 of 60 clients fell from 92 % to 35 %', members: [] };
  const page = await textOf({ alarm: fallen, storm, others: [fallen] });
  expect(page).toContain(': Approval fell from 92\u00a0% to 29\u00a0%</h1>');
  expect(page).toContain('<br>Approval fell from 92\u00a0% to 29\u00a0%');
  expect(page).toContain(' clients fell from 92\u00a0% to 35\u00a0%. ');
});

test.each([
  ['en', 'In the 1 h after it, −4\u00a0% of what', 'Same time a week before', 'Same time 3 weeks before'],
  [
    'es',
    'Después, en 1 h, entró el −4\u00a0% de',
    'A la misma hora una semana antes',
    'A la misma hora 3 semanas antes',
  ],
  ['pt', 'Depois, em 1 h, entrou −4\u00a0% do', 'À mesma hora uma semana antes', 'À mesma hora 3 semanas antes'],
] as const)('%s: what came after and before is told for one hour and one week too', async (language, ...texts) => {
  const after = (share: number) => textOf({ after: { buckets: 1, share }, stepMs: HOUR_MS }, language);
  expect(await after(-0.04)).toContain(texts[0]);
  expect(await after(-0.001)).toContain(' 0\u00a0% ');
  expect(await textOf({}, language)).toContain(`<h2>${texts[1]}</h2>`);
  expect(await textOf({ weeksBefore: 3 }, language)).toContain(`<h2>${texts[2]}</h2>`);
});

test('where no money is known none is said to be missing', async () => {
  expect(await textOf({ stored: null, alarm: { ...alarm, volume: 0 } })).not.toContain('class="sum"');
});

test.each([true, false, null])(
  'who may answer: %s, gets from the top of the page to the answer at once',
  async (mayAnswer) => {
    const text = String(await incidentPage(data, 'en', 'nonce', { ...viewer, mayAnswer }));
    expect(text).toContain('href="#answer"');
    expect(text.match(/id="answer"/g)).toHaveLength(1);
  },
);

test.each([
  ['en', 'since Sat, Nov 14, 13:00, seen until Sat, Nov 14, 17:00 (', 'Sat, Nov 14, 13:00 to Sat, Nov 14, 17:00 ('],
  ['es', 'desde sáb, 14 nov, 13:00, visto hasta sáb, 14 nov, 17:00 (', 'sáb, 14 nov, 13:00 a sáb, 14 nov, 17:00 ('],
  ['pt', ', visto até ', ' a sáb'],
] as const)('%s: what goes on has no end yet', async (language, open, closed) => {
  expect(await textOf({}, language)).toContain(open);
  const over = await textOf({ alarm: { ...alarm, status: 'closed' } }, language);
  expect(over).toContain(closed);
  expect(over).not.toContain(open);
});

test.each(LANGUAGES)(
  '%s: a labelled incident outlives its figures, and says so in place of its picture',
  async (language) => {
    const page = await textOf({ picture: [], before: null, now: null }, language);
    expect(page).toContain(PAGE_WORDS[language].notKept);
    expect(page).not.toContain('class="legend"');
  },
);

test('forms keep the language that somebody chose', async () => {
  expect(await textOf({}, 'pt')).toContain('action="/incidents/3-1-low?language=pt"');
});
