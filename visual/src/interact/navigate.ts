import { DAY_MS } from '@tidemark/shared/forecasting';
import { pointsOf } from '../incident-points.ts';
import type { DrawnIncident } from '../judged.ts';
import { mayInteract, type Session } from '../session.ts';
import type { Panel } from '../view-model.ts';
import { showTime } from './zoom.ts';

/** Is there something to go back to: the time before an incident was opened, or all series? */
export function canGoBack({ before, opened }: Session): boolean {
  return before !== null || opened !== null;
}

/** Shows one series of the overview by itself, and selects it for the report. */
export function openSeries(session: Session, panel: Panel): void {
  if (!mayInteract(session)) return;
  session.opened = panel.series.name;
  session.focus = null;
  void session.selection.selectSeries(panel).then(session.redraw);
  session.redraw();
}

/** Zooms to an incident and selects all of its buckets; what was shown before can be gone back to. */
export function openIncident(session: Session, panel: Panel, incident: DrawnIncident): void {
  const { drawn, time, selection } = session;
  if (drawn === null || !mayInteract(session)) return;
  session.before ??= { choice: time.choice };
  session.incident = { group: panel.series.group, start: incident.startTime };
  if (drawn.layout.overview) session.opened = panel.series.name;
  const { startTime, endTime } = incident;
  const around = Math.max(DAY_MS, 12 * panel.series.stepMs, 1.5 * (endTime - startTime));
  const points = pointsOf(panel.series, incident).filter(({ actual }) => actual !== null);
  void selection.selectAll(panel, points).then(session.redraw);
  showTime(session, [startTime - around, endTime + around], true);
}

/** Goes back one step: to the time shown before an incident, then to all series. Returns false where there is none. */
export function goBack(session: Session): boolean {
  if (!canGoBack(session) || !mayInteract(session)) return false;
  void session.selection.clear().then(session.redraw);
  session.incident = null;
  session.focus = null;
  if (session.before === null) {
    session.opened = null;
    session.redraw();
    return true;
  }
  const { choice } = session.before;
  session.before = null;
  showTime(session, choice, true);
  return true;
}
