import { nameInText } from '@tidemark/shared/contract/name-in-text';
import { detailsOf } from './details.ts';
import { amountOf, inOneLine, lossWords, signedLoss } from './headline.ts';
import type { DrawnIncident } from './judged.ts';
import { lossOf } from './loss.ts';
import type { Picture } from './picture.ts';
import { crossing } from './status.ts';
import type { Panel } from './view-model.ts';
import type { Translate } from './words.ts';

/** An incident in words. */
export interface IncidentWords {
  /** Whose, since when, how long and how deep. */
  readonly when: string;
  /** What it came to, with a sign; empty where nothing is known. */
  readonly money: string;
  /** Why, with whom, and who has seen it, as far as the rows say; else what it came to by both references. */
  readonly what: string;
  /** The same and more, each under the name of its well, for the incident that is open. */
  readonly details: readonly IncidentDetail[];
  /** Address of its page; `null` where none is known. */
  readonly link: string | null;
}

/** What one well says of an incident; contributors one by one. */
export interface IncidentDetail {
  readonly name: string;
  readonly words: readonly string[];
}

/** Wells in the order in which they are told of an incident that is open. */
const DETAILED = ['cause', 'reason', 'contributors', 'note', 'acknowledged'] as const;

/** What is known of an incident, from its points and from the wells that tell its cause. */
export function incidentWords(
  panel: Panel,
  incident: DrawnIncident,
  {
    view,
    formats,
    translate,
    categorical,
  }: Pick<Picture, 'view' | 'formats' | 'categorical'> & { translate: Translate },
): IncidentWords {
  const { deepest } = lossOf(panel.series, incident);
  const sign = incident.direction === 'low' ? '−' : '+';
  const isRunning = panel.status.kind === 'alarm' && panel.status.incident.startTime === incident.startTime;
  const when = [
    ...(view.panels.length > 1 ? [nameInText(panel.series.name)] : []),
    formats.instant(incident.startTime),
    formats.duration(incident.endTime - incident.startTime),
    ...(deepest === null ? [] : [`${sign}${amountOf(crossing(deepest), formats)}`]),
    ...(isRunning ? [translate('Incidents_Running')] : []),
  ];
  const told = detailsOf(categorical, panel, incident);
  const said = [told.cause, told.contributors, told.note].filter((words) => words !== null);
  const [, money] = lossWords(panel, incident, formats, translate);
  const seen = told.acknowledged === null ? [] : [translate('Incidents_Acknowledged', told.acknowledged)];
  return {
    when: when.join(' · '),
    money: signedLoss(panel, incident, formats),
    what: inOneLine(...(said.length === 0 ? [money] : said), ...seen),
    details: [
      ...(money === '' ? [] : [{ name: translate('Overview_risk'), words: [money] }]),
      ...DETAILED.flatMap((role) => {
        const words = told[role] ?? '';
        const each = role === 'contributors' ? words.split(';') : [words];
        const some = each.map((one) => one.trim()).filter((one) => one !== '');
        return some.length === 0 ? [] : [{ name: translate(`Role_${role}`), words: some }];
      }),
    ],
    link: told.link,
  };
}
