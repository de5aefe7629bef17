const LEAST_BUCKETS = 6;

/** Which part of the whole time is shown; follows the newest bucket until somebody moves it. */
export class VisibleTime {
  /** `null`: all, or the newest days the author asked for. */
  private chosen: readonly [number, number] | null = null;

  /** What is shown of `whole`, given the days an author wants to see at first (0 = all). */
  within(whole: readonly [number, number], days: number): readonly [number, number] {
    const [from, to] = this.chosen ?? (days > 0 ? [whole[1] - days * 86_400_000, whole[1]] : whole);
    const start = Math.max(whole[0], from);
    const end = Math.min(whole[1], to);
    return start < end ? [start, end] : whole;
  }

  get isChosen(): boolean {
    return this.chosen !== null;
  }

  choose(domain: readonly [number, number] | null): void {
    this.chosen = domain;
  }

  /** Takes up the part kept with the report; without one, follows the newest bucket again. */
  restore(kept: Readonly<Record<string, unknown>> | undefined): void {
    const from = Number(kept?.from);
    const to = Number(kept?.to);
    if (Number.isFinite(from) && Number.isFinite(to) && from < to) this.choose([from, to]);
    else if (kept === undefined) this.choose(null);
  }

  /** Zooms around an instant; `factor` < 1 goes nearer. Returns false where nothing changes. */
  zoom(
    whole: readonly [number, number],
    shown: readonly [number, number],
    around: number,
    factor: number,
    stepMs: number,
  ): boolean {
    const span = Math.max((shown[1] - shown[0]) * factor, LEAST_BUCKETS * stepMs);
    if (span >= whole[1] - whole[0]) {
      const changed = this.chosen !== null;
      this.chosen = null;
      return changed;
    }
    const share = (around - shown[0]) / (shown[1] - shown[0]);
    const from = Math.max(whole[0], Math.min(whole[1] - span, around - share * span));
    this.chosen = [from, from + span];
    return true;
  }

  /** Moves the shown part by `ms`. */
  pan(whole: readonly [number, number], shown: readonly [number, number], ms: number): boolean {
    const span = shown[1] - shown[0];
    const from = Math.max(whole[0], Math.min(whole[1] - span, shown[0] + ms));
    if (from === shown[0]) return false;
    this.chosen = [from, from + span];
    return true;
  }
}
