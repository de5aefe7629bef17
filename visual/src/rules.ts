import type powerbi from 'powerbi-visuals-api';
import type { Point } from './judged.ts';

/** Colour a rule of the author's (`fx`) gives to the alarm of a bucket; `null` where none speaks. */
export function ruledColour(
  categorical: powerbi.DataViewCategorical | undefined,
  group: number,
  point: Point,
): string | null {
  if (point.severity === null || point.index < 0) return null;
  const name = `${point.severity}Colour`;
  const ofCategory = categorical?.categories?.[0]?.objects?.[point.index];
  const values = categorical?.values?.grouped()[group]?.values ?? [];
  for (const objects of [ofCategory, ...values.map((column) => column.objects?.[point.index])]) {
    const fill = objects?.severity?.[name] as { solid?: { color?: unknown } } | undefined;
    if (typeof fill?.solid?.color === 'string') return fill.solid.color;
  }
  return null;
}
