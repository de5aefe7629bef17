import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Artifact, ArtifactMetadata, SeriesModel } from '../forecasting/artifact.ts';
import { RIDGE_INPUTS } from '../forecasting/base/track.ts';
import { SCORES } from '../forecasting/calibration/calibrate.ts';
import { DAY_MS } from '../forecasting/time/duration.ts';
import { MEASURES, SERVED_BY } from '../vocabulary.ts';
import { FORMAT_VERSION, parseArtifact } from './model-file/files.ts';
import { readModelText } from './model-file/text.ts';
import { foldName, isWellFormed, nameSchema } from './name.ts';

/** Volumes above this are no money: float32 sums would lose their head. */
const LARGEST = 1e18;

const size = z.int().min(1).max(100_000);
const amount = z.number().gt(0).max(LARGEST);
const share = z.number().min(0).max(1);
const bytes = z.string();
/** What people read: whole characters, lines and tabs, but nothing that steers a terminal or ends a text. */
const prose = z
  .string()
  .max(2_000)
  .refine(
    (text) => isWellFormed(text) && !/[^\P{Cc}\t\n\r]/u.test(text),
    'expected whole characters and no control characters',
  );
const nodes = z.array(z.array(z.tuple([z.string(), z.int(), z.int()], z.unknown())));
const endpoint = z.tuple([z.string(), z.int(), z.int()]);

const smoothing = z.looseObject({ level: share, daily: share, weekly: share, carry: z.number().min(-1).max(1) });

const plainLayer = z.looseObject({
  class_name: z.string(),
  name: z.string().min(1),
  config: z.looseObject({
    units: z.int().min(1).max(4_096).optional(),
    n: z.int().min(1).max(1_000).optional(),
    batch_input_shape: z.tuple([z.null(), size], size).optional(),
    batchInputShape: z.tuple([z.null(), size], size).optional(),
  }),
  inbound_nodes: nodes,
});

/** What a layer cannot be built without, by its class. */
const NEEDED: ReadonlyMap<string, readonly string[]> = new Map([
  ['LSTM', ['units']],
  ['Dense', ['units']],
  ['RepeatVector', ['n']],
]);

const layer = plainLayer.superRefine(({ class_name, config, inbound_nodes }, context) => {
  const isInput = class_name === 'InputLayer';
  const needed = isInput && !config.batchInputShape ? ['batch_input_shape'] : NEEDED.get(class_name);
  for (const name of needed ?? []) {
    if (config[name] !== undefined) continue;
    const message = `expected what a layer of class ${class_name} needs`;
    context.addIssue({ code: 'custom', path: ['config', name], message });
  }
  if (!isInput && !inbound_nodes[0]?.length) {
    context.addIssue({ code: 'custom', path: ['inbound_nodes'], message: 'expected a layer that feeds it' });
  }
});

const seriesModel = z.looseObject({
  id: nameSchema,
  servedBy: z.enum(SERVED_BY),
  reason: prose,
  scale: amount,
  levelFloor: amount,
  negativeSeen: z.boolean().optional(),
  usesSpecialDays: z.boolean().optional(),
  base: z.enum(['smoothed', 'same-slot mean', 'nothing']),
  smoothing,
  ridge: bytes,
  effects: bytes,
  scores: bytes,
  logScaleBySlot: bytes,
  residualSums: bytes.optional(),
  hurdle: bytes,
  trainedThrough: z.int(),
  scoredThrough: z.int(),
});

const zone = z.string().refine(isTimeZone, 'expected an IANA time zone such as America/Lima');

const metadata = z.looseObject({
  modelVersion: nameSchema,
  createdAt: prose.min(1).max(40),
  stepMs: z
    .int()
    .min(60_000)
    .refine((step) => DAY_MS % step === 0, 'expected a part of a day in milliseconds'),
  timeZone: zone,
  measure: z.enum(MEASURES),
  lookback: z.int().min(1).max(10_000),
  horizons: z.int().min(1).max(1_440),
  specialDays: z
    .looseObject({
      through: z.string(),
      days: z.array(z.looseObject({ kind: prose, name: prose, dates: z.array(z.string()) })),
    })
    .optional(),
  series: z.array(seriesModel).min(1),
  coldStart: z
    .looseObject({
      smoothing,
      ridge: bytes,
      effects: bytes,
      scores: bytes,
      tradeSizes: z.looseObject({ mean: z.number(), deviation: z.number().min(0) }),
    })
    .optional(),
  provenance: z.record(z.string(), z.unknown()),
});

