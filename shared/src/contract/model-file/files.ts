import { UserError } from '../../errors.ts';
import type { Artifact, ArtifactMetadata, SeriesModel } from '../../forecasting/artifact.ts';
import { dayNumber, type SpecialDays } from '../../forecasting/features/special-days.ts';
import type { ModelTopology, WeightEntry } from '../../forecasting/network/topology.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { otherVersion } from './other-version.ts';

const FORMAT = 'tidemark';
export const FORMAT_VERSION = 6;

/** The two files stock `tf.loadLayersModel` reads: the text of `model.json` and the bytes of `weights.bin`. */
export interface ArtifactFiles {
  readonly modelJson: string;
  readonly weights: Uint8Array;
}

/** Writes an artifact as the two files of a stock tfjs LayersModel. */
export function artifactFiles(artifact: Artifact): ArtifactFiles {
  const { metadata } = artifact;
  const modelJson = JSON.stringify({
    format: 'layers-model',
    generatedBy: 'Tidemark',
    convertedBy: null,
    modelTopology: artifact.topology,
    weightsManifest: [{ paths: ['weights.bin'], weights: artifact.weightEntries }],
    userDefinedMetadata: {
      format: FORMAT,
      formatVersion: FORMAT_VERSION,
      ...metadata,
      series: metadata.series.map((series) => ({
        ...series,
        ridge: encodeBase64(bytesOf(series.ridge)),
        effects: encodeBase64(bytesOf(series.effects)),
        scores: encodeBase64(bytesOf(series.scores)),
        logScaleBySlot: encodeBase64(bytesOf(series.logScaleBySlot)),
        residualSums: encodeBase64(bytesOf(series.residualSums)),
        hurdle: encodeBase64(bytesOf(series.hurdle)),
      })),
      ...(metadata.coldStart && {
        coldStart: {
          ...metadata.coldStart,
          ridge: encodeBase64(bytesOf(metadata.coldStart.ridge)),
          effects: encodeBase64(bytesOf(metadata.coldStart.effects)),
          scores: encodeBase64(bytesOf(metadata.coldStart.scores)),
        },
      }),
    },
  });
  const total = artifact.weights.reduce((sum, values) => sum + values.length, 0);
  const joined = new Float32Array(total);
  let at = 0;
  for (const values of artifact.weights) {
    joined.set(values, at);
    at += values.length;
  }
  return { modelJson, weights: bytesOf(joined) };
}

/**
 * Reads the two files of an artifact.
 * @param parsed what is in `model.json`, for who has read it already.
 * @throws UserError `invalid-model` naming what is wrong; `unsupported-model-version` for another format version.
 */
export function parseArtifact(files: ArtifactFiles, parsed: unknown = readJson(files.modelJson)): Artifact {
  if (typeof parsed !== 'object' || parsed === null) throw invalid('model.json', typeof parsed, 'a JSON object');
  const model = parsed as Record<string, unknown>;
  const stored = model.userDefinedMetadata as Record<string, unknown> | undefined;
  if (stored?.format !== FORMAT) {
    throw invalid('userDefinedMetadata.format', stored?.format, `"${FORMAT}": a model written by the trainer`);
  }
  if (stored.formatVersion !== FORMAT_VERSION) {
    throw otherVersion('format of model.json', String(stored.formatVersion), FORMAT_VERSION);
  }
  const metadata = readMetadata(stored);
  const groups = model.weightsManifest;
  if (!Array.isArray(groups) || groups.length === 0) throw invalid('weightsManifest', groups, 'a list of weights');
  const weightEntries = groups.flatMap((group: { weights: WeightEntry[] }) => group.weights);
  const weights: Float32Array[] = [];
  let at = 0;
  for (const { name, shape, dtype } of weightEntries) {
    if (dtype !== 'float32') throw invalid(`weight ${name}.dtype`, dtype, '"float32"');
    const size = shape.reduce((a, b) => a * b, 1);
    const values = floatsAt(files.weights, at, size);
    if (values === null) {
      throw invalid('weights.bin', `${files.weights.length} bytes`, `at least ${at + 4 * size} bytes (${name})`);
    }
    weights.push(values);
    at += 4 * size;
  }
  if (at !== files.weights.length) throw invalid('weights.bin', `${files.weights.length} bytes`, `${at} bytes`);
  return { topology: model.modelTopology as ModelTopology, weightEntries, weights, metadata };
}

