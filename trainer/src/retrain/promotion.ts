import { type Artifact, FAN_COVERAGES, type Series } from '@tidemark/shared/forecasting';
import { backtestAll } from '../evaluation/evaluate.ts';
import { meanOf } from '../numbers.ts';
import { completeLength } from '../training/split.ts';
import { tradesEnough } from '../training/trades-enough.ts';

/** How a model did on the buckets both are judged on, next bucket, mean over series. */
export interface Trial {
  readonly modelVersion: string;
  readonly mase: number;
  readonly pinball: number;
  /** Share of buckets inside the 99 % band. */
  readonly coverage: number;
  readonly width: number;
}

/** Whether a new model takes the place of the one in service, and why. */
export interface Decision {
  readonly promoted: boolean;
  readonly reason: string;
  readonly candidate: Trial;
  readonly inService: Trial | null;
}

/** Share of the history, at its end, on which both are judged: neither has learned from it. */
const TEST_SHARE = 0.2;
/** A new model may be this much worse by pinball loss: less is chance. */
const WORSE = 1.02;
/** The least empirical coverage of a 99 % band that is fit to serve. */
const LEAST_COVERAGE = 0.97;

/**
 * Judges the new model against the one in service on the same buckets of the series both know.
 * @param series prepared, the newest history.
 */
export async function decidePromotion(
  candidate: Artifact,
  inService: Artifact | null,
  series: readonly Series[],
): Promise<Decision> {
  const known = (artifact: Artifact) => new Set(artifact.metadata.series.map(({ id }) => id));
  const ours = known(candidate);
  const theirs = inService === null ? ours : known(inService);
  const judgeable = series.filter((one) => ours.has(one.id) && tradesEnough(one, testStart(one)));
  const shared = judgeable.filter(({ id }) => theirs.has(id));
  const judged = shared.length > 0 ? shared : judgeable;
  const fresh = await trial(candidate, candidate, judged);
  const current = inService === null || shared.length === 0 ? null : await trial(inService, candidate, shared);
  return { ...verdict(fresh, current), candidate: fresh, inService: current };
}

/** Series of the model in service that the new one does not know: they would be served like new ones. */
export function lostSeries(candidate: Artifact, inService: Artifact | null): string[] {
  const known = new Set(candidate.metadata.series.map(({ id }) => id));
  return (inService?.metadata.series ?? []).flatMap(({ id }) => (known.has(id) ? [] : [id]));
}

function testStart(series: Series): number {
  return Math.floor(completeLength(series) * (1 - TEST_SHARE));
}

function verdict(fresh: Trial, current: Trial | null): Pick<Decision, 'promoted' | 'reason'> {
  if (Number.isNaN(fresh.coverage)) {
    return { promoted: true, reason: 'no series trades often enough in the last fifth to compare models by' };
  }
  const covered = `${(100 * fresh.coverage).toFixed(1)} % of buckets inside the 99 % band`;
  if (!(fresh.coverage >= LEAST_COVERAGE)) {
    return { promoted: false, reason: `${covered}; at least ${100 * LEAST_COVERAGE} % are needed` };
  }
  if (current === null) return { promoted: true, reason: `${covered}; nothing to compare with is in service` };
  const ratio = fresh.pinball / current.pinball;
  const compared = `loss ${fresh.pinball.toPrecision(3)} against ${current.pinball.toPrecision(3)} of the model in service`;
  if (!(ratio <= WORSE))
    return { promoted: false, reason: `${compared}: worse by ${(100 * (ratio - 1)).toFixed(0)} %` };
  return { promoted: true, reason: `${compared}; ${covered}` };
}

const AT_99 = FAN_COVERAGES.indexOf(0.99);

/** Backtests one model as it serves, the choice of forecast following its losses; errors are in the scales of `measure`, so that both models are measured alike. */
async function trial(artifact: Artifact, measure: Artifact, series: readonly Series[]): Promise<Trial> {
  const scaleOf = new Map(measure.metadata.series.map(({ id, scale }) => [id, scale]));
  const part = (one: Series) => ({ testFrom: testStart(one), scale: scaleOf.get(one.id) ?? 1 });
  const figures = (await backtestAll(artifact, series, part)).flatMap(({ horizons }) => horizons.slice(0, 1));
  const mean = (of: (figure: (typeof figures)[number]) => number | undefined) => meanOf(figures, of);
  return {
    modelVersion: artifact.metadata.modelVersion,
    mase: mean(({ mase }) => mase),
    pinball: mean(({ pinball }) => pinball),
    coverage: mean(({ bands }) => bands[AT_99]?.inside),
    width: mean(({ bands }) => bands[AT_99]?.width),
  };
}
