import { DAY_MS } from '@tidemark/shared/forecasting';

const LEAST_BUCKETS = 6;
/** Least buckets of the first view: a fortnight of days or months would be a handful. */
const LEAST_AT_FIRST = 60;

/** A choice of the whole time, however far the rows reach. */
export const WHOLE_TIME: readonly [number, number] = [0, 8.64e15];

/** Length of the first view in ms: the days an author asks for, or more where buckets are long; Infinity for all. */
export function firstSpan(days: number, stepMs: number): number {
  return days > 0 ? Math.max(days * DAY_MS, LEAST_AT_FIRST * stepMs) : Number.POSITIVE_INFINITY;
}

/** Which part of the whole time is shown; follows the newest bucket until somebody moves it. */
export class VisibleTime {
  /** `null`: the first view, which ends with the newest bucket. */
  private chosen: readonly [number, number] | null = null;

  /** What is shown of `whole`: the chosen part, or the first view of a length in ms where none is chosen or left. */
  within(whole: readonly [number, number], span: number): readonly [number, number] {
    const first: readonly [number, number] = [Math.max(whole[0], whole[1] - span), whole[1]];
    const [from, to] = this.chosen ?? first;
    const start = Math.max(whole[0], from);
    const end = Math.min(whole[1], to);
    return start < end ? [start, end] : first;
  }

  /** The chosen part; `null` where the first view is shown. */
  get choice(): readonly [number, number] | null {
    return this.chosen;
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
    { around, factor }: { readonly around: number; readonly factor: number },
    stepMs: number,
  ): boolean {
    const span = Math.max((shown[1] - shown[0]) * factor, LEAST_BUCKETS * stepMs);
    if (span >= whole[1] - whole[0]) {
      if (shown[1] - shown[0] >= whole[1] - whole[0]) return false;
      this.chosen = WHOLE_TIME;
      return true;
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
