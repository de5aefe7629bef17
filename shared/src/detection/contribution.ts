/** How much one member of a group moved while the group had an incident. */
export interface Contribution {
  readonly series: string;
  /** Σ (actual − median) over the incident's buckets, in the currency of the series. */
  readonly volume: number;
}

/**
 * The members that pulled a group in the direction of its incident, strongest first.
 * @param volume the group's own Σ (actual − median): negative for a loss.
 * @param limit at most this many, ≥ 1.
 * @example
 * topContributions(-40, [{ series: 'a', volume: -5 }, { series: 'b', volume: 90 }], 5); // a alone
 */
export function topContributions(volume: number, members: readonly Contribution[], limit: number): Contribution[] {
  const sign = Math.sign(volume);
  return members
    .filter((member) => Math.sign(member.volume) === sign)
    .sort((one, other) => Math.abs(other.volume) - Math.abs(one.volume) || (one.series < other.series ? -1 : 1))
    .slice(0, limit);
}
