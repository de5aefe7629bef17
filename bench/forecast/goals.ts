import type { Means } from '@tidemark/trainer/testing/evaluation';

/** What is asked of a set, by figure; other sets are measured without a goal. */
export const GOALS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nyc_taxi: goals([0.42, 0.56], [3.4, 4.9], '0.93–0.985', 0.98),
  bikeshare: goals([0.45, 0.7], [3.45, 5.5], '0.93–0.985', 0.98),
  onlineretail: goals([1.36, 1.34], [18.6, 17.6], '0.93–0.985', 0.98),
  flights: goals([0.93, 0.93], [7.8, 9.1], '0.91–0.985', 0.975),
};

/** Which mean and horizon a figure's name stands for. */
export const FIGURES: readonly (readonly [name: string, of: keyof Means, horizon: 'first' | 'last'])[] = [
  ['mase-h1', 'mase', 'first'],
  ['mase-h12', 'mase', 'last'],
  ['msis95-h1', 'msis95', 'first'],
  ['msis95-h12', 'msis95', 'last'],
  ['msis99-h1', 'msis99', 'first'],
  ['cov95-h1', 'cov95', 'first'],
  ['cov95-h12', 'cov95', 'last'],
  ['cov99-h1', 'cov99', 'first'],
  ['width95-h1', 'width95', 'first'],
];

/** Unit of each mean. */
export const UNITS: Readonly<Record<keyof Means, string>> = {
  mase: 'scales',
  msis95: 'scales',
  msis99: 'scales',
  cov95: 'share',
  cov99: 'share',
  below95: 'share',
  above95: 'share',
  below99: 'share',
  above99: 'share',
  width95: 'share of mean',
  pinball: 'scales',
};

function goals(mase: [number, number], msis95: [number, number], cov95: string, cov99: number) {
  return {
    'mase-h1': `≤ ${mase[0]}`,
    'mase-h12': `≤ ${mase[1]}`,
    'msis95-h1': `≤ ${msis95[0]}`,
    'msis95-h12': `≤ ${msis95[1]}`,
    'cov95-h1': cov95,
    'cov95-h12': cov95,
    'cov99-h1': `≥ ${cov99}`,
  };
}
