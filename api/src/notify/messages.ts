import type { AlarmRow, ServiceIncidentRow, StormRow } from '@tidemark/shared/contract';
import { nameInText } from '@tidemark/shared/contract/name-in-text';
import { type ColumnFinding, columnText, decimalsOf } from '@tidemark/shared/detection';
import {
  type IncidentEventKind,
  type Language,
  LOSS_CAUSES,
  type LossCause,
  type Severity,
} from '@tidemark/shared/vocabulary';
import { type AmountText, amountText } from '../amount-text.ts';
import type { WordStyle } from '../monitor/service-rows.ts';
import type { StormMember } from '../store/storms.ts';
import { wallClockText } from '../time-text.ts';
import { cardText, slackText } from './plain-text.ts';
import type { Webhook } from './webhooks.ts';

/** What a message tells of: one incident, a storm with the incidents of its members (those that lost most first), or an incident of the service itself. */
export type Message = {
  readonly event: IncidentEventKind;
  /** Where people read more; `null` where the service's public address is not set. */
  readonly link: string | null;
} & (
  | {
      readonly alarm: AlarmRow;
      /** What the source said by columns that are not counted in every cycle; `null` where it was not asked, or has not answered. */
      readonly columns: readonly ColumnFinding[] | null;
    }
  | { readonly storm: StormRow; readonly members: readonly StormMember[] }
  | { readonly service: ServiceIncidentRow }
);

type ClientMessage = Exclude<Message, { readonly service: ServiceIncidentRow }>;

interface Words {
  readonly severities: Readonly<Record<Severity, string>>;
  readonly events: Readonly<Record<IncidentEventKind, string>>;
  readonly side: Readonly<Record<AlarmRow['direction'], string>>;
  readonly leftBand: string;
  readonly since: string;
  /** Of what is over: when it began, and when it ended. */
  readonly span: (start: string, end: string) => string;
  readonly lost: string;
  readonly excess: string;
  readonly largest: string;
  readonly goOn: (count: number) => string;
  readonly open: string;
  readonly causes: Readonly<Record<LossCause, string>>;
  readonly where: string;
  readonly facts: readonly [severity: string, from: string, to: string, volume: string, score: string, clients: string];
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    severities: { info: 'INFO', warning: 'WARNING', critical: 'CRITICAL' },
    events: { open: '', escalate: 'got worse', close: 'is over', withdraw: 'withdrawn' },
    side: { low: 'below its band', high: 'above its band' },
    leftBand: 'left its band',
    since: 'since',
    span: (start, end) => `from ${start} to ${end}`,
    lost: 'lost',
    excess: 'excess',
    largest: 'most at',
    goOn: (count) => `${count} of them ${count === 1 ? 'goes' : 'go'} on`,
    open: 'Open',
    causes: { attempts: 'By attempts', approval: 'By approval', ticket: 'By ticket', refunds: 'By refunds' },
    where: 'Where',
    facts: ['Severity', 'From', 'To', 'Volume', 'Score', 'Clients'],
  },
  es: {
    severities: { info: 'INFO', warning: 'ADVERTENCIA', critical: 'CRÍTICO' },
    events: { open: '', escalate: 'ha empeorado', close: 'ha terminado', withdraw: 'retirado' },
    side: { low: 'por debajo de su banda', high: 'por encima de su banda' },
    leftBand: 'salió de su banda',
    since: 'desde',
    span: (start, end) => `de ${start} a ${end}`,
    lost: 'perdido',
    excess: 'exceso',
    largest: 'sobre todo en',
    goOn: (count) => `${count} de ellos ${count === 1 ? 'continúa' : 'continúan'}`,
    open: 'Abrir',
    causes: {
      attempts: 'Por intentos',
      approval: 'Por aprobación',
      ticket: 'Por ticket',
      refunds: 'Por devoluciones',
    },
    where: 'Dónde',
    facts: ['Gravedad', 'Desde', 'Hasta', 'Volumen', 'Puntuación', 'Clientes'],
  },
  pt: {
    severities: { info: 'INFO', warning: 'AVISO', critical: 'CRÍTICO' },
    events: { open: '', escalate: 'piorou', close: 'terminou', withdraw: 'retirado' },
    side: { low: 'abaixo da sua banda', high: 'acima da sua banda' },
    leftBand: 'saiu da sua banda',
    since: 'desde',
    span: (start, end) => `de ${start} a ${end}`,
    lost: 'perdido',
    excess: 'excesso',
    largest: 'sobretudo em',
    goOn: (count) => `${count} deles ${count === 1 ? 'continua' : 'continuam'}`,
    open: 'Abrir',
    causes: {
      attempts: 'Por tentativas',
      approval: 'Por aprovação',
      ticket: 'Por ticket',
      refunds: 'Por reembolsos',
    },
    where: 'Onde',
    facts: ['Gravidade', 'De', 'Até', 'Volume', 'Pontuação', 'Clientes'],
  },
};

