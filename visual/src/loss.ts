import { pointsOf } from './incident-points.ts';
import type { DrawnIncident, JudgedSeries, Point } from './judged.ts';
import { crossing, isDistant } from './status.ts';

/** What an incident came to, each amount by the reference it is measured from. */
export interface Loss {
  /** Σ distance from the limit crossed, over the buckets beyond it, ≥ 0. */
  readonly beyondLimit: number;
  /** Σ (actual − forecast) over the flagged buckets; 0 where no forecast is known. */
  readonly fromForecast: number;
  /** The amount to tell, with a sign: beyond the limit, from the forecast where no actual crossed a limit. */
  readonly told: number;
  /** The bucket farthest beyond its limit; `null` where none lies beyond one by a distance to tell. */
  readonly deepest: Point | null;
}

/** The amounts of an incident, counted from the points drawn. */
export function lossOf(series: JudgedSeries, incident: DrawnIncident): Loss {
  let beyondLimit = 0;
  let deepest: Point | null = null;
  for (const point of pointsOf(series, incident)) {
    if (point.direction !== incident.direction || point.actual === null) continue;
    const outside = crossing(point);
    if (!isBeyond(point)) continue;
    beyondLimit += outside.distance;
    if (isDistant(outside) && (deepest === null || isDeeper(point, deepest))) deepest = point;
  }
  const { direction, volume: fromForecast } = incident;
  const told = beyondLimit === 0 ? fromForecast : direction === 'low' ? -beyondLimit : beyondLimit;
  return { beyondLimit, fromForecast, told, deepest };
}

/** Whether a point's actual has crossed the limit of its side. */
export function isBeyond({ actual, lower, upper, direction }: Point): boolean {
  if (actual === null) return false;
  return direction === 'low' ? lower !== null && actual < lower : upper !== null && actual > upper;
}

/** Deeper by share of the limit; by distance where a limit has no share. */
function isDeeper(one: Point, other: Point): boolean {
  const [a, b] = [crossing(one), crossing(other)];
  return a.share !== null && b.share !== null ? a.share > b.share : a.distance > b.distance;
}
