/**
 * The strength from which a detector of one series alarms, so that calm data reach it at a wanted rate.
 *
 * Peaks over threshold (Pickands 1975; Siffer et al. 2017): how often strengths rise above a lower mark is counted, how
 * far they rise is averaged; beyond the mark peaks fall off exponentially, as −ln p of a right test does. Both start from
 * a prior and follow what is seen, with a half-life, so that a wrong model pays with its own threshold.
 */
export interface ThresholdState {
  /** Weeks watched, peaks seen, Σ of how far they rose; all fading. */
  weeks: number;
  peaks: number;
  excess: number;
  /** Highest strength of the present run above the mark; 0 outside one. */
  peak: number;
}

/** What is believed of a detector before a series has shown anything. */
export interface ThresholdPrior {
  /** Strength from which peaks are counted. */
  readonly mark: number;
  /** Peaks a week above the mark. */
  readonly rate: number;
  /** Mean rise above the mark. */
  readonly scale: number;
}

/** Buckets of two hours in a week. */
export const TWO_HOURS_A_WEEK = 84;

/**
 * What is believed on a grid of so many buckets a week, where `prior` is what is believed with two hours: more buckets have
 * more peaks, fewer have fewer, so that the mark is moved to where they are as many again. Peaks that are counted next to
 * never would say nothing of a threshold, and a threshold is never below its mark.
 */
export function onGrid(prior: ThresholdPrior, perWeek: number): ThresholdPrior {
  return { ...prior, mark: prior.mark + prior.scale * Math.log(perWeek / TWO_HOURS_A_WEEK) };
}

const HALF_LIFE_WEEKS = 39;
/** Peaks that the prior of their rate, and of their rise, is worth. */
const PRIOR_PEAKS = 8;
const PRIOR_RISES = 30;

/** A state that has seen nothing. */
export function startThreshold(): ThresholdState {
  return { weeks: 0, peaks: 0, excess: 0, peak: 0 };
}

/** The strength that calm data exceed `target` times a week. */
export function thresholdFor(state: ThresholdState, prior: ThresholdPrior, target: number): number {
  const rate = (state.peaks + PRIOR_PEAKS) / (state.weeks + PRIOR_PEAKS / prior.rate);
  return Math.max(prior.mark, prior.mark + scaleOf(state, prior) * Math.log(rate / target));
}

/** How far peaks rise above the mark on average. */
function scaleOf({ excess, peaks }: ThresholdState, prior: ThresholdPrior): number {
  return (excess + PRIOR_RISES * prior.scale) / (peaks + PRIOR_RISES);
}

/** A peak beyond the threshold by so much, where calm data get once in fifty false alarms, is taken for trouble. */
const TROUBLE_BEYOND = 4;
/** What such a peak weighs. */
const TROUBLE_WEIGHT = 0.2;

/**
 * Takes a bucket's strength in. A run above the mark counts once it is over, with its highest strength. Beyond
 * `threshold`, where troubles are, it counts as censored there: as far as an exponential tail goes on from it on average.
 * Only of buckets in which the detector could have spoken.
 */
export function learnStrength(
  state: ThresholdState,
  strength: number,
  threshold: number,
  { prior, perWeek }: { readonly prior: ThresholdPrior; readonly perWeek: number },
): void {
  const keep = 2 ** (-1 / (HALF_LIFE_WEEKS * perWeek));
  state.weeks = keep * state.weeks + 1 / perWeek;
  state.peaks *= keep;
  state.excess *= keep;
  if (strength > prior.mark) {
    state.peak = Math.max(state.peak, strength);
    return;
  }
  if (state.peak === 0 || strength > prior.mark - 1) return;
  const weight = state.peak > threshold + TROUBLE_BEYOND ? TROUBLE_WEIGHT : 1;
  const rise = state.peak > threshold ? threshold - prior.mark + scaleOf(state, prior) : state.peak - prior.mark;
  state.peaks += weight;
  state.excess += weight * rise;
  state.peak = 0;
}
