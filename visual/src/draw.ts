import { select } from 'd3';
import { narrate, narratePanel } from './access/narration.ts';
import { drawTable } from './access/table.ts';
import { drawChart } from './chart.ts';
import { noteReader } from './details.ts';
import { announce, showParts } from './elements.ts';
import { drawKeyboardFocus } from './interact/keys.ts';
import { goBack, openIncident, openSeries } from './interact/navigate.ts';
import { drawToolbar } from './interact/toolbar.ts';
import { toolsOf } from './interact/tools.ts';
import type { DrawnIncident } from './judged.ts';
import { EDGE } from './layout.ts';
import type { BrushStrip } from './marks/brush.ts';
import { drawCue } from './marks/cue.ts';
import { drawSelected } from './marks/focus.ts';
import { drawHeader, part } from './marks/header.ts';
import { drawIncidentList } from './marks/incident-list.ts';
import { drawLegend } from './marks/legend.ts';
import { drawMessage, type Message } from './marks/message.ts';
import { drawOverview } from './marks/overview.ts';
import { drawSensitivity } from './marks/sensitivity.ts';
import type { OverviewOrder } from './overview-rows.ts';
import type { Picture } from './picture.ts';
import { ruledColour } from './rules.ts';
import { mayInteract, type Session } from './session.ts';
import { useFont } from './text-width.ts';
import type { Theme } from './theme.ts';
import { type Panel, stepOf, type ViewModel } from './view-model.ts';
import { firstSpan } from './visible-time.ts';
import { type Phrase, sentenceOf } from './words.ts';

/** Draws a picture over what was there before. */
export function draw(session: Session, brush: BrushStrip, picture: Picture): void {
  const { elements, translate, selection, time } = session;
  const { view, theme, layout, options, formats, width } = picture;
  dress(session, picture);
  if (view.stage !== 'chart') {
    showMessage(session, stageMessage(view, translate), theme);
    return;
  }
  const { root, svg } = elements;
  const domain = time.within(view.domain, firstSpan(options.zoom.days, stepOf(view)));
  drawMessage(root, null, theme);
  const mayOpen = mayInteract(session) && !layout.tiny;
  const open = (panel: Panel, incident: DrawnIncident) => openIncident(session, panel, incident);
  drawHeader(part(root, 'div', 'header').node() as HTMLElement, {
    ...picture,
    translate,
    open: mayOpen ? open : null,
  });
  drawBack(session, picture);
  drawSensitivity(root, {
    ...picture,
    translate,
    choose: (coverage) => {
      session.coverage = coverage;
      session.redraw();
    },
  });
  showParts(elements, session.tableShown ? 'table' : layout.overview ? 'overview' : 'chart', layout.room);
  select(elements.chart)
    .style('height', `${layout.room}px`)
    .style('overflow-y', layout.chartHeight > layout.room + 1 ? 'auto' : 'hidden');
  if (layout.overview)
    drawOverview(elements.overview, { ...picture, domain, translate, ...overviewOf(session), openIncident: open });
  const panels = layout.overview
    ? []
    : drawChart(svg, {
        ...picture,
        view: { ...view, panels: view.panels.slice(0, layout.panels) },
        domain,
        translate,
        hatch: session.hatch,
        noteOf: noteReader(picture.categorical),
        colourOf: (panel, point) => ruledColour(picture.categorical, panel.series.group, point),
      });
  session.drawn = { ...picture, domain, panels };
  const legend = part(root, 'div', 'legend').node() as HTMLElement;
  const rolledMs = panels[0]?.rolledMs ?? null;
  drawLegend(legend, { ...picture, translate, rolledMs });
  for (const { node, frame } of panels) {
    select(node).attr('aria-label', narratePanel(frame.panel, formats, translate));
    drawSelected(frame, (point) => selection.has(frame.panel, point), !selection.isEmpty);
  }
  drawKeyboardFocus(session);
  const left = panels.length === 0 ? 0 : Math.min(...panels.map((panel) => panel.left));
  const inner = Math.max(0, width - 2 * EDGE - layout.list.width);
  brush.draw({ view, domain, layout, left, width: inner, theme, options });
  drawIncidentList(elements.incidents, {
    ...picture,
    translate,
    opened: session.incident,
    open,
    follow: (link) => session.host.launchUrl(link),
  });
  drawCue(root, {
    box: session.tableShown ? null : layout.overview ? elements.overview : elements.chart,
    count: view.panels.length,
    below: EDGE + layout.brush.height + layout.list.height,
    theme,
    translate,
  });
  if (session.tableShown) drawTable(elements.table, view, domain, { formats, translate });
  drawToolbar(root, layout.tiny || !mayInteract(session) ? [] : toolsOf(session), theme, translate);
  drawNotices(session, picture);
}

