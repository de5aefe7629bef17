import { type AlarmRules, checkedRules } from '../../detection/rules.ts';
import { UserError } from '../../errors.ts';
import type { Artifact } from '../../forecasting/artifact.ts';
import type { SeriesState } from '../../forecasting/forecaster/forecaster.ts';
import { decodeState, encodeState, isOfAnotherRelease } from '../../forecasting/forecaster/state.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { checksum } from './checksum.ts';
import { type ArtifactFiles, artifactFiles, parseArtifact } from './files.ts';
import { otherVersion } from './other-version.ts';

const MAGIC = 'tidemark-model';
const FORMAT_VERSION = 2;
const VERSION = `v${FORMAT_VERSION}`;
/** More than the first two lines have. */
const HEAD_CHARACTERS = 2_000;

/** What a model text holds: the model, and what a service that lends it knows beside it. */
export interface ModelFile {
  readonly artifact: Artifact;
  /** The rules that the service judges by; `null`: nobody said. */
  readonly rules: AlarmRules | null;
  /** Series as they stood at some bucket, for whoever forecasts on from there. */
  readonly states: readonly SeriesState[];
}

/**
 * A model as one ASCII text, for places that carry text only (an HTTP body, a table, a column of a dashboard). Lines:
 * `tidemark-model v2 <crc32 of the rest>`; JSON of the rules and the number of states; `model.json`; `weights.bin` in
 * base64; each state in base64.
 * @example
 * const text = encodeModel(artifact, { rules: DEFAULT_RULES });
 * decodeModel(text).rules; // DEFAULT_RULES
 */
export function encodeModel(artifact: Artifact, { rules = null, states = [] }: Partial<ModelFile> = {}): string {
  const { modelJson, weights } = artifactFiles(artifact);
  const lines = [
    JSON.stringify({ rules, states: states.length }),
    escapeNonAscii(modelJson),
    encodeBase64(weights),
    ...states.map((state) => encodeBase64(encodeState(state))),
  ];
  const sum = checksum(...lines.flatMap((line) => [line, '\n']));
  return [`${MAGIC} ${VERSION} ${sum}`, ...lines, ''].join('\n');
}

/**
 * Reads what `encodeModel` wrote; line ends may have become CRLF on the way.
 * @throws UserError `invalid-model-text` when it is no model text, cut or damaged; `unsupported-model-version`
 * when another version wrote it; `invalid-model` or `invalid-rules` when what is inside is wrong.
 */
export function decodeModel(text: string): ModelFile {
  const { files, head, states } = readModelText(text);
  return {
    artifact: parseArtifact(files),
    rules: rulesOf(head),
    // Those of another release are left out: whoever forecasts on begins with the rows at hand.
    states: states
      .map(decodeBase64)
      .filter((state) => !isOfAnotherRelease(state))
      .map(decodeState),
  };
}

/** The lines of a model text, its checksum checked, none of them read. */
interface ModelLines {
  readonly head: string;
  readonly files: ArtifactFiles;
  readonly states: readonly string[];
}

/**
 * The parts of a model text, unread.
 * @throws UserError `invalid-model-text` when it is no model text, cut or damaged; `unsupported-model-version`.
 */
export function readModelText(text: string): ModelLines {
  const unified = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
  const end = unified.indexOf('\n');
  const [magic, version, promised] = unified.slice(0, Math.max(end, 0)).split(' ');
  if (magic !== MAGIC) {
    throw new UserError('invalid-model-text', `invalid model text; it does not begin with "${MAGIC} ${VERSION}"`);
  }
  if (version !== VERSION) throw otherVersion('model text', String(version).slice(1), FORMAT_VERSION);
  const rest = unified.slice(end + 1).trimEnd();
  const found = checksum(rest, '\n');
  if (found !== promised) {
    throw new UserError(
      'invalid-model-text',
      `damaged model text; its checksum is ${found}, its first line says ${promised}`,
    );
  }
  const [head = '', modelJson = '', weights = '', ...states] = rest.split('\n');
  return { head, files: { modelJson, weights: decodeBase64(weights) }, states };
}

/**
 * The rules that a model text carries, read without the model; `null` where there are none.
 * @throws UserError `invalid-rules` when they make no sense.
 */
export function rulesInModel(text: string): AlarmRules | null {
  const [first = '', head = ''] = text.slice(0, HEAD_CHARACTERS).split(/\r?\n/, 2);
  return first.startsWith(`${MAGIC} ${VERSION} `) ? rulesOf(head) : null;
}

function rulesOf(head: string): AlarmRules | null {
  let rules: AlarmRules | null | undefined;
  try {
    rules = JSON.parse(head).rules;
  } catch (cause) {
    throw new UserError('invalid-model-text', 'invalid model text; its second line is not JSON', { cause });
  }
  return rules ? checkedRules(rules) : null;
}

function escapeNonAscii(text: string): string {
  return text.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
