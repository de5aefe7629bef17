import { scaleLinear } from 'd3-scale';
import type { SyntheticAnomalyTest } from '../evaluation/synthetic-anomaly-test.ts';
import { percent } from '../numbers.ts';
import { picture } from './svg.ts';

const WIDTH = 960;
const ROW = 26;
const LEFT = 190;
const RIGHT = 250;

/** Recall of each size and length of synthetic anomaly as bars, with the mean delay. */
export function anomalyChart({ kinds }: SyntheticAnomalyTest): string {
  const x = scaleLinear([0, 1], [LEFT, WIDTH - RIGHT]);
  const bars = kinds.map(({ kind, hours, events, recall, hoursToAlarm }, k) => {
    const y = 6 + k * ROW;
    const soon = recall > 0 ? `${percent(recall)}, after ${hoursToAlarm.toFixed(1)} h` : 'none';
    return `<text class="name" x="${LEFT - 10}" y="${y + 16}" text-anchor="end">${kind}, ${hours} h</text><rect class="track" x="${LEFT}" y="${y + 3}" width="${WIDTH - RIGHT - LEFT}" height="${ROW - 9}" rx="3"/><rect class="seen" x="${LEFT}" y="${y + 3}" width="${(x(recall) - LEFT).toFixed(1)}" height="${ROW - 9}" rx="3"/><text class="name" x="${WIDTH - RIGHT + 10}" y="${y + 16}">${soon} <tspan class="faint">of ${events}</tspan></text>`;
  });
  return picture(
    WIDTH,
    12 + kinds.length * ROW,
    `Share of synthetic anomalies that were seen: ${kinds.map(({ kind, hours, recall }) => `${kind} of ${hours} h ${percent(recall)}`).join(', ')}`,
    bars.join(''),
  );
}
