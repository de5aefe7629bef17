import { type Selection, select } from 'd3';
import { type IncidentDetail, type IncidentWords, incidentWords } from '../incident-words.ts';
import type { DrawnIncident } from '../judged.ts';
import { EDGE } from '../layout.ts';
import type { Picture } from '../picture.ts';
import type { Panel } from '../view-model.ts';
import type { Translate } from '../words.ts';
import { markerPath, shapeOf } from './alarm.ts';
import { part } from './header.ts';

/** What the list is drawn from, and what a click does. */
interface ListInput extends Picture {
  readonly translate: Translate;
  /** The incident that is open. */
  readonly opened: { readonly group: number; readonly start: number } | null;
  readonly open: (panel: Panel, incident: DrawnIncident) => void;
  /** Opens an address outside of the report. */
  readonly follow: (link: string) => void;
}

interface Entry {
  readonly panel: Panel;
  readonly incident: DrawnIncident;
  readonly words: IncidentWords;
}

/** Least height of an entry, in px. */
const ENTRY_HEIGHT = 36;
/** How far below the lower edge of the list entries are made before they are scrolled to, in px. */
const READ_AHEAD = 400;

/**
 * Lists the incidents of all panels, newest first: when, how long, how deep, how much, and what is known of each. Entries
 * far below the edge are made when the list is scrolled towards them.
 */
export function drawIncidentList(root: HTMLElement, input: ListInput): void {
  const { layout, theme, translate, view, options, opened } = input;
  const { list } = layout;
  const top =
    EDGE +
    layout.headline.height +
    layout.recent.height +
    layout.notices.height +
    layout.back.height +
    layout.sensitivity.height;
  const beside = list.place === 'beside';
  const height = beside ? layout.legend.height + layout.room + layout.brush.height : list.height;
  const box = select(root)
    .style('display', () => (list.place === 'none' ? 'none' : null))
    .classed('beside', beside)
    .style('top', () => (beside ? `${top}px` : null))
    .style('width', () => (beside ? `${list.width - 14}px` : null))
    .style('height', `${height}px`)
    .style('--rule', theme.faint)
    .attr('aria-label', translate('Incidents_Title'));
  if (list.place === 'none') {
    box.on('scroll.more', null).selectAll('*').remove();
    return;
  }
  const all = view.panels
    .flatMap((panel) => panel.series.incidents.map((incident) => ({ panel, incident })))
    .sort((a, b) => b.incident.startTime - a.incident.startTime);
  // A list that is still empty is not scrolled: asking would lay the page out half drawn.
  const scrolled = root.childElementCount === 0 ? 0 : root.scrollTop;
  const needed = (top: number) => Math.ceil((top + height + READ_AHEAD) / ENTRY_HEIGHT);
  const isOpen = ({ panel, incident }: Pick<Entry, 'panel' | 'incident'>) =>
    opened?.group === panel.series.group && opened.start === incident.startTime;
  const entries: Entry[] = all
    .slice(0, Math.max(needed(scrolled), all.findIndex(isOpen) + 1))
    .map(({ panel, incident }) => ({ panel, incident, words: incidentWords(panel, incident, input) }));
  box.on('scroll.more', () => {
    if (entries.length < all.length && needed(root.scrollTop) > entries.length + 5) drawIncidentList(root, input);
  });
  part(root, 'h2', 'title')
    .style('color', theme.muted)
    .text(translate(entries.length === 0 ? 'Incidents_None' : 'Incidents_Title'));
  const item = part(root, 'ol', 'entries')
    .selectAll<HTMLLIElement, Entry>('li')
    .data(entries, ({ panel, incident }) => `${panel.series.group} ${incident.startTime}`)
    .join((enter) => {
      const made = enter.append('li').append('button').attr('type', 'button');
      made
        .append('svg')
        .attr('aria-hidden', 'true')
        .attr('width', 14)
        .attr('height', 14)
        .attr('viewBox', '-7 -7 14 14');
      made.select('svg').append('path');
      for (const name of ['when', 'money', 'what']) made.append('span').attr('class', name);
      return made.select(function () {
        return this.parentElement as HTMLLIElement;
      });
    })
    .order();
  const button = item
    .select<HTMLButtonElement>('button')
    .attr('aria-pressed', (entry) => String(isOpen(entry)))
    .on('click', (event: MouseEvent, { panel, incident }) => {
      event.stopPropagation();
      input.open(panel, incident);
    });
  button
    .select('path')
    .attr('d', ({ incident }) => markerPath(options.severity, incident.severity, 12))
    .attr('transform', ({ incident: { direction, severity } }) =>
      direction === 'low' && shapeOf(options.severity, severity) === 'triangle' ? 'rotate(180)' : null,
    )
    .attr('fill', ({ incident }) => theme.severity[incident.severity]);
  button.select('.when').text(({ words }) => words.when);
  button
    .select('.money')
    .style('color', ({ incident }) => theme.severityWords[incident.severity])
    .text(({ words }) => words.money);
  button
    .select('.what')
    .style('color', theme.muted)
    .style('display', (entry) => (isOpen(entry) ? 'none' : null))
    .text(({ words }) => words.what);
  drawDetails(
    item
      .selectAll<HTMLDivElement, Entry>('div.more')
      .data((entry) => (isOpen(entry) ? [entry] : []))
      .join('div') as never,
    input,
  );
  showOpened(root, opened);
}

/** Says all that is known of the incident that is open, with the way to its page. */
function drawDetails(
  more: Selection<HTMLDivElement, Entry, Element, unknown>,
  { theme, translate, follow }: ListInput,
) {
  more.attr('class', 'more');
  const detail = more
    .selectAll<HTMLDListElement, Entry>('dl')
    .data((entry) => [entry])
    .join('dl')
    .selectAll<HTMLDivElement, IncidentDetail>('div')
    .data(({ words }) => words.details)
    .join('div');
  detail
    .selectAll('dt')
    .data(({ name }) => [name])
    .join('dt')
    .style('color', theme.muted)
    .text((name) => name);
  detail
    .selectAll('dd')
    .data(({ words }) => words)
    .join('dd')
    .text((words) => words);
  more
    .selectAll<HTMLButtonElement, string>('button.page')
    .data(({ words }) => (words.link === null ? [] : [words.link]))
    .join('button')
    .attr('class', 'page')
    .attr('type', 'button')
    .attr('title', (link) => link)
    .style('color', theme.link)
    .text(`${translate('Incidents_Page')} ↗`)
    .on('click', (event: MouseEvent, link) => {
      event.stopPropagation();
      follow(link);
    });
}

/** Scrolls to the incident that has just been opened; one that stays open is left where the reader has scrolled to. */
function showOpened(root: HTMLElement, opened: ListInput['opened']): void {
  const key = opened === null ? '' : `${opened.group} ${opened.start}`;
  if (root.dataset.opened === key) return;
  root.dataset.opened = key;
  root.querySelector('[aria-pressed="true"]')?.parentElement?.scrollIntoView({ block: 'nearest' });
}
