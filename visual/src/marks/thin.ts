/** What a line needs to know of a point. */
interface Dot {
  readonly x: number;
  readonly y: number;
}

/**
 * At most four dots per pixel column (first, lowest, highest, last): the line they draw covers the same
 * pixels as the whole (M4; Jugel et al., VLDB 2014). Dots must come by rising x.
 * @param columnWidth in px, > 0
 */
export function thinLine<D extends Dot>(dots: readonly D[], columnWidth = 1): readonly D[] {
  const kept: D[] = [];
  let start = 0;
  while (start < dots.length) {
    const column = Math.floor((dots[start] as D).x / columnWidth);
    let end = start;
    let low = start;
    let high = start;
    while (end + 1 < dots.length && Math.floor((dots[end + 1] as D).x / columnWidth) === column) {
      end++;
      if ((dots[end] as D).y < (dots[low] as D).y) low = end;
      if ((dots[end] as D).y > (dots[high] as D).y) high = end;
    }
    let last = -1;
    for (const k of [start, Math.min(low, high), Math.max(low, high), end]) {
      if (k > last) kept.push(dots[k] as D);
      last = Math.max(last, k);
    }
    start = end + 1;
  }
  return kept;
}

/** A slice of a band: two heights at one place. */
export interface Slice {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

/** One slice per pixel column, as tall as all that fall into it; the hull is drawn, nothing is averaged away. */
export function thinBand(slices: readonly Slice[]): readonly Slice[] {
  const kept: Slice[] = [];
  let column = Number.NaN;
  for (const slice of slices) {
    const own = Math.floor(slice.x);
    const last = kept.at(-1);
    if (own === column && last !== undefined) {
      kept[kept.length - 1] = {
        x: last.x,
        top: Math.min(last.top, slice.top),
        bottom: Math.max(last.bottom, slice.bottom),
      };
    } else kept.push(slice);
    column = own;
  }
  return kept;
}