const modelJson = z.looseObject({
  modelTopology: z.looseObject({
    class_name: z.string(),
    config: z.looseObject({
      layers: z.array(layer).min(1).max(1_000),
      input_layers: z.array(endpoint).min(1),
      output_layers: z.array(endpoint).min(1),
    }),
  }),
  weightsManifest: z
    .array(
      z.looseObject({
        weights: z.array(z.looseObject({ name: z.string(), shape: z.array(size), dtype: z.literal('float32') })),
      }),
    )
    .min(1),
  userDefinedMetadata: metadata,
});

/**
 * The artifact of a model's text, checked whole: every field, every array's length, every weight and parameter finite,
 * no series twice. What it holds can still be a bad model; it cannot be a broken one.
 * @throws UserError `invalid-model-text`, `unsupported-model-version`, or `invalid-model` naming the first field that does
 * not fit, its value and what is accepted.
 */
export function checkedArtifact(text: string): Artifact {
  const { files } = readModelText(text);
  const given = jsonOf(files.modelJson);
  const version = (given as { userDefinedMetadata?: { formatVersion?: unknown } } | null)?.userDefinedMetadata;
  // Of another version nothing else is known, and `parseArtifact` says so.
  if (version?.formatVersion === FORMAT_VERSION) {
    const parsed = modelJson.safeParse(given);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw invalid(issue?.path.map(String).join('.') ?? '', valueAt(given, issue?.path ?? []), issue?.message ?? '');
    }
  }
  const artifact = parseArtifact(files, given);
  checkArrays(artifact.metadata);
  artifact.weights.forEach((values, index) => {
    checkFinite(`weight ${artifact.weightEntries[index]?.name}`, values);
  });
  return artifact;
}

function checkArrays({ series, coldStart, horizons, stepMs }: ArtifactMetadata): void {
  const byFold = new Map<string, string>();
  for (const one of series) {
    const other = byFold.get(foldName(one.id));
    if (other !== undefined)
      throw invalid('series', one.id, `names that differ by more than case or form ("${other}")`);
    byFold.set(foldName(one.id), one.id);
    checkParameters(`series "${one.id}"`, one, horizons);
    checkFinite(`logScaleBySlot of series "${one.id}"`, one.logScaleBySlot);
    checkLength(`logScaleBySlot of series "${one.id}"`, one.logScaleBySlot.length, (DAY_MS / stepMs) * horizons);
    checkFinite(`residualSums of series "${one.id}"`, one.residualSums);
    checkFinite(`hurdle of series "${one.id}"`, one.hurdle);
  }
  if (coldStart) checkParameters('coldStart', coldStart, horizons);
}

function checkParameters(
  of: string,
  { ridge, effects, scores }: Pick<SeriesModel, 'ridge' | 'effects' | 'scores'>,
  horizons: number,
): void {
  checkFinite(`ridge of ${of}`, ridge);
  checkFinite(`effects of ${of}`, effects);
  checkLength(`ridge of ${of}`, ridge.length, horizons * RIDGE_INPUTS);
  if (scores.length % horizons !== 0 || scores.length > horizons * SCORES) {
    throw invalid(`scores of ${of}`, `${scores.length} codes`, `up to ${SCORES} for each of ${horizons} horizons`);
  }
}

function checkLength(what: string, length: number, expected: number): void {
  if (length !== 0 && length !== expected) throw invalid(what, `${length} numbers`, `none or ${expected}`);
}

function checkFinite(what: string, values: Float32Array): void {
  const at = values.findIndex((value) => !(Math.abs(value) <= LARGEST));
  if (at >= 0) throw invalid(`${what} [${at}]`, String(values[at]), `a finite number up to ${LARGEST}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError('invalid-model', 'invalid model: model.json is not JSON', { cause });
  }
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], given);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function invalid(what: string, value: unknown, accepted: string): UserError {
  const shown = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'absent');
  return new UserError('invalid-model', `invalid model: ${what} is ${shown.slice(0, 80)}; ${accepted}`);
}
