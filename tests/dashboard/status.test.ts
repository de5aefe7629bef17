import type { DaxModel } from '@tidemark/tools/dashboard/dax/model';
import { committedPage } from '@tidemark/tools/dashboard/page-preview/committed-report';
import { lineOfText } from '@tidemark/tools/dashboard/page-preview/draw';
import { box, html } from '@tidemark/tools/dashboard/page-preview/preview-page';
import type { Row } from '@tidemark/tools/dashboard/tables';
import { launchChrome } from '@tidemark/tools/power-bi-host/chrome';
import { describe, expect, test } from 'vitest';
import { at, figureOf, filledWith } from './filled.ts';

const NOW = 12;
const CULTURES = ['en-US', 'es-PE', 'pt-BR'];
const NAMES = ['Sol', 'W'.repeat(40), 'Distribuidora de Alimentos del Norte, S.A. de C.V.', '株式会社'.repeat(9)];

/** How the data can be: the newest bucket of the clients, and the hour of the refresh. */
const FEEDS = {
  well: { newest: [10, 10, 10], refreshed: NOW },
  'without any data': { newest: [], refreshed: NOW },
  'silent feed': { newest: [2, 2, 2], refreshed: NOW },
  'one silent client': { newest: [2, 10, 10], refreshed: NOW },
  'several silent clients': { newest: [2, 2, 10], refreshed: NOW },
  'not refreshed': { newest: [2, 2, 2], refreshed: 4 },
};
type Feed = keyof typeof FEEDS;

interface State {
  readonly feed: Feed;
  readonly name: string;
  /** Open alarms beside storms, the worst of them critical. */
  readonly alarms: number;
  readonly storms: number;
  /** Is the worst alarm part of a storm? */
  readonly stormIsWorst: boolean;
  readonly side: 'low' | 'high';
  /** What has seen the alarms; the band unless given. */
  readonly detector?: string;
}

function modelOf({ feed, name, alarms, storms, stormIsWorst, side, detector = 'band' }: State): DaxModel {
  const { newest, refreshed } = FEEDS[feed];
  const clients = [name, `${name} B`, 'C'];
  const Bands = newest.map((hour, k) => ({
    Series: clients[k] as string,
    'Bucket start UTC': at(hour),
    'Bucket start': at(hour),
    State: 'observed',
    Actual: 1,
    Forecast: 1,
  }));
  const alarm = (id: number, storm: string | null, worst: boolean): Row => ({
    Id: String(id),
    Series: clients[id % 3] as string,
    Status: 'open',
    Direction: side,
    Detector: detector,
    Severity: worst ? 'critical' : 'warning',
    Start: at(4),
    'Start UTC': at(4),
    'End UTC': at(10),
    Volume: side === 'low' ? -99_900_000 : 99_900_000,
    Storm: storm,
  });
  const beside = Array.from({ length: alarms }, (_, k) => alarm(3 * k, null, !stormIsWorst));
  const stormy = Array.from({ length: storms * 3 }, (_, k) => alarm(1_000 + k, `storm ${k % storms}`, stormIsWorst));
  const Series = clients.map((Series) => ({ Series, 'Step minutes': 120 }));
  return filledWith({ Series, Bands, Alarms: [...beside, ...stormy] }, at(refreshed));
}

/** Every combination of clauses; without an alarm there is one. */
const STATES: readonly State[] = (Object.keys(FEEDS) as Feed[]).flatMap((feed) =>
  NAMES.flatMap((name) =>
    [0, 1, 12].flatMap((alarms) =>
      [0, 4].flatMap((storms) =>
        (alarms > 0 && storms > 0 ? [false, true] : [storms > 0]).flatMap((stormIsWorst) =>
          (alarms + storms > 0 ? (['low', 'high'] as const) : (['low'] as const)).map((side) => {
            // The longer words of the two.
            return { feed, name, alarms, storms, stormIsWorst, side, detector: 'attempts' };
          }),
        ),
      ),
    ),
  ),
);

