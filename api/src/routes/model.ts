import { z } from '@hono/zod-openapi';
import { checkedArtifact, encodeCsv, utcText } from '@tidemark/shared/contract';
import { artifactFiles, CHUNK_COLUMNS, chunksOfText, encodeModel } from '@tidemark/shared/contract/model-file';
import { UserError } from '@tidemark/shared/errors';
import { type Artifact, createForecaster, createGrid, type SeriesState } from '@tidemark/shared/forecasting';
import { MEASURES } from '@tidemark/shared/vocabulary';
import type { AppDeps } from '../http/deps.ts';
import { seriesParameter, stateDaysParameter } from '../http/parameters.ts';
import { respond } from '../http/reply.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { type LiveModel, liveIfReadable } from '../scoring/live-forecaster.ts';
import { findConflicts } from '../scoring/names.ts';
import { pastStates } from '../scoring/past-states.ts';
import { smokeTest } from '../scoring/smoke-test.ts';
import { checkGrid, claimModelGrid } from '../scoring/stored-grid.ts';
import { readSeries } from '../store/actuals.ts';
import { modelBefore, modelText, publishModel, readModels, rollBackModel } from '../store/models.ts';
import { chosen } from './bands.ts';

const modelFacts = z.strictObject({
  model_version: z.string(),
  published_at: z.iso.datetime(),
  step_minutes: z.number(),
  horizons: z.int(),
  time_zone: z.string(),
  measure: z.enum(MEASURES),
  series: z.int(),
});

/** Who serves a series, and why; see `served_by` of `/v1/series`. */
const served = z.strictObject({ series: z.string(), served_by: z.string(), served_because: z.string() });

/** A model of some ten thousand series. */
const MAX_BODY = 64 * 1024 * 1024;
/** A state takes 75 KB as text. */
const MOST_STATES = 500;

export function addModel(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'put',
      path: '/v1/model',
      scope: 'admin',
      summary: 'Publishes a model, given as its text; it goes live once it has forecast the smoke set sensibly',
      body: { type: 'text/plain', maxBytes: MAX_BODY },
      gives: { 'application/json': named(modelFacts, 'Model') },
    },
    async (c) => {
      await publish(deps, await c.req.arrayBuffer());
      return c.json(factsOf(await required(deps)));
    },
  );
}

/** Checks a model, tries it and stores it. What it takes is free again before the model is read back as the live one. */
async function publish(deps: AppDeps, body: ArrayBuffer): Promise<void> {
  const artifact = checkedArtifact(new TextDecoder().decode(body));
  const text = encodeModel(artifact);
  await checkAgainstStored(deps, artifact, text);
  await smokeTest(deps.db, createForecaster(artifact));
  await claimModelGrid(gridDeps(deps), artifact.metadata.stepMs, 'the model');
  await publishModel(deps.db, artifact.metadata.modelVersion, text, deps.clock.wall());
}

/** Also where the live model cannot be read: another has to be able to take its place. */
function gridDeps({ db, live }: AppDeps): Parameters<typeof checkGrid>[0] {
  return { db, live: async () => (await liveIfReadable(live)).model };
}

/**
 * Checks that a model fits what is stored: no other model of its version, buckets of its length, no series by nearly the
 * same name, no series of another measure.
 * @throws UserError `version-conflict`, `other-step`, `name-conflict` or `measure-conflict`.
 */
async function checkAgainstStored(deps: AppDeps, { metadata }: Artifact, text: string): Promise<void> {
  const { modelVersion, measure } = metadata;
  await checkGrid(gridDeps(deps), metadata.stepMs, `the model "${modelVersion}"`);
  const same = (await readModels(deps.db)).find(({ version }) => version === modelVersion);
  if (same && (await modelText(deps.db, same.key)) !== text) {
    throw new UserError(
      'version-conflict',
      `another model of version "${modelVersion}" is published already; bands name the version they came from, so give this one its own`,
    );
  }
  const all = await readSeries(deps.db);
  const ids = metadata.series.map(({ id }) => id);
  const [conflict] = findConflicts(
    ids,
    all.map(({ id }) => id),
  );
  if (conflict) {
    throw new UserError(
      'name-conflict',
      `the model names "${conflict.given}", which is "${conflict.other}" here but for case, blanks or Unicode form; train with the names that are stored`,
    );
  }
  const named = new Set(ids);
  const other = all.find((one) => named.has(one.id) && one.measure !== measure);
  if (other) {
    throw new UserError(
      'measure-conflict',
      `the model forecasts ${measure}, but the series "${other.id}" holds ${other.measure}; train on ${other.measure}`,
    );
  }
}

/** Days behind the newest band at which states stand: those who have six weeks of actuals can go on from there. */
const STATE_DAYS = 40;
/** Characters of a measure in Power BI: states that would not fit into one are no use there. */
const MEASURE_CHARACTERS = 2_000_000;
/** A state of two-hour buckets as text, about. */
const STATE_CHARACTERS = 75_000;

/** Adds what people and Power BI read of the model, and the way back to the one before. */
export function addModelReads(app: App, deps: AppDeps): void {
  addFacts(app, deps);
  addWeights(app, deps);
  addText(app, deps);
  addRollback(app, deps);
}

