import { bucketAt, bucketStart } from '@tidemark/shared/forecasting';
import { SEVERITIES } from '@tidemark/shared/vocabulary';
import { nowOf } from '../clock.ts';
import type { AppDeps } from '../http/deps.ts';
import { type App, addRoute } from '../http/route.ts';
import { storedGrid } from '../scoring/stored-grid.ts';
import { readSeries } from '../store/actuals.ts';
import { readCoverage, readFigures } from '../store/metrics.ts';

/** Days over which coverage is counted. */
const COVERAGE_DAYS = [7, 28];

export function addMetrics(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/metrics',
      scope: 'read',
      summary: 'Figures for Prometheus: cycles, lag of the newest scored bucket, empirical coverage, alarms',
      gives: { 'text/plain': null },
    },
    async (c) => c.body(await metricsText(deps), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
}

async function metricsText(deps: AppDeps): Promise<string> {
  const model = await deps.live();
  const { stepMs, perDay } = await storedGrid(deps);
  const all = await readSeries(deps.db);
  // A series that the model does not serve any more is not late.
  const served = new Set(model?.forecaster.seriesIds);
  const newest = all.reduce((latest, one) => Math.max(latest, one.newestBucket), 0);
  const now = nowOf(deps.clock, stepMs, newest);
  const origins = all.flatMap(({ id, origin }) => (origin === null || !served.has(id) ? [] : [origin]));
  const figures = await readFigures(deps.db);
  const lines: string[] = [];
  const metric = (
    name: string,
    kind: 'counter' | 'gauge',
    help: string,
    values: readonly [labels: string, value: number][],
  ) => {
    lines.push(`# HELP tidemark_${name} ${help}`, `# TYPE tidemark_${name} ${kind}`);
    for (const [labels, value] of values) lines.push(`tidemark_${name}${labels} ${value}`);
  };
  metric('series', 'gauge', 'Series known.', [['', all.length]]);
  metric('cycles_total', 'counter', 'Scoring cycles.', [
    ['{outcome="done"}', figures.cycles - figures.failedCycles],
    ['{outcome="failed"}', figures.failedCycles],
  ]);
  metric('cycle_seconds_total', 'counter', 'Time spent in scoring cycles.', [['', figures.cycleMs / 1_000]]);
  if (origins.length > 0) {
    const scored = bucketStart(Math.min(...origins) + 1, stepMs);
    metric('scored_lag_seconds', 'gauge', 'Since the end of the newest bucket that all series are scored for.', [
      ['', (now - scored) / 1_000],
    ]);
    const nominal = deps.settings.rules.coverage;
    const coverage: [string, number][] = [];
    const judgedIn: [string, number][] = [];
    for (const days of COVERAGE_DAYS) {
      const { judged, inside } = await readCoverage(deps.db, bucketAt(now, stepMs) - days * perDay);
      judgedIn.push([`{days="${days}"}`, judged]);
      if (judged > 0) coverage.push([`{days="${days}",nominal="${nominal}"}`, inside / judged]);
    }
    metric('judged_buckets', 'gauge', 'Buckets judged in the last days.', judgedIn);
    metric('coverage_ratio', 'gauge', 'Empirical coverage: share of judged buckets inside their band.', coverage);
  }
  const open = new Map(figures.openIncidents.map(({ severity, count }) => [severity, count]));
  metric(
    'open_alarms',
    'gauge',
    'Incidents open now.',
    SEVERITIES.map((severity) => [`{severity="${severity}"}`, open.get(severity) ?? 0]),
  );
  metric('corrections_total', 'counter', 'Actuals that changed after their bucket had been passed.', [
    ['', figures.corrections],
  ]);
  metric('webhook_messages', 'gauge', 'Webhook messages not delivered.', [
    ['{state="waiting"}', figures.pendingDeliveries],
    ['{state="given_up"}', figures.failedDeliveries],
  ]);
  return `${lines.join('\n')}\n`;
}
