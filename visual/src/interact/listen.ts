import { select } from 'd3';
import type { DrawnIncident } from '../judged.ts';
import { drawFocus } from '../marks/focus.ts';
import { mayInteract, type Session } from '../session.ts';
import { listenToDrags } from './drag.ts';
import { enterPanel, leavePanels, pressKey } from './keys.ts';
import { goBack, openIncident } from './navigate.ts';
import type { OnObject } from './on-object.ts';
import { type Pointed, pointAt } from './pointer.ts';
import { toggleTable } from './tools.ts';
import { tooltipItems } from './tooltip.ts';
import { turnWheel } from './zoom.ts';

/** Answers pointer and keys on a visual's elements for as long as they live. */
export function listen(session: Session, onObject: OnObject): void {
  const { elements } = session;
  const { svg, root, chart, table } = elements;
  listenToDrags(session);
  select(svg)
    .on('pointermove', (event: PointerEvent) => hover(session, event))
    // A finger that taps does not move, and leaves at once: what it has pointed at stays until it points elsewhere.
    .on('pointerdown', (event: PointerEvent) => {
      if (event.pointerType === 'touch') hover(session, event);
    })
    .on('pointerleave', (event: PointerEvent) => {
      if (event.pointerType !== 'touch') leave(session);
    })
    .on('click', (event: MouseEvent) => void click(session, onObject, event))
    .on('contextmenu', (event: MouseEvent) => void openMenu(session, event))
    .on('wheel', (event: WheelEvent) => turnWheel(session, event, pointedAt(session, event)), { passive: false });
  // Heard outside of the picture: Chromium makes an SVG that listens for the focus a stop of its own.
  select(chart)
    .on('keydown', (event: KeyboardEvent) => pressKey(session, event))
    .on('focusin', (event: FocusEvent) => enterPanel(session, event.target))
    .on('focusout', () => leavePanels(session));
  select(root)
    .on('keydown', (event: KeyboardEvent) => {
      if (event.key === 'Escape' && goBack(session)) event.stopPropagation();
    })
    .on('click', (event: MouseEvent) => {
      if (session.formatting && !svg.contains(event.target as Node)) onObject.choose(event);
    })
    .on('contextmenu', (event: MouseEvent) => void openMenu(session, event));
  select(table).on('keydown', (event: KeyboardEvent) => {
    if (event.key === 't' || event.key === 'T' || event.key === 'Escape') toggleTable(session);
  });
}

function pointedAt({ drawn, elements }: Session, event: MouseEvent): Pointed | null {
  if (drawn === null) return null;
  const box = elements.svg.getBoundingClientRect();
  return pointAt(drawn.panels, event.clientX - box.left, event.clientY - box.top);
}

function hover(session: Session, event: PointerEvent): void {
  const { drawn, host } = session;
  if (drawn === null) return;
  const pointed = pointedAt(session, event);
  for (const one of drawn.panels) drawFocus(one.frame, one === pointed?.drawn ? pointed.point : null, false);
  const isTouchEvent = event.pointerType === 'touch';
  if (pointed === null || !host.tooltipService.enabled()) {
    host.tooltipService.hide({ immediately: false, isTouchEvent });
    return;
  }
  showTooltip(session, pointed, [event.clientX, event.clientY], isTouchEvent);
}

function showTooltip(session: Session, { panel, point }: Pointed, coordinates: number[], isTouchEvent: boolean): void {
  const { drawn, host, selection, translate } = session;
  if (drawn === null) return;
  const { theme, categorical, formats } = drawn;
  const colour = point.severity === null ? theme.actual : theme.severity[point.severity];
  const id = selection.idOf(panel, point);
  host.tooltipService.show({
    coordinates,
    isTouchEvent,
    dataItems: tooltipItems(panel, point, categorical, { formats, translate, colour }),
    identities: id === null ? [] : [id],
  });
}

function leave({ drawn, host }: Session): void {
  for (const one of drawn?.panels ?? []) drawFocus(one.frame, null, false);
  host.tooltipService.hide({ immediately: true, isTouchEvent: false });
}

async function click(session: Session, onObject: OnObject, event: MouseEvent): Promise<void> {
  if (session.formatting) {
    onObject.choose(event);
    return;
  }
  if (!mayInteract(session) || session.drawn === null) return;
  const bracket = select<Element, DrawnIncident>((event.target as Element).closest('g.incident') as Element);
  if (!bracket.empty()) {
    const panel = session.drawn.panels.find(({ node }) => node.contains(bracket.node()));
    if (panel !== undefined) openIncident(session, panel.frame.panel, bracket.datum());
    return;
  }
  const pointed = pointedAt(session, event);
  if (pointed === null || pointed.point.actual === null) await session.selection.clear();
  else await session.selection.toggle(pointed.panel, pointed.point, event.ctrlKey || event.metaKey);
  session.redraw();
}

async function openMenu(session: Session, event: MouseEvent): Promise<void> {
  event.preventDefault();
  event.stopPropagation();
  if (!mayInteract(session)) return;
  const pointed = pointedAt(session, event);
  const at = { x: event.clientX, y: event.clientY };
  await session.selection.showMenu(pointed?.panel ?? null, pointed?.point ?? null, at);
}