/** Tells screen readers what the whole picture shows. */
export function narratePicture({ drawn, elements, translate }: Session): void {
  if (drawn === null) return;
  announce(elements, narrate({ ...drawn, translate, calm: drawn.options.header.calm }));
}

/** Shows words in place of the picture. */
export function showMessage(session: Session, message: Message, theme: Theme | null): void {
  session.drawn = null;
  drawMessage(session.elements.root, message, theme);
  showParts(session.elements, 'none', 0);
}

/** The line that leads back to what was shown before. */
function drawBack(session: Session, { layout, series, theme }: Picture): void {
  const { elements, translate, before } = session;
  const line = part(elements.root, 'div', 'back')
    .style('display', () => (layout.back.show ? null : 'none'))
    .style('height', `${layout.back.height}px`);
  part(line.node() as HTMLElement, 'button', 'go')
    .attr('type', 'button')
    .style('color', theme.foreground)
    .text(`‹ ${before === null ? translate('Back_All', String(series)) : translate('Back')} (Esc)`)
    .on('click', (event: MouseEvent) => {
      event.stopPropagation();
      goBack(session);
    });
}

/** How the overview is ordered, and what its parts do. */
function overviewOf(session: Session) {
  const { order, unfolded } = session;
  return {
    order,
    unfolded,
    sort: (next: OverviewOrder) => {
      session.order = next;
      session.redraw();
    },
    unfold: () => {
      session.unfolded = !session.unfolded;
      session.redraw();
    },
    open: (panel: Panel) => openSeries(session, panel),
  };
}

function stageMessage({ stage, notices }: ViewModel, translate: Session['translate']): Message {
  const title = stage === 'landing' ? 'Landing_Title' : 'Empty_Title';
  // What is wrong with the wells explains best why no row is left.
  const faults = notices.filter(({ key }) => /^(Fault|Empty)_/.test(key));
  if (stage === 'empty' && faults.length > 0) {
    // There are rows: nothing in them can be drawn.
    const hasRows = faults.every(({ key }) => key.startsWith('Fault_') && key !== 'Fault_NoTime');
    const lines = faults.map((fault) => sentenceOf(fault, translate));
    return { title: translate(hasRows ? 'Fault_Title' : title), lines };
  }
  const lines = stage === 'landing' ? ['Landing_1', 'Landing_2', 'Landing_3'] : ['Empty_1'];
  return { title: translate(title), lines: lines.map((line) => translate(line)) };
}

function dress(session: Session, { view, theme, layout, options }: Picture): void {
  select(session.elements.root)
    .style('color', theme.foreground)
    .style('font-family', useFont(options.numbers.font))
    .style('--ground', theme.background)
    .style('padding', `${layout.tiny ? 4 : EDGE}px`)
    .classed('tiny', layout.tiny)
    .classed('high-contrast', theme.highContrast)
    .attr('data-source', view.source)
    .classed('formatting', session.formatting)
    .classed('still', !mayInteract(session));
}

function drawNotices({ elements, host, translate }: Session, { view, layout, theme }: Picture): void {
  const { notices } = view;
  const sentences = notices.map((notice) => sentenceOf(notice, translate));
  part(elements.root, 'div', 'notices')
    .style('display', () => (layout.notices.show ? null : 'none'))
    .style('height', `${layout.notices.height}px`)
    .selectAll('p')
    .data(sentences)
    .join('p')
    .style('color', (_, k) => (isWarning(notices[k] as Phrase) ? theme.severityWords.warning : theme.muted))
    .text((sentence) => sentence);
  const problem = notices.find(isWarning);
  if (problem === undefined) return;
  host.displayWarningIcon?.(
    translate(isModel(problem) ? 'Problem_Title' : 'Fault_Title'),
    sentenceOf(problem, translate),
  );
}

/** Is it a sentence on why rows are not judged, and not just something to know? */
function isWarning({ key }: Phrase): boolean {
  return /^(Problem|Fault|Unjudged)_/.test(key);
}

function isModel({ key }: Phrase): boolean {
  return key.startsWith('Problem_');
}