function addFacts(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/model',
      scope: 'read',
      summary:
        'The live model: its facts, who serves each of its series and why, whether series unknown to it are served, its `model.json` as stock tfjs loads it, and what was published before',
      gives: {
        'application/json': z.strictObject({
          ...modelFacts.shape,
          served: z.array(served),
          cold_start: z.boolean(),
          model_json: z.string(),
          published: z.array(z.strictObject({ model_version: z.string(), published_at: z.iso.datetime() })),
        }),
      },
    },
    async (c) => {
      const model = await required(deps);
      const published = (await readModels(deps.db)).map(({ version, publishedAt }) => ({
        model_version: version,
        published_at: utcText(publishedAt),
      }));
      const { metadata } = model.artifact;
      return c.json({
        ...factsOf(model),
        served: metadata.series.map(({ id, servedBy, reason }) => ({
          series: id,
          served_by: servedBy,
          served_because: reason,
        })),
        cold_start: metadata.coldStart !== undefined,
        model_json: artifactFiles(model.artifact).modelJson,
        published,
      });
    },
  );
}

function addWeights(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/model/weights.bin',
      scope: 'read',
      summary: 'The weights of the live model, as stock tfjs loads them beside `model.json`',
      gives: { 'application/octet-stream': null },
    },
    async (c) => {
      const { weights } = artifactFiles((await required(deps)).artifact);
      return c.body(new Uint8Array(weights), 200, { 'content-type': 'application/octet-stream' });
    },
  );
}

function addText(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/model.txt',
      scope: 'read',
      summary: 'The live model as one text with the rules alarms are judged by, alone or with the states of series',
      query: {
        states: z.enum(['true', 'false'], { error: 'expected true or false' }).optional().openapi({
          description:
            'With the states, the actuals since give the very bands of this service. Without it: in chunks yes, as long as all fit into a measure of Power BI; as text no',
        }),
        days: stateDaysParameter.optional(),
        series: seriesParameter.optional(),
        format: z
          .enum(['text', 'csv'], { error: 'expected text or csv' })
          .optional()
          .openapi({ description: 'csv: numbered chunks of at most 30,000 characters, to be joined again' }),
      },
      gives: { 'text/plain': null, 'text/csv': null },
    },
    async (c, { query }) => {
      const revision = await deps.cycle.ensure();
      const format = query.format ?? 'text';
      // A dashboard refreshed before the first model gets the table it expects, without rows.
      if (format === 'csv' && !(await deps.live())) {
        return c.body(encodeCsv(CHUNK_COLUMNS, []), 200, { 'content-type': 'text/csv; charset=utf-8' });
      }
      const model = await required(deps);
      const question = JSON.stringify(['model', format, query.states, query.days, query.series]);
      return respond(c, deps.cache, { state: String(revision), question }, async () => {
        const wanted = query.states === 'true' || (query.states === undefined && format === 'csv');
        const states = wanted ? await statesFor(deps, model, query) : [];
        const text = encodeModel(model.artifact, { rules: deps.settings.rules, states });
        return format === 'csv'
          ? {
              body: encodeCsv(
                CHUNK_COLUMNS,
                chunksOfText(text).map((chunk) => ({ ...chunk })),
              ),
              contentType: 'text/csv; charset=utf-8',
              headers: {},
            }
          : { body: text, contentType: 'text/plain; charset=utf-8', headers: {} };
      });
    },
  );
}

function addRollback(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'post',
      path: '/v1/model/rollback',
      scope: 'admin',
      summary: 'Makes the model live again that was live before; bands issued since stay as they are',
      gives: { 'application/json': named(modelFacts, 'Model') },
    },
    async (c) => {
      const earlier = await modelBefore(deps.db);
      if (earlier === null) {
        throw new UserError('no-earlier-model', 'no model was live before this one; PUT /v1/model publishes another');
      }
      // Since it was live, other actuals may have come in: of another measure, or in other buckets.
      const text = await modelText(deps.db, earlier);
      const artifact = checkedArtifact(text);
      await checkAgainstStored(deps, artifact, text);
      await claimModelGrid(gridDeps(deps), artifact.metadata.stepMs, 'the model');
      await rollBackModel(deps.db, earlier);
      return c.json(factsOf(await required(deps)));
    },
  );
}

/** The states of the chosen series; none where nobody asked for them and they would not fit. */
async function statesFor(
  deps: AppDeps,
  model: LiveModel,
  query: { states?: string | undefined; days?: number | undefined; series?: string[] | undefined },
): Promise<SeriesState[]> {
  const series = chosen(await readSeries(deps.db), query.series);
  if (query.states === undefined && series.length * STATE_CHARACTERS + model.textLength > MEASURE_CHARACTERS) {
    return [];
  }
  if (series.length > MOST_STATES) {
    throw new UserError(
      'too-many-series',
      `too many series for their states: ${series.length}; at most ${MOST_STATES}, name them with series=`,
    );
  }
  const back = (query.days ?? STATE_DAYS) * createGrid(model.forecaster.stepMs).perDay;
  return pastStates(deps.db, model, series, back);
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