const linesOf = (model: DaxModel, culture = 'en-US') => {
  const line = (name: string) => String(figureOf(model, name, { nowMs: at(NOW).ms, culture }));
  return { status: line('Status'), detail: line('Status detail') };
};
const said = (state: State, culture?: string) => linesOf(modelOf(state), culture);

describe('the two lines at the top', () => {
  const state = { feed: 'well', name: 'Sol', alarms: 0, storms: 0, stormIsWorst: false, side: 'low' } as const;

  test.each<[string, Partial<State>, string, string]>([
    ['all is well', {}, 'OK · no open incident', 'data until Sun 8 Mar 12:00, taken at 12:00 UTC'],
    [
      'one alarm',
      { alarms: 1 },
      'ALARM · Sol below minimum since Sun 04:00',
      'data until Sun 8 Mar 12:00, taken at 12:00 UTC',
    ],
    [
      'one alarm of the counts, whose money may lie inside the band',
      { alarms: 1, detector: 'approval' },
      'ALARM · Sol below expected since Sun 04:00',
      'data until Sun 8 Mar 12:00, taken at 12:00 UTC',
    ],
    [
      'alarms beside a storm, data not refreshed',
      { alarms: 3, storms: 1, feed: 'not refreshed' },
      'ALARM · Sol below minimum since Sun 04:00',
      '1 storm · 3 clients · −299.7M · 2 more alarms · REPORT NOT REFRESHED SINCE Sun 8 Mar 04:00 UTC',
    ],
    [
      'a storm is the worst',
      { alarms: 1, storms: 2, stormIsWorst: true, side: 'high' },
      'ALARM · 2 storms · 3 clients · +599.4M since Sun 04:00',
      '1 more alarm · data until Sun 8 Mar 12:00, taken at 12:00 UTC',
    ],
    ['the feed is silent', { feed: 'silent feed' }, 'NO DATA SINCE Sun 8 Mar 04:00', 'no open incident is known'],
    ['one client is silent', { feed: 'one silent client' }, 'NO DATA FROM Sol', 'no open incident is known'],
    ['there never was data', { feed: 'without any data' }, 'NO DATA', 'no open incident is known'],
    [
      'an alarm while the feed is silent',
      { alarms: 1, feed: 'silent feed' },
      'ALARM · Sol below minimum since Sun 04:00',
      'NO DATA SINCE Sun 8 Mar 04:00',
    ],
    [
      'nothing was refreshed since',
      { feed: 'not refreshed' },
      'REPORT NOT REFRESHED SINCE Sun 8 Mar 04:00 UTC',
      'no open incident is known',
    ],
  ])('%s', (_, change, status, detail) => {
    expect(said({ ...state, ...change })).toEqual({ status, detail });
  });

  test('speak the language of who looks', () => {
    const troubled = { ...state, alarms: 2, storms: 1, feed: 'one silent client' } as const;
    expect(said(troubled, 'es-PE')).toEqual({
      status: 'ALARMA · Sol bajo el mínimo desde dom 04:00',
      detail: '1 tormenta · 3 clientes · −299,7M · 1 alarma más · SIN DATOS DE Sol',
    });
    expect(said(troubled, 'pt-BR')).toEqual({
      status: 'ALARME · Sol abaixo do mínimo desde dom 04:00',
      detail: '1 tempestade · 3 clientes · −299,7M · 1 alarme a mais · SEM DADOS DE Sol',
    });
    expect(said(troubled, 'fr-FR').status).toMatch(/^ALARM · /);
  });

  test.each<[string, number, string]>([
    ['two buckets ago', 2, 'OK · no open incident'],
    ['three buckets ago', 4, 'NO DATA FROM Old name'],
    ['a week ago', 7 * 24, 'NO DATA FROM Old name'],
    ['four weeks and a bucket ago', 28 * 24 + 2, 'OK · no open incident'],
  ])('a client renamed %s (%i h), beside two groups: “%s”', (_, hours, status) => {
    const bucket = (Series: string, hour: number) => ({
      Series,
      'Bucket start UTC': at(hour),
      'Bucket start': at(hour),
      State: 'observed',
      Actual: 1,
      Forecast: 1,
    });
    const model = filledWith({
      Series: [
        { Series: 'Old name', 'Step minutes': 120 },
        { Series: 'New name', 'Step minutes': 120 },
        { Series: 'Sol', 'Step minutes': 120 },
        { Series: 'North', Members: 'Old name; New name', 'Step minutes': 120 },
        { Series: 'All', Members: 'Old name; New name; Sol', 'Step minutes': 120 },
      ],
      Bands: [
        bucket('Old name', 10 - 2 - hours),
        ...['New name', 'Sol', 'North', 'All'].map((name) => bucket(name, 10)),
      ],
    });
    expect(linesOf(model).status).toBe(status);
    const old = (name: string) => figureOf(model, name, { nowMs: at(NOW).ms }, ['Old name']);
    expect(old('Client state')).toBe(hours > 28 * 24 ? '– INACTIVE' : hours > 2 ? '✕ NO DATA' : '✓ OK');
    const urgency = (name: string) => Number(figureOf(model, 'Urgency', { nowMs: at(NOW).ms }, [name]));
    expect(Math.sign(urgency('Old name') - urgency('Sol'))).toBe(hours > 28 * 24 ? -1 : hours > 2 ? 1 : 0);
  });

  test('of alarms as bad that began together the costliest is named', () => {
    const alarm = (Series: string, Volume: number) => ({
      Id: Series,
      Series,
      Status: 'open',
      Direction: Volume < 0 ? 'low' : 'high',
      Severity: 'warning',
      Start: at(4),
      'Start UTC': at(4),
      'End UTC': at(10),
      Volume,
    });
    const clients = ['Alba', 'Luna', 'Sol'];
    const volumes = [-20, -300, 40];
    for (const turn of [0, 1, 2]) {
      const of = (k: number) => volumes[(k + turn) % 3] as number;
      const model = filledWith({
        Series: clients.map((Series) => ({ Series, 'Step minutes': 120 })),
        Alarms: clients.map((name, k) => alarm(name, of(k))),
      });
      expect(linesOf(model).status).toMatch(`${clients[(4 - turn) % 3]} below minimum`);
    }
  });

  test('an open alarm stands first whatever is wrong with the data', () => {
    for (const feed of Object.keys(FEEDS) as Feed[]) {
      expect(said({ ...state, feed, alarms: 1 }).status, feed).toMatch(/^ALARM · /);
    }
  });
});

