import { FAN_COVERAGES } from '@tidemark/shared/forecasting';
import { scaleLog } from 'd3-scale';
import { percent, shortPercent } from '../numbers.ts';
import { picture } from './svg.ts';

/** Nominal against empirical coverage; on the diagonal they are equal. */
export function calibrationChart(inside: readonly number[]): string {
  const size = 300;
  const edge = 58;
  // The probability of a miss on a logarithmic scale, where 95 % and 99.9 % lie apart.
  const x = scaleLog([0.25, 0.0005], [edge, size - 10]).clamp(true);
  const y = scaleLog([0.25, 0.0005], [size - edge, 10]).clamp(true);
  const marks = FAN_COVERAGES.map((coverage, c) => {
    const kept = inside[c] ?? Number.NaN;
    return `<circle class="point" cx="${x(1 - coverage).toFixed(1)}" cy="${y(Math.max(1 - kept, 1e-9)).toFixed(1)}" r="5"><title>nominal ${shortPercent(coverage)}, empirical ${percent(kept)}</title></circle>`;
  }).join('');
  const axis = [0.8, 0.95, 0.99, 0.999]
    .map((coverage) => {
      const at = 1 - coverage;
      return `<text class="tick" x="${x(at)}" y="${size - edge + 18}" text-anchor="middle">${shortPercent(coverage)}</text><text class="tick" x="${edge - 6}" y="${y(at) + 4}" text-anchor="end">${shortPercent(coverage)}</text>`;
    })
    .join('');
  return picture(
    size,
    size,
    'Nominal and empirical coverage',
    `<line class="grid" x1="${x(0.25)}" y1="${y(0.25)}" x2="${x(0.0005)}" y2="${y(0.0005)}"/>${axis}${marks}<text class="tick" x="${(size + edge) / 2}" y="${size - 8}" text-anchor="middle">nominal</text><text class="tick" transform="translate(11 ${(size - edge) / 2}) rotate(-90)" text-anchor="middle">empirical</text>`,
  );
}
