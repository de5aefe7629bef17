import { DAY_MS } from '@tidemark/shared/forecasting';
import { commandOf, type KeyCommand } from '../access/keyboard.ts';
import { narratePoint } from '../access/narration.ts';
import type { DrawnPanel } from '../chart.ts';
import { announce } from '../elements.ts';
import type { Point } from '../judged.ts';
import { drawFocus } from '../marks/focus.ts';
import { mayInteract, type Session } from '../session.ts';
import { goBack } from './navigate.ts';
import { toggleTable } from './tools.ts';
import { zoomAround } from './zoom.ts';

/** Remembers which panel the focus went to. */
export function enterPanel(session: Session, target: EventTarget | null): void {
  const at = session.drawn?.panels.findIndex(({ node }) => node === target) ?? -1;
  if (at >= 0 && session.focus?.panel !== at) session.focus = { panel: at, point: -1 };
}

/** Forgets the focus. */
export function leavePanels(session: Session): void {
  session.focus = null;
  drawKeyboardFocus(session);
}

/** Executes what a key means on the focused panel; other keys go on to the page. */
export function pressKey(session: Session, event: KeyboardEvent): void {
  const { drawn, focus } = session;
  const panel = focus === null ? undefined : drawn?.panels[focus.panel];
  if (focus === null || panel === undefined) return;
  const { series } = panel.frame.panel;
  const perDay = Math.max(1, Math.round(DAY_MS / series.stepMs));
  const command = commandOf(event, series.points, focus.point, perDay);
  if (command === null) return;
  event.preventDefault();
  event.stopPropagation();
  execute(session, command, panel, focus.point);
}

/** Draws the ring around the focused point. */
export function drawKeyboardFocus({ drawn, focus }: Session): void {
  drawn?.panels.forEach(({ frame }, k) => {
    const at = focus?.panel === k ? focus.point : -1;
    drawFocus(frame, frame.panel.series.points[at] ?? null, true);
  });
}

function execute(session: Session, command: KeyCommand, drawnPanel: DrawnPanel, at: number): void {
  const { selection, host } = session;
  const { panel } = drawnPanel.frame;
  const point = panel.series.points[at];
  const allowed = mayInteract(session);
  switch (command.kind) {
    case 'move':
      moveFocus(session, drawnPanel, command.to);
      return;
    case 'panel':
      session.drawn?.panels[(session.focus?.panel ?? 0) + command.by]?.node.focus();
      return;
    case 'select':
      if (point !== undefined && allowed) void selection.toggle(panel, point, command.several).then(session.redraw);
      return;
    case 'menu':
      if (allowed) void selection.showMenu(panel, point ?? null, placeOf(session, drawnPanel, point));
      return;
    case 'clear':
      if (goBack(session)) return;
      host.tooltipService.hide({ immediately: true, isTouchEvent: false });
      if (allowed) void selection.clear().then(session.redraw);
      return;
    case 'table':
      toggleTable(session);
      return;
    case 'zoom-in':
    case 'zoom-out': {
      const around = point?.time ?? session.drawn?.domain[1] ?? 0;
      zoomAround(session, around, command.kind === 'zoom-in' ? 0.7 : 1 / 0.7);
    }
  }
}

/** Where a point is on the page. */
function placeOf({ elements }: Session, { frame, left, top }: DrawnPanel, point: Point | undefined) {
  const box = elements.svg.getBoundingClientRect();
  if (point === undefined) return box;
  const value = point.actual ?? point.forecast ?? 0;
  return { x: box.left + left + frame.x(point.time), y: box.top + top + frame.y(value) };
}

function moveFocus(session: Session, { frame }: DrawnPanel, to: number): void {
  const { drawn, time, elements, translate } = session;
  if (drawn === null) return;
  const point = frame.panel.series.points[to] as Point;
  session.focus = { panel: session.focus?.panel ?? 0, point: to };
  const [from, end] = drawn.domain;
  if (point.time < from || point.time > end) {
    time.pan(drawn.view.domain, drawn.domain, point.time < from ? point.time - from : point.time - end);
    session.redraw();
  }
  drawKeyboardFocus(session);
  announce(elements, narratePoint(point, drawn.formats, translate));
}
