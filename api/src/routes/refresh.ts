import { z } from '@hono/zod-openapi';
import type { AppDeps } from '../http/deps.ts';
import { type App, addRoute, named } from '../http/route.ts';

const cycleReport = z.strictObject({
  series: z.int(),
  bands: z.int(),
  verdicts: z.int(),
  milliseconds: z.number(),
  queued: z.int(),
  degraded: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
  unscored: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
});

export function addRefresh(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'post',
      path: '/v1/refresh',
      scope: 'ingest',
      summary: 'Runs the scoring cycle now and says what it did',
      gives: { 'application/json': named(cycleReport, 'CycleReport') },
    },
    async (c) => c.json(await deps.cycle.run('refresh')),
  );
}
