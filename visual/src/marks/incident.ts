import { inOneLine, signedLoss } from '../headline.ts';
import type { DrawnIncident } from '../judged.ts';
import type { Options } from '../options.ts';
import { textWidth } from '../text-width.ts';
import { type Frame, layer } from './frame.ts';

/** Room the brackets take above the plot, in px. */
export function bracketRoom({ axes }: Pick<Options, 'axes'>): number {
  return Math.max(16, axes.fontSize + 5);
}

/** Brackets over incidents of two or more buckets: how long, and how much was lost or came in excess. */
export function drawIncidents(frame: Frame, wished: boolean): void {
  const { theme, options, px: x } = frame;
  const group = layer(frame.plot, 'incidents').style('pointer-events', 'none');
  const shown = wished && !frame.tiny ? frame.panel.series.incidents.filter((i) => i.buckets > 1) : [];
  const [from, to] = [0, frame.width];
  // Where weeks crowd into a few pixels, brackets say nothing any more.
  const visible = shown.filter(
    (incident) =>
      x(incident.endTime) > from &&
      x(incident.startTime) < to &&
      (shown.length < 40 || x(incident.endTime) - x(incident.startTime) > 3),
  );
  const texts = placeTexts(frame, visible);
  const joined = group
    .selectAll<SVGGElement, DrawnIncident>('g')
    .data(visible, (incident) => incident.start)
    .join((enter) => {
      const made = enter.append('g');
      made.append('path');
      made.append('text');
      return made;
    })
    .attr('class', (incident) => `incident ${incident.severity}`)
    .style('pointer-events', 'all')
    .style('cursor', 'pointer');
  joined
    .select('path')
    .attr('d', (incident) => {
      const left = Math.max(from, x(incident.startTime));
      const right = Math.min(to, Math.max(x(incident.endTime), left + 3));
      return `M${left.toFixed(1)},3V-2H${right.toFixed(1)}V3`;
    })
    .attr('fill', 'none')
    .attr('stroke', (incident) => theme.severity[incident.severity])
    .attr('stroke-width', 1.5);
  joined
    .select('text')
    .attr('x', (incident) => texts.get(incident) ?? 0)
    .attr('y', -6)
    .attr('text-anchor', 'middle')
    .attr('font-size', Math.max(9, options.axes.fontSize - 1))
    .attr('fill', (incident) => theme.severityWords[incident.severity])
    .attr('visibility', (incident) => (texts.has(incident) ? 'visible' : 'hidden'))
    .text((incident) => textOf(incident, frame));
}

function textOf(incident: DrawnIncident, { panel, formats }: Frame): string {
  return inOneLine(formats.duration(incident.endTime - incident.startTime), signedLoss(panel, incident, formats));
}

/** Centres of the texts that fit beside one another, the worst incidents first. */
function placeTexts(frame: Frame, incidents: readonly DrawnIncident[]): Map<DrawnIncident, number> {
  const placed = new Map<DrawnIncident, number>();
  const fontSize = Math.max(9, frame.options.axes.fontSize - 1);
  const taken: [number, number][] = [];
  for (const incident of incidents.toSorted((a, b) => Math.abs(b.volume) - Math.abs(a.volume))) {
    const half = textWidth(textOf(incident, frame), fontSize) / 2 + 4;
    if (2 * half > frame.width) continue;
    const middle = (frame.px(incident.startTime) + frame.px(incident.endTime)) / 2;
    const centre = Math.max(half, Math.min(frame.width - half, middle));
    if (taken.some(([left, right]) => centre - half < right && centre + half > left)) continue;
    taken.push([centre - half, centre + half]);
    placed.set(incident, centre);
  }
  return placed;
}
