import { z } from '@hono/zod-openapi';
import { createForecaster, decodeArtifact, UserError } from '@tidemark/shared';
import { utcText } from '@tidemark/shared/wire';
import type { AppDeps } from '../deps.ts';
import type { LiveModel } from '../model/live-forecaster.ts';
import { smokeTest } from '../model/smoke-test.ts';
import { type App, addRoute, named } from '../route.ts';
import { publishModel } from '../store/models.ts';

const modelFacts = z.strictObject({
  model_version: z.string(),
  published_at: z.iso.datetime(),
  step_minutes: z.number(),
  horizons: z.int(),
  time_zone: z.string(),
  measure: z.enum(['net', 'gross', 'refunds']),
  series: z.int(),
});

export function addModel(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'put',
      path: '/v1/model',
      scope: 'admin',
      summary: 'Publishes a model, given as its text; it goes live once it has forecast the smoke set sensibly',
      body: { type: 'text/plain' },
      gives: { 'application/json': named(modelFacts, 'Model') },
    },
    async (c) => {
      const text = await c.req.text();
      const artifact = decodeArtifact(text);
      await smokeTest(deps.db, createForecaster(artifact), (await deps.live())?.forecaster ?? null);
      await publishModel(deps.db, artifact.metadata.modelVersion, text, deps.clock.wall());
      return c.json(factsOf(await required(deps)));
    },
  );
}

/** @throws UserError `no-model` before the first was published. */
export async function required(deps: AppDeps): Promise<LiveModel> {
  const model = await deps.live();
  if (!model) throw new UserError('no-model', 'no model is published yet; PUT /v1/model');
  return model;
}

function factsOf(model: LiveModel): z.infer<typeof modelFacts> {
  const { stepMs, horizons, timeZone, measure, series } = model.artifact.metadata;
  return {
    model_version: model.version,
    published_at: utcText(model.publishedAt),
    step_minutes: stepMs / 60_000,
    horizons,
    time_zone: timeZone,
    measure,
    series: series.length,
  };
}
