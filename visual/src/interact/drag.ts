import { pointer, select } from 'd3';
import { mayInteract, type Session } from '../session.ts';
import { showTime } from './zoom.ts';

/** Way a pointer goes before it drags and does not click, in px. */
const LEAST_DRAG = 5;

/** A stretch of the plot that is being dragged over. */
interface Drag {
  readonly panel: number;
  /** Where it began, in px from the plot's left. */
  readonly from: number;
  to: number;
}

/**
 * Lets a mouse drag over a stretch of any plot to zoom to it, and a double click show the first view again. A click that
 * ends a drag selects nothing.
 */
export function listenToDrags(session: Session): void {
  const { svg } = session.elements;
  let drag: Drag | null = null;
  let hasDragged = false;
  const wayOf = ({ from, to }: Drag) => Math.abs(to - from);
  select(svg)
    .on('pointerdown.drag', (event: PointerEvent) => {
      hasDragged = false;
      if (event.button !== 0 || event.pointerType === 'touch' || session.formatting || !mayInteract(session)) return;
      const [x, y] = pointer(event, svg);
      const panels = session.drawn?.panels ?? [];
      const panel = panels.findIndex(
        ({ left, top, frame }) => x >= left && x <= left + frame.width && y >= top && y <= top + frame.height,
      );
      const hit = panels[panel];
      if (hit !== undefined) drag = { panel, from: x - hit.left, to: x - hit.left };
    })
    .on('pointermove.drag', (event: PointerEvent) => {
      const hit = drag === null ? undefined : session.drawn?.panels[drag.panel];
      if (drag === null || hit === undefined) return;
      drag.to = Math.max(0, Math.min(hit.frame.width, pointer(event, svg)[0] - hit.left));
      hasDragged ||= wayOf(drag) >= LEAST_DRAG;
      if (hasDragged && !svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
      if (hasDragged) drawDragged(session, drag);
    })
    .on('pointerup.drag pointercancel.drag', (event: PointerEvent) => {
      const hit = drag === null ? undefined : session.drawn?.panels[drag.panel];
      const done = drag;
      drag = null;
      drawDragged(session, null);
      if (event.type === 'pointercancel' || done === null || hit === undefined || wayOf(done) < LEAST_DRAG) return;
      const [from, to] = [done.from, done.to].sort((a, b) => a - b).map((at) => hit.frame.x.invert(at).getTime());
      showTime(session, [from as number, to as number], true);
    })
    // Heard before the click that selects.
    .on(
      'click.drag',
      (event: MouseEvent) => {
        if (hasDragged) event.stopImmediatePropagation();
        hasDragged = false;
      },
      { capture: true },
    )
    .on('dblclick.drag', () => {
      if (session.time.choice !== null && mayInteract(session)) showTime(session, null, true);
    });
}

function drawDragged({ drawn, elements }: Session, drag: Drag | null): void {
  const hit = drag === null ? undefined : drawn?.panels[drag.panel];
  select(elements.svg)
    .selectAll<SVGRectElement, Drag>(':scope > rect.dragged')
    .data(drag === null || hit === undefined ? [] : [drag])
    .join('rect')
    .attr('class', 'dragged')
    .attr('x', ({ from, to }) => (hit?.left ?? 0) + Math.min(from, to))
    .attr('width', ({ from, to }) => Math.abs(to - from))
    .attr('y', hit?.top ?? 0)
    .attr('height', hit?.frame.height ?? 0)
    .attr('fill', drawn?.theme.band ?? 'none')
    .attr('fill-opacity', 0.18)
    .style('pointer-events', 'none');
}