/** Amounts as a message tells them: those of an alarm that is explained are exact, any other is an estimate. */
function moneyTextOf(message: ClientMessage, language: Language): AmountText {
  const exact = 'alarm' in message ? moneyByCause(message.alarm).map(([, money]) => money) : [];
  return amountText(language, exact.length > 0 ? decimalsOf(exact) : null);
}

/** Money of an alarm by what made it; empty where it is not explained. */
function moneyByCause(alarm: AlarmRow): [LossCause, number][] {
  return LOSS_CAUSES.flatMap((cause): [LossCause, number][] => {
    const money = alarm[`money_${cause}`];
    return money === null ? [] : [[cause, money]];
  });
}

/** Money of an incident as its causes add up to, or as its detectors estimate it; of a storm, what its members miss. */
function moneyOf(message: ClientMessage): number {
  return 'storm' in message ? message.storm.volume : (message.alarm.money ?? message.alarm.volume);
}

/** A wall-clock text for people who may be elsewhere: `Sat, Nov 14, 13:00 (America/Lima)`. */
function zonedText(local: string, { language, timeZone }: WordStyle): string {
  return `${wallClockText(local, language)} (${timeZone})`;
}

/** Whether it is over, also where that it began is only told now: then it is not told as if it went on. */
function isOver(message: ClientMessage): boolean {
  const { status } = 'storm' in message ? message.storm : message.alarm;
  return message.event === 'close' || message.event === 'withdraw' || status === 'closed';
}

/** The message in one line. */
function textOf(message: Message, style: WordStyle): string {
  const { language } = style;
  const words = WORDS[language];
  if ('service' in message) {
    const { severity, sentence, action } = message.service;
    const event = words.events[message.event];
    // What is over needs nothing done.
    return message.event === 'close'
      ? `Tidemark ${event}: ${sentence}`
      : `${words.severities[severity]} Tidemark${event && ` (${event})`}: ${sentence} ${action}`;
  }
  const moneyText = moneyTextOf(message, language);
  const row = 'storm' in message ? message.storm : message.alarm;
  const severity = words.severities[row.severity];
  const money = moneyOf(message);
  // Of what is withdrawn nothing was lost.
  const isNothing = message.event === 'withdraw' || moneyText(Math.abs(money)) === moneyText(0);
  const amount = isNothing ? '' : `${money < 0 ? words.lost : words.excess} ${moneyText(Math.abs(money))}`;
  const time = isOver(message)
    ? words.span(wallClockText(row.start_local, language), zonedText(row.end_local, style))
    : `${words.since} ${zonedText(row.start_local, style)}`;
  const because = message.event === 'withdraw' ? row.withdrawn_because : null;
  const event = `${words.events[message.event]}${because === null ? '' : ` (${because})`}`;
  const inAll = [time, amount].filter(Boolean).join(', ');
  const what = (sentence: string) => [sentence, event, inAll].filter(Boolean).join('; ');
  if ('alarm' in message) {
    const { direction, cause, sentence, where } = message.alarm;
    const series = nameInText(message.alarm.series);
    // Nor did it lie anywhere.
    const places =
      message.event === 'withdraw'
        ? []
        : [where, ...columnFacts(message.columns, language).map((fact) => fact.join(' '))];
    const lies = places.flatMap((text) => (text ? [`; ${text}`] : [])).join('');
    return cause === null
      ? `${severity} ${series}: ${words.side[direction]} ${time}; ${[event || words.leftBand, amount].filter(Boolean).join(', ')}${lies}`
      : `${severity} ${series}: ${what(sentence)}${lies}`;
  }
  const still = message.members.filter(({ status }) => status === 'open').length;
  const goOn = message.event === 'close' && still > 0 ? `; ${words.goOn(still)}` : '';
  const most = message.members
    .slice(0, 3)
    .map(({ series, volume }) => `${nameInText(series)} ${moneyText(Math.abs(volume))}`);
  const largest = amount !== '' && most.length > 0 ? `, ${words.largest} ${most.join(', ')}` : '';
  return `${severity}: ${what(message.storm.sentence)}${largest}${goOn}`;
}

