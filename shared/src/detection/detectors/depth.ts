/** Share of the usual at which a fall is as deep as falls of calm data are on average. */
const AVERAGE = 0.5;

/**
 * What the strength of a fall gains for its depth, in natural logarithms: −ln p with a weight on p that is large for what is
 * gone altogether, small for what is a little low, and 1 on average (Genovese, Roeder & Wasserman 2006). Most of what
 * calm data come to is shallow, in long windows of many sales; troubles are deep, and where so much is sold that a shallow
 * one matters, its strength is far beyond any weight.
 * @param scale how much more what is gone altogether gains than what is as usual, in natural logarithms.
 * @param ratio seen to usual, ≥ 0; above 1 as 1.
 * @example
 * depthGain(3, 0); // 1.5
 */
export function depthGain(scale: number, ratio: number): number {
  return scale * (AVERAGE - Math.min(1, ratio));
}
