import type powerbi from 'powerbi-visuals-api';
import type { DrawnPicture } from '../picture.ts';
import { mayInteract, type Session } from '../session.ts';
import { type Panel, stepOf } from '../view-model.ts';
import { firstSpan, WHOLE_TIME } from '../visible-time.ts';
import type { Pointed } from './pointer.ts';

/**
 * Shows a part of the time; `null` shows the first view, `undefined` what was just chosen. A final choice is kept with the
 * report, so that bookmarks hold it.
 */
export function showTime(session: Session, domain: readonly [number, number] | null | undefined, final: boolean): void {
  const { time, drawn, host } = session;
  if (domain !== undefined) time.choose(domain);
  session.redraw();
  if (!final || drawn === null || !mayInteract(session)) return;
  const selector = null as unknown as powerbi.data.Selector;
  const [from, to] = time.choice ?? drawn.domain;
  const kept = { objectName: 'view', selector, properties: { from, to } };
  host.persistProperties(time.choice === null ? { remove: [kept] } : { merge: [kept] });
}

/** Is less shown than there is? */
export function isPart({ domain, view }: Pick<DrawnPicture, 'domain' | 'view'>): boolean {
  return domain[1] - domain[0] < view.domain[1] - view.domain[0];
}

/** Shows all there is; where the first view is all, it is shown again and follows the newest bucket. */
export function showWholeTime(session: Session): void {
  if (session.drawn === null) return;
  const { view, options } = session.drawn;
  const isAllAtFirst = firstSpan(options.zoom.days, stepOf(view)) >= view.domain[1] - view.domain[0];
  showTime(session, isAllAtFirst ? null : WHOLE_TIME, true);
}

/** Zooms around an instant; `factor` < 1 goes nearer. */
export function zoomAround(session: Session, instant: number, factor: number): void {
  const { drawn, time } = session;
  if (drawn === null || !mayInteract(session)) return;
  const { stepMs } = (drawn.view.panels[0] as Panel).series;
  if (time.zoom(drawn.view.domain, drawn.domain, { around: instant, factor }, stepMs))
    showTime(session, undefined, true);
}

function isPartChosen({ time, drawn }: Session): boolean {
  return time.choice !== null && drawn !== null && isPart(drawn);
}

/** The wheel zooms with Ctrl, Alt or once a part is chosen, and pans with Shift; otherwise the page scrolls. */
export function turnWheel(session: Session, event: WheelEvent, pointed: Pointed | null): void {
  const { drawn, time } = session;
  const meant = event.ctrlKey || event.shiftKey || event.altKey || isPartChosen(session);
  if (drawn === null || pointed === null || !mayInteract(session) || !meant) return;
  event.preventDefault();
  const { view, domain } = drawn;
  const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
  const amount = (event.deltaY || event.deltaX) * (event.deltaMode === 1 ? 16 : 1);
  if (!sideways) {
    zoomAround(session, pointed.point.time, 1.002 ** amount);
    return;
  }
  const by = (amount / pointed.drawn.frame.width) * (domain[1] - domain[0]);
  if (time.pan(view.domain, domain, by)) showTime(session, undefined, true);
}