/** The alarm's money by cause, those that made none left out, and where it lies. */
function causeFacts(alarm: AlarmRow, language: Language, moneyText: AmountText): [string, string][] {
  const words = WORDS[language];
  const made = moneyByCause(alarm).flatMap(([cause, money]): [string, string][] =>
    money === 0 ? [] : [[words.causes[cause], moneyText(money)]],
  );
  return alarm.where === null ? made : [...made, [words.where, alarm.where]];
}

/** Of each column that tells something its first value: `reason 91`, `80 declined, usually 3`. */
function columnFacts(findings: readonly ColumnFinding[] | null, language: Language): [string, string][] {
  return (findings ?? []).flatMap(({ column, counts, values: [first] }): [string, string][] =>
    first === undefined ? [] : [[`${column} ${nameInText(first.value)}:`, columnText(counts, first, language)]],
  );
}

/** Titles and values about an incident of a client, or a storm. */
function factsOf(message: ClientMessage, style: WordStyle): [string, string][] {
  const { language } = style;
  const words = WORDS[language];
  const moneyText = moneyTextOf(message, language);
  const row = 'storm' in message ? message.storm : message.alarm;
  const [severity, from, to, volume, score, clients] = words.facts;
  const isWithdrawn = message.event === 'withdraw';
  return [
    [severity, words.severities[row.severity]],
    [from, zonedText(row.start_local, style)],
    ...(isOver(message) ? ([[to, zonedText(row.end_local, style)]] as [string, string][]) : []),
    ...(isWithdrawn ? [] : ([[volume, moneyText(moneyOf(message))]] as [string, string][])),
    'storm' in message
      ? [clients, `${message.storm.members} / ${message.storm.watched}`]
      : [score, amountText(language, 2)(message.alarm.score)],
    ...('alarm' in message && !isWithdrawn
      ? [...causeFacts(message.alarm, language, moneyText), ...columnFacts(message.columns, language)]
      : []),
  ];
}

/** Titles and values about an incident of the service. */
function serviceFacts({ severity, opened_at, closed_at }: ServiceIncidentRow, language: Language): [string, string][] {
  const words = WORDS[language];
  const [title, from, to] = words.facts;
  return [
    [title, words.severities[severity]],
    ...(opened_at === null ? [] : [[from, opened_at] as [string, string]]),
    ...(closed_at === null ? [] : [[to, closed_at] as [string, string]]),
  ];
}

/** The body of a message in the receiver's format and language; times are told in the zone, which is named. */
export function payloadOf(format: Webhook['format'], message: Message, style: WordStyle): unknown {
  if (format === 'json') return message;
  const { language } = style;
  const text = textOf(message, style);
  if (format === 'slack') {
    const shown = slackText(message.link === null ? text : `${text}\n${message.link}`);
    // Asterisks and underscores in names are no markup.
    return { text: shown, mrkdwn: false };
  }
  const words = WORDS[language];
  const facts = ('service' in message ? serviceFacts(message.service, language) : factsOf(message, style)).map(
    ([title, value]) => ({ title: cardText(title), value: cardText(value) }),
  );
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'https://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            // Unlike that of a TextBlock the text of a TextRun is not Markdown.
            { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, weight: 'Bolder' }] },
            { type: 'FactSet', facts },
          ],
          ...(message.link === null
            ? {}
            : { actions: [{ type: 'Action.OpenUrl', title: words.open, url: message.link }] }),
        },
      },
    ],
  };
}
