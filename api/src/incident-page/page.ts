import { localClock } from '@tidemark/shared/contract';
import { nameInText } from '@tidemark/shared/contract/name-in-text';
import { columnText, decimalsOf, durationText, partText, REST, trueMinus } from '@tidemark/shared/detection';
import { DAY_MS, HOUR_MS } from '@tidemark/shared/forecasting';
import { LANGUAGES, type Language, LOSS_CAUSES } from '@tidemark/shared/vocabulary';
import { html, raw } from 'hono/html';
import { type AmountText, amountText, signedAmount } from '../amount-text.ts';
import { UNEXPLAINED_WORDS } from '../explanation/why-unexplained.ts';
import { timeText } from '../time-text.ts';
import { type Markup, partBars, picture, waterfall } from './drawing.ts';
import type { PageData } from './page-data.ts';
import { STYLE } from './style.ts';
import { PAGE_WORDS, type PageWords } from './words.ts';

/** What whoever looks at the page may do. */
export interface Viewer {
  /** `null`: not signed in. `false`: may read only. */
  readonly mayAnswer: boolean | null;
  /** Carried by the form; see `PageAccess.formToken`. */
  readonly formToken: string;
  /** Said above the sign-in, e.g. that a key is wrong. */
  readonly notice: string | null;
  /** A note that was sent and not saved; `null` without one. */
  readonly unsaved: string | null;
  /** Kept in links of the page, so that they open it too. */
  readonly linkToken: string | null;
  /** Path that people's browsers have in front of an incident's id, e.g. `/incidents`. */
  readonly pages: string;
}

/** Where somebody signs in to see an incident. */
export interface SignIn {
  readonly id: string;
  readonly pages: string;
  /** Said above, e.g. that a key is wrong. */
  readonly notice: string | null;
  /** A note that was sent and not saved, to be copied; `null` without one. */
  readonly unsaved?: string | null;
}

