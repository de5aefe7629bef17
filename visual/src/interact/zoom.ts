import type powerbi from 'powerbi-visuals-api';
import { mayInteract, type Session } from '../session.ts';
import type { Panel } from '../view-model.ts';
import type { Pointed } from './pointer.ts';

/**
 * Shows a part of the time; `null` shows all, `undefined` what was just chosen. A final choice is kept with the
 * report, so that bookmarks hold it.
 */
export function showTime(session: Session, domain: readonly [number, number] | null | undefined, final: boolean): void {
  const { time, drawn, host } = session;
  if (domain !== undefined) time.choose(domain);
  session.redraw();
  if (!final || drawn === null || !mayInteract(session)) return;
  const [from, to] = time.within(drawn.view.domain, drawn.options.zoom.days);
  const selector = null as unknown as powerbi.data.Selector;
  const kept = { objectName: 'view', selector, properties: { from, to } };
  host.persistProperties(time.isChosen ? { merge: [kept] } : { remove: [kept] });
}

/** Zooms around an instant; `factor` < 1 goes nearer. */
export function zoomAround(session: Session, instant: number, factor: number): void {
  const { drawn, time } = session;
  if (drawn === null || !mayInteract(session)) return;
  const { stepMs } = (drawn.view.panels[0] as Panel).series;
  if (time.zoom(drawn.view.domain, drawn.domain, instant, factor, stepMs)) showTime(session, undefined, true);
}

/** The wheel zooms with Ctrl, Alt or once a part is chosen, and pans with Shift; otherwise the page scrolls. */
export function turnWheel(session: Session, event: WheelEvent, pointed: Pointed | null): void {
  const { drawn, time } = session;
  const meant = event.ctrlKey || event.shiftKey || event.altKey || time.isChosen;
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