/** With counts of three digits, whatever they are: hundreds of alarms would only take longer. */
const wide = (text: string) => text.replace(/(^|· )\d+ (?=\p{L})/gu, '$1888 ');

test('no combination of clauses is cut off, on the screen and on the phone, in any language', async () => {
  const texts = { status: new Set<string>(), 'status-detail': new Set<string>() };
  for (const state of STATES) {
    const model = modelOf(state);
    for (const culture of CULTURES) {
      const { status, detail } = linesOf(model, culture);
      texts.status.add(wide(status));
      texts['status-detail'].add(wide(detail));
    }
  }
  expect(texts.status.size + texts['status-detail'].size).toBeGreaterThan(200);
  const browser = await launchChrome();
  try {
    for (const [name, layout] of [
      ['now', 'screen'],
      ['now', 'phone'],
      ['clients', 'screen'],
      ['clients', 'phone'],
    ] as const) {
      const { page, theme } = committedPage(name, layout);
      const boxes = page.visuals.flatMap((visual) =>
        [...(texts[visual.name as keyof typeof texts] ?? [])].map((text) =>
          box({ ...visual, y: 0 }, lineOfText(text, 'black', visual)),
        ),
      );
      const shown = await browser.newPage({ viewport: { width: page.width, height: page.height } });
      await shown.setContent(html(theme, boxes));
      const cut = await shown.evaluate(() =>
        [...document.querySelectorAll('section')]
          .filter((one) => one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth)
          .map((one) => one.textContent),
      );
      expect(cut, `${name} ${layout}`).toEqual([]);
      await shown.close();
    }
  } finally {
    await browser.close();
  }
}, 60_000);
