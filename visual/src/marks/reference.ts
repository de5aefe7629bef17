import { line } from 'd3';
import { textWidth } from '../text-width.ts';
import { dashOf, type Frame, layer } from './frame.ts';
import { thinLine } from './thin.ts';

interface Dot {
  readonly x: number;
  readonly y: number;
}

/** A line to be drawn, with its words at one end. */
interface Drawn {
  readonly dots: readonly Dot[];
  readonly words: string;
  /** Where the words are wanted: the line's height there. */
  readonly y: number;
}

/** The author's constant line, and those from measures, each with its name. */
export function drawReferences(frame: Frame): void {
  const { theme, width, height, options, tiny } = frame;
  const group = layer(frame.plot, 'reference').style('pointer-events', 'none');
  const lines = [...constantLine(frame), ...measuredLines(frame)].filter(({ dots }) =>
    dots.some(({ y }) => y >= 0 && y <= height),
  );
  const shape = line<Dot>(
    ({ x }) => x,
    ({ y }) => y,
  ).digits(1);
  group
    .selectAll<SVGPathElement, Drawn>('path')
    .data(lines)
    .join('path')
    .attr('d', ({ dots }) => shape(dots as Dot[]))
    .attr('fill', 'none')
    .attr('stroke', theme.reference)
    .attr('stroke-width', 1.25)
    .attr('stroke-dasharray', dashOf(options.reference.style, 1.25));
  const fontSize = options.axes.fontSize;
  const heights = apart(
    lines.map(({ y }) => (y < fontSize + 3 ? y + fontSize + 1 : y - 4)),
    fontSize + 3,
  );
  group
    .selectAll<SVGTextElement, Drawn>('text')
    .data(tiny ? [] : lines.filter(({ words }) => textWidth(words, fontSize) < width))
    .join('text')
    .attr('x', 4)
    .attr('y', (one) => heights[lines.indexOf(one)] as number)
    .attr('font-size', fontSize)
    .attr('fill', theme.reference)
    .attr('stroke', theme.background)
    .attr('stroke-width', 3)
    .attr('paint-order', 'stroke')
    .text(({ words }) => words);
}

function constantLine({ options: { reference }, py, width, formats }: Frame): Drawn[] {
  if (!reference.show || reference.value === null) return [];
  const y = py(reference.value);
  return [{ dots: across(y, width), words: reference.label || formats.short(reference.value), y }];
}

function measuredLines({ panel, px, py, width, formats, tiny }: Frame): Drawn[] {
  if (tiny) return [];
  return panel.references.map(({ name, values, constant }) => {
    if (constant !== null) {
      const y = py(constant);
      return { dots: across(y, width), words: `${name} ${formats.short(constant)}`, y };
    }
    const dots: Dot[] = [];
    values.forEach((value, k) => {
      const time = panel.series.points[k]?.time;
      if (value !== null && time !== undefined) dots.push({ x: px(time), y: py(value) });
    });
    const shown = thinLine(dots);
    const first = shown.find(({ x }) => x >= 0) ?? shown[0];
    return { dots: shown, words: name, y: first?.y ?? 0 };
  });
}

function across(y: number, width: number): Dot[] {
  return [
    { x: 0, y },
    { x: width, y },
  ];
}

/** Heights moved down as far as words of a size need to stand clear of those above them. */
function apart(heights: readonly number[], size: number): number[] {
  const placed = [...heights];
  const order = heights.map((_, k) => k).sort((a, b) => (heights[a] as number) - (heights[b] as number));
  order.forEach((at, k) => {
    const above = order[k - 1];
    if (above !== undefined) placed[at] = Math.max(placed[at] as number, (placed[above] as number) + size);
  });
  return placed;
}
