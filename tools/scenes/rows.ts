import { encodeFan } from '@tidemark/shared/contract/fan-text';
import { FAN_COVERAGES, HOUR_MS } from '@tidemark/shared/forecasting';
import type { TableRow } from '../power-bi-host/data-view.ts';

const STEP_MS = 2 * HOUR_MS;
const COVERAGES = FAN_COVERAGES;

/** What a scene asks of its rows. */
export interface RowsWish {
  readonly series?: string;
  /** First bucket, ISO without zone. */
  readonly from?: string;
  readonly buckets?: number;
  /** Buckets at the end that have not begun. */
  readonly future?: number;
  /** Typical volume. */
  readonly level?: number;
  readonly seed?: number;
  /** Factor on what happens, by bucket; 1 leaves it. */
  readonly factor?: (bucket: number) => number;
  /** Buckets nothing is known of. */
  readonly missing?: (bucket: number) => boolean;
  /** Is the last bucket before the future still open? */
  readonly open?: boolean;
}

/** Deterministic noise in [−1, 1]. */
function noise(seed: number, k: number): number {
  const turned = Math.sin(seed * 127.1 + k * 311.7) * 43758.5453;
  return 2 * (turned - Math.floor(turned)) - 1;
}

/** Rows as `GET /v1/bands` gives them: a daily and weekly rhythm, bands around it, verdicts on what left them. */
export function bandRows(wish: RowsWish = {}): TableRow[] {
  const { series = 'Acme', from = '2026-03-02T00:00:00', buckets = 84, future = 12, level = 480_000, seed = 1 } = wish;
  const start = Date.parse(`${from}Z`);
  const known = buckets - future;
  return Array.from({ length: buckets }, (_, k) => {
    const time = start + k * STEP_MS;
    const hour = (time / HOUR_MS) % 24;
    const weekday = new Date(time).getUTCDay();
    const day = 0.32 + 0.68 * Math.exp(-(((hour - 14.5) / 5.2) ** 2)) + 0.16 * Math.exp(-(((hour - 20) / 2.2) ** 2));
    const week = weekday === 0 ? 0.62 : weekday === 6 ? 0.82 : 1 + 0.04 * Math.sin(weekday);
    const median = level * day * week;
    const spread = 0.055 * level * (0.4 + day) * (k >= known ? 1 + 0.06 * (k - known) : 1);
    const bandAt = (coverage: number) => {
      const reach = spread * Math.sqrt(-2 * Math.log(1 - coverage)) * 0.86;
      return [Math.max(0, median - reach), median + reach * 1.08] as const;
    };
    const [lower, upper] = bandAt(0.99);
    const factor = wish.factor?.(k) ?? 1;
    const happened = Math.max(0, (median + spread * 0.9 * noise(seed, k)) * factor);
    const isFuture = k >= known;
    const isOpen = wish.open === true && k === known - 1;
    const isMissing = !isFuture && (wish.missing?.(k) ?? false);
    const actual = isFuture || isMissing ? null : Math.round(100 * (isOpen ? happened * 0.45 : happened)) / 100;
    const judged = actual !== null && !isOpen;
    const direction = judged && actual < lower ? 'low' : judged && actual > upper ? 'high' : null;
    const distance = direction === 'low' ? lower - (actual ?? 0) : direction === 'high' ? (actual ?? 0) - upper : 0;
    const score = distance / (upper - lower);
    const text = new Date(time).toISOString().slice(0, 19);
    return {
      series,
      bucket_start: `${text}Z`,
      bucket_start_local: text,
      state: isFuture ? 'future' : isOpen ? 'open' : isMissing ? 'missing' : actual === 0 ? 'zero' : 'observed',
      actual,
      forecast: median,
      lower,
      upper,
      coverage: 0.99,
      horizon: isFuture ? k - known + 1 : 1,
      origin: null,
      model_version: 'scene',
      direction,
      score: judged ? score : null,
      severity: direction === null ? null : score >= 1 ? 'critical' : score >= 0.25 ? 'warning' : 'info',
      fan: encodeFan({ median, lower: COVERAGES.map((c) => bandAt(c)[0]), upper: COVERAGES.map((c) => bandAt(c)[1]) }),
    };
  });
}