function readMetadata(stored: Record<string, unknown>): ArtifactMetadata {
  for (const name of ['modelVersion', 'createdAt', 'timeZone', 'measure']) {
    if (typeof stored[name] !== 'string') throw invalid(`userDefinedMetadata.${name}`, stored[name], 'text');
  }
  for (const name of ['stepMs', 'lookback', 'horizons']) {
    if (!(Number(stored[name]) > 0)) throw invalid(`userDefinedMetadata.${name}`, stored[name], 'a number above 0');
  }
  if (!Array.isArray(stored.series)) throw invalid('userDefinedMetadata.series', stored.series, 'a list');
  const {
    format: _format,
    formatVersion: _version,
    ...rest
  } = stored as unknown as ArtifactMetadata & {
    format: string;
    formatVersion: number;
  };
  const series = rest.series.map((one) => {
    if (!(one.scale > 0 && one.levelFloor > 0)) throw invalid(`scale of series "${one.id}"`, one.scale, 'above 0');
    return {
      ...withArrays(one),
      logScaleBySlot: floatsOf(one.logScaleBySlot),
      // Models made before the network was corrected know none.
      residualSums: floatsOf(one.residualSums ?? ''),
      hurdle: floatsOf(one.hurdle),
    };
  });
  if (rest.specialDays !== undefined) checkSpecialDays(rest.specialDays);
  return { ...rest, series, ...(rest.coldStart && { coldStart: withArrays(rest.coldStart) }) };
}

/** Arrays again, of the base64 they travel as. */
function withArrays<T extends Pick<SeriesModel, 'ridge' | 'effects' | 'scores'>>(stored: T): T {
  const scores = decodeBase64(String(stored.scores));
  return {
    ...stored,
    ridge: floatsOf(stored.ridge),
    effects: floatsOf(stored.effects),
    scores: new Uint16Array(scores.buffer, 0, scores.length >> 1),
  };
}

/** Numbers of the base64 they travel as. */
function floatsOf(text: unknown): Float32Array {
  const bytes = decodeBase64(String(text));
  return new Float32Array(bytes.buffer, 0, bytes.length >> 2);
}

function checkSpecialDays({ through, days }: SpecialDays): void {
  const isDate = (date: unknown) => typeof date === 'string' && Number.isFinite(dayNumber(date));
  if (!isDate(through)) throw invalid('specialDays.through', through, 'a date');
  if (!Array.isArray(days)) throw invalid('specialDays.days', days, 'a list');
  for (const { kind, name, dates } of days as SpecialDays['days']) {
    if (!['holiday', 'payday', 'event'].includes(kind))
      throw invalid(`kind of "${name}"`, kind, 'holiday, payday or event');
    if (!Array.isArray(dates) || !dates.every(isDate)) throw invalid(`dates of "${name}"`, dates, 'a list of dates');
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError('invalid-model', 'model.json is not JSON', { cause: error });
  }
}

function floatsAt(bytes: Uint8Array, at: number, size: number): Float32Array | null {
  if (at + 4 * size > bytes.length) return null;
  // Copied, because a view needs an offset that is a multiple of four.
  const values = new Float32Array(size);
  new Uint8Array(values.buffer).set(bytes.subarray(at, at + 4 * size));
  return values;
}

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function invalid(what: string, value: unknown, accepted: string): UserError {
  return new UserError('invalid-model', `invalid model: ${what} is ${String(value)}; expected ${accepted}`);
}
