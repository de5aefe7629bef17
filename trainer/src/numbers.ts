/** Mean of the values; NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean of a figure over items; NaN of none, or where one of them lacks the figure. */
export function meanOf<T>(items: readonly T[], of: (item: T) => number | undefined): number {
  return mean(items.map((item) => of(item) ?? Number.NaN));
}

/** `99.5 %`; `–` for what is not known. */
export function percent(share: number, decimals = 1): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(decimals)} %` : '–';
}

/** `99 %`, `99.9 %`: a share that was chosen, without decimals that say nothing. */
export function shortPercent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
