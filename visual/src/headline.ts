import type { Formats } from './format.ts';
import { crossing, type Status, urgency } from './status.ts';
import type { Panel, ViewModel } from './view-model.ts';
import type { Translate } from './words.ts';

/** What the header says: a word to be read across a room, and what it rests on. */
export interface Headline {
  readonly word: string;
  readonly detail: string;
  /** Whose colour and sign it wears. */
  readonly status: Status;
}

/** The headline over all panels: the most urgent one speaks, and says how many there are. */
export function headlineOf(view: ViewModel, formats: Formats, translate: Translate): Headline {
  const first = view.panels[0];
  if (first === undefined) return { word: translate('Status_empty'), detail: '', status: { kind: 'empty' } };
  const worst = view.panels.reduce((one, other) => (urgency(other.status) > urgency(one.status) ? other : one));
  const { word, detail } = statusWords(worst, formats, translate);
  if (view.panels.length === 1) return { word, detail, status: worst.status };
  const alarmed = view.panels.filter((panel) => panel.status.kind === 'alarm').length;
  const counted = translate('Header_OfSeries', String(alarmed), String(view.panels.length));
  const named = `${worst.series.name} ${detail}`;
  const quiet = worst.status.kind === 'ok' || worst.status.kind === 'unjudged';
  const text =
    alarmed > 0 ? `${counted} · ${named}` : quiet ? translate('Header_AllSeries', String(view.panels.length)) : named;
  return { word, detail: text, status: worst.status };
}

/** A status in words; `brief` is for where `detail` does not fit, and may be empty. */
interface StatusWords {
  readonly word: string;
  readonly detail: string;
  readonly brief: string;
}

/** The status of one panel in words. */
export function statusWords(panel: Panel, formats: Formats, translate: Translate): StatusWords {
  const { status } = panel;
  const newest = panel.now ?? 0;
  switch (status.kind) {
    case 'alarm': {
      const side = status.direction === 'low' ? 'BelowMinimum' : 'AboveMaximum';
      const amount =
        status.share === null || status.share > 9.99 ? formats.short(status.distance) : formats.percent(status.share);
      const since = formats.near(status.since, newest - 1);
      return {
        word: translate(`Status_${status.severity}`),
        detail: `${translate(`Header_${side}`, amount, since)} · ${formats.signed(status.volume)}`,
        brief: `${status.direction === 'low' ? '−' : '+'}${amount} ${translate('Header_Since', since)}`,
      };
    }
    case 'no-data':
      return {
        word: translate('Status_noData'),
        detail: translate('Header_Since', formats.instant(status.since)),
        brief: '',
      };
    case 'ok':
      return { word: translate('Status_ok'), detail: translate('Header_AsOf', formats.instant(newest)), brief: '' };
    case 'unjudged':
      return {
        word: '',
        detail: `${formats.short(status.value)} ${translate('Header_AsOf', formats.instant(newest))}`,
        brief: formats.short(status.value),
      };
    case 'empty':
      return { word: translate('Status_empty'), detail: '', brief: '' };
  }
}

/** The last alarms, newest first: when, and how far. */
export function recentAlarms(panels: readonly Panel[], formats: Formats, most: number): string[] {
  const found = panels.flatMap((panel) => panel.series.incidents.map((incident) => ({ panel, incident })));
  found.sort((a, b) => b.incident.startTime - a.incident.startTime);
  const several = panels.length > 1;
  return found.slice(0, most).map(({ panel, incident }) => {
    const inside = panel.series.points.filter((p) => p.time >= incident.startTime && p.time < incident.endTime);
    const shares = inside.filter((p) => p.severity !== null).map((p) => crossing(p).share ?? 0);
    const deepest = Math.max(0, ...shares);
    const sign = incident.direction === 'low' ? '−' : '+';
    const amount =
      deepest > 0 && deepest < 9.99 ? ` ${sign}${formats.percent(deepest)}` : ` ${formats.signed(incident.volume)}`;
    return `${several ? `${panel.series.name} ` : ''}${formats.instant(incident.startTime)}${amount}`;
  });
}