/** The frame of all pages. */
function frame(title: string, language: Language, nonce: string, body: Markup) {
  return html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style nonce="${nonce}">${raw(STYLE)}</style></head><body><main>${body}</main></body></html>`;
}

/** The page of somebody who may not see the incident yet: nothing is told of it. */
export function signInPage(to: SignIn, language: Language, nonce: string) {
  return frame('Tidemark', language, nonce, signIn(to, language));
}

/** The page of somebody who asks for an incident that there is not. */
export function noticePage(notice: string, language: Language, nonce: string) {
  return frame('Tidemark', language, nonce, html`<p class="notice" role="alert">${notice}</p>`);
}

function signIn({ id, pages, notice, unsaved = null }: SignIn, language: Language): Markup {
  const words = PAGE_WORDS[language];
  return html`<section><h2>${words.signIn}</h2><p class="soft">${words.signInWhy}</p>
${notice === null ? '' : html`<p class="notice" role="alert">${notice}</p>`}
${unsaved === null ? '' : html`<label>${words.note}<textarea rows="4" readonly>${unsaved}</textarea></label>`}
<form method="post" action="${pages}/${id}/sign-in?language=${language}"><label>${words.key}
<input type="password" name="key" autocomplete="current-password" required></label>
<button class="first">${words.signIn}</button></form></section>`;
}

/** An incident's page. */
export function incidentPage(data: PageData, language: Language, nonce: string, viewer: Viewer) {
  const words = PAGE_WORDS[language];
  const { alarm, stored, timeZone } = data;
  const why = stored?.explanation ?? null;
  const actuals = data.picture.flatMap(({ actual }) => actual ?? []);
  const money = amountText(language, why?.decimals ?? decimalsOf(actuals));
  const estimate = amountText(language, null);
  const total = why === null ? alarm.volume : why.money / 10 ** why.decimals;
  const totalText = (why === null ? estimate : money)(Math.abs(total));
  const clock = timeText(language, timeZone);
  const isWithdrawn = alarm.status === 'withdrawn';
  const sentence = unbroken(alarm.sentence);
  const title = `${nameInText(alarm.series)}: ${alarm.sentence}`;
  const body = html`<header><p><span class="chip ${alarm.severity}">${words.severities[alarm.severity]}</span>
<span class="soft">${words.statuses[alarm.status]}</span></p>
<h1><bdi>${alarm.series}</bdi>: ${sentence}</h1>
<p class="soft">${words[alarm.status === 'open' ? 'since' : 'from'](clock(data.start), clock(data.end))} (${timeZone})</p>
${total === 0 ? '' : html`<p class="sum${isWithdrawn ? ' withdrawn' : ''}">${totalText} ${total < 0 ? words.lost : words.excess}</p>`}
${alarm.where === null ? '' : html`<p class="where">${capital(alarm.where)}.</p>`}
<p><a class="jump" href="#answer">${words.answer} ↓</a></p></header>
${isWithdrawn ? html`<p class="notice">${alarm.withdrawn_because === null ? '' : `${alarm.withdrawn_because}. `}${words.withdrawn}</p>` : ''}
${data.storm === null ? '' : html`<p class="notice">${words.storm}: ${unbroken(data.storm.sentence)}. <a class="jump" href="#storm" aria-label="${words.stormClients}">↓</a></p>`}
${remarks(data, language, words, money)}
<section><h2>${words.picture}</h2>${drawn(data, language, words)}</section>
${moneySection(data, words, money)}
${whereSection(data, language, words, money)}
${columnSection(data, language, words)}
<section><h2>${words.compared(data.weeksBefore)}</h2><p>${
    data.before === null || data.now === null ? words.noLastWeek : words.thenAndNow(money(data.before), money(data.now))
  }</p></section>
<section><h2>${words.after}</h2><p>${afterText(data, language, words)}</p></section>
${answerSection(data, language, clock, viewer)}
${stormSection(data, language, estimate, viewer)}
<section><h2>${words.others}</h2>${
    data.others.length === 0
      ? html`<p class="soft">${words.noOthers}</p>`
      : html`<ol class="others">${data.others.map(
          (other) => html`<li><span class="chip ${other.severity}">${words.severities[other.severity]}</span>
<a href="${viewer.pages}/${other.id}?language=${language}">${clock(Date.parse(other.start))}</a><br>${unbroken(other.sentence)}${
            other.label === null ? '' : html` <span class="soft">${words.labels[other.label]}</span>`
          }</li>`,
        )}</ol>`
  }</section>
<footer>${words.languages}: ${LANGUAGES.map(
    (one) =>
      html`<a href="?language=${one}${viewer.linkToken === null ? '' : `&t=${viewer.linkToken}`}" lang="${one}">${one}</a> `,
  )}</footer>`;
  return frame(title, language, nonce, body);
}

/** Clients of a storm that are named on the page of one of them. */
const STORM_CLIENTS = 8;

/** The other clients of the storm that an incident is part of, with their pages. */
function stormSection({ storm, alarm }: PageData, language: Language, money: AmountText, { pages }: Viewer): Markup {
  const words = PAGE_WORDS[language];
  if (storm === null) return html``;
  const others = storm.members.filter(({ incident }) => incident !== alarm.id);
  const further = others.length - STORM_CLIENTS;
  return html`<section id="storm"><h2>${words.stormClients}</h2><ul class="plain">${others
    .slice(0, STORM_CLIENTS)
    .map(
      ({ incident, series, volume }) =>
        html`<li><a href="${pages}/${incident}?language=${language}"><bdi>${series}</bdi></a>: ${signedAmount(volume, money)}</li>`,
    )}</ul>${further > 0 ? html`<p class="soft">${words.stormFurther(further)}</p>` : ''}</section>`;
}

function remarks(data: PageData, language: Language, words: PageWords, money: AmountText): Markup {
  const { stored, corrections } = data;
  const why = stored?.explanation ?? null;
  const lines: string[] = [];
  const first = stored?.firstMoney ?? null;
  const was = why === null || first === null || first === why.money ? null : money(first / 10 ** why.decimals);
  if (corrections > 0) lines.push(words.corrected(corrections, was));
  else if (was !== null) lines.push(words.comparedAnew(was));
  if (data.raised >= 0.005) lines.push(words.raised(data.alarm.detector, `${Math.round(100 * data.raised)} %`));
  if (why === null) lines.push(UNEXPLAINED_WORDS[language][data.unexplained]);
  for (const { remark, about } of why?.remarks ?? []) lines.push(words.remarks[remark](about));
  if (lines.length === 0) return html``;
  return html`<section><h2>${words.know}</h2><ul class="plain">${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`;
}

/** Time from which on the axis of the picture names days in place of hours. */
const LONG_MS = 4 * DAY_MS;

function drawn(data: PageData, language: Language, words: PageWords): Markup {
  if (data.picture.length === 0) return html`<p class="soft">${words.notKept}</p>`;
  const clock = localClock(data.timeZone);
  const day = new Intl.DateTimeFormat(language, { timeZone: data.timeZone, day: 'numeric', month: 'short' });
  // Hours alone do not tell where one is among many days, nor which of days that all begin at the same one.
  const isLong = data.stepMs >= DAY_MS || data.picture.length * data.stepMs > LONG_MS;
  const short = new Intl.NumberFormat(language, { notation: 'compact', maximumSignificantDigits: 3 });
  const svg = picture(data.picture, {
    stepMs: data.stepMs,
    start: data.start,
    end: data.end,
    amount: (value) => trueMinus(short.format(value)),
    hour: isLong ? (at) => day.format(at) : (at) => clock(at).slice(11, 16),
    label: `${words.picture}: ${words.actual}, ${words.expected}, ${words.lastWeek}`,
  });
  const key = (kind: string, text: string) =>
    html`<li><svg viewBox="0 0 26 10" aria-hidden="true">${
      kind === 'band' ? html`<rect class="band" width="26" height="10"/>` : html`<path class="${kind}" d="M0 5H26"/>`
    }</svg>${text}</li>`;
  const percent = `${Math.round(100 * data.coverage)} %`;
  return html`${svg}<ul class="legend">${key('actual', words.actual)}${key('median', words.expected)}${key('band', words.band(percent))}${key('week', words.lastWeek)}</ul>`;
}

function moneySection({ stored }: PageData, words: PageWords, money: AmountText): Markup {
  const why = stored?.explanation;
  if (!why) return html``;
  const units = 10 ** why.decimals;
  // In whole minor units, in which all adds up.
  const usual = Math.round((why.expected.gross - why.expected.refunds) * units);
  const [expected, seen] = [usual / units, (usual + why.money) / units];
  const steps = [
    { name: words.causes.before, value: expected, text: money(expected), isTotal: true },
    ...LOSS_CAUSES.map((cause) => {
      const value = (why.causes.find((one) => one.cause === cause)?.money ?? 0) / units;
      return { name: words.causes[cause], value, text: signedAmount(value, money), isTotal: false };
    }),
    { name: words.causes.now, value: seen, text: money(seen), isTotal: true },
  ];
  return html`<section><h2>${words.money}</h2>${waterfall(steps)}</section>`;
}

function whereSection({ stored }: PageData, language: Language, words: PageWords, money: AmountText): Markup {
  const why = stored?.explanation;
  if (!why || why.dimensions.length === 0) return html``;
  const units = 10 ** why.decimals;
  const named = new Set(why.parts.map(({ elements }) => elements[0]?.dimension));
  // The dimension that tells it comes first.
  const dimensions = [...why.dimensions].sort(
    (one, other) => Number(named.has(other.dimension)) - Number(named.has(one.dimension)),
  );
  const counts = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const count = (value: number) => counts.format(value);
  return html`<section><h2>${words.where}</h2><p class="soft">${words.ofValues}</p>${
    why.parts.length === 0
      ? ''
      : html`<ul class="plain">${why.parts.map(
          ({ elements, money: units_, observed, expected }) =>
            html`<li><strong><bdi>${partText(elements)}</bdi></strong>: ${signedAmount(units_ / units, money)}, ${words.sales(count(observed), count(expected))}</li>`,
        )}</ul>`
  }${dimensions.map(
    ({ dimension, values }) =>
      html`<h3>${dimension}</h3>${partBars(
        values.map(({ value, observed, expected, money: own }) => ({
          name: value === REST ? words.rest : value,
          detail: `${count(observed)} / ${count(expected)}`,
          text: signedAmount(own / units, money),
          value: own / units,
        })),
      )}`,
  )}</section>`;
}

/** What the source said by columns that are not counted in every cycle. */
function columnSection({ asked }: PageData, language: Language, words: PageWords): Markup {
  if (asked === null) return html``;
  if (asked.findings === null || asked.findings.length === 0) {
    const pending = asked.findings === null ? words.askedNow : words.askedEmpty;
    const why = asked.failure === null ? pending : words.askFailed(asked.failure);
    return html`<section><h2>${words.asked}</h2><p class="soft">${why}</p></section>`;
  }
  return html`<section><h2>${words.asked}</h2>${asked.findings.map(
    ({ column, counts, values }) =>
      html`<h3>${column}</h3>${
        values.length === 0
          ? html`<p class="soft">${words.noValue}</p>`
          : html`<ul class="plain">${values.map(
              (one) =>
                html`<li><strong><bdi>${one.value}</bdi></strong>: ${columnText(counts, one, language)} (${Math.round(100 * one.share)} %)</li>`,
            )}</ul>`
      }`,
  )}</section>`;
}

function afterText({ after, stepMs }: PageData, language: Language, words: PageWords): string {
  if (after === null) return words.afterNone;
  const percent = new Intl.NumberFormat(language, { maximumFractionDigits: 0, signDisplay: 'negative' });
  const duration = durationText((after.buckets * stepMs) / HOUR_MS, language);
  return words.afterText(duration, `${trueMinus(percent.format(100 * after.share))}\u00a0%`);
}

function answerSection(data: PageData, language: Language, clock: (at: number) => string, viewer: Viewer): Markup {
  const words = PAGE_WORDS[language];
  const { alarm, timeZone } = data;
  const said = html`${
    alarm.acknowledged_at === null
      ? ''
      : html`<p>${words.acknowledged(alarm.acknowledged_by ?? '', clock(Date.parse(alarm.acknowledged_at)))}</p>`
  }${data.mutedUntil === null ? '' : html`<p>${words.muted(clock(data.mutedUntil))}</p>`}${
    alarm.label === null ? '' : html`<p>${words.labels[alarm.label]}</p>`
  }${alarm.note === null ? '' : html`<p class="note">${words.note}: ${alarm.note}</p>`}`;
  if (viewer.mayAnswer === null)
    return html`<section id="answer">${said}</section>${signIn({ id: alarm.id, ...viewer }, language)}`;
  if (!viewer.mayAnswer) return html`<section id="answer">${said}<p class="soft">${words.readOnly}</p></section>`;
  const button = (name: keyof PageWords['buttons'], first = false) =>
    html`<button name="do" value="${name}" class="${first ? 'first' : ''}">${words.buttons[name]}</button>`;
  return html`<section id="answer"><h2>${words.answer}</h2>${said}
${viewer.notice === null ? '' : html`<p class="notice" role="alert">${viewer.notice}</p>`}
<form method="post" action="${viewer.pages}/${alarm.id}?language=${language}"><input type="hidden" name="token" value="${viewer.formToken}"><input type="hidden" name="before" value="${alarm.note ?? ''}">
<label>${words.note}<textarea name="note" rows="2" maxlength="2000">${viewer.unsaved ?? alarm.note ?? ''}</textarea></label>
<div class="buttons">${button('ack', true)}${button('normal')}${button('incident')}${alarm.label === null ? '' : button('unlabel')}</div>
<label>${words.until(timeZone)}<input type="datetime-local" name="until"></label>
<div class="buttons">${button('mute')}${data.hasOwnMute ? button('unmute') : ''}${button('note')}</div></form></section>`;
}

/** A sentence whose percent signs and units of time stay in the line of their numbers. */
const unbroken = (sentence: string) => sentence.replaceAll(/(?<=\d) (?=%|(?:h|min)\b)/g, '\u00a0');

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
