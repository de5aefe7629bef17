import { UserError } from '../../errors.ts';
import type { Artifact } from '../../forecasting/artifact.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { asciiBytes, crc32, hex8 } from './crc32.ts';
import { type ArtifactFiles, artifactFiles, parseArtifact } from './files.ts';

const MAGIC = 'tidemark-model';
const VERSION = 'v1';

/**
 * An artifact as one ASCII text, for places that carry text only (an HTTP body, a column of a dashboard):
 * a first line `tidemark-model v1 <crc32 of the rest>`, then model.json on one line, then weights.bin in base64.
 */
export function encodeArtifact(artifact: Artifact): string {
  const { modelJson, weights } = artifactFiles(artifact);
  const rest = `${escapeNonAscii(modelJson)}\n${encodeBase64(weights)}\n`;
  return `${MAGIC} ${VERSION} ${hex8(crc32(asciiBytes(rest)))}\n${rest}`;
}

/**
 * Reads what `encodeArtifact` wrote.
 * @throws UserError `invalid-model-text` when it is no model text, cut or damaged; `unsupported-model-version`
 * when another version wrote it; `invalid-model` when what is inside is wrong.
 */
export function decodeArtifact(text: string): Artifact {
  return parseArtifact(readModelText(text));
}

/**
 * The two files in a model's text, unread.
 * @throws UserError `invalid-model-text` when it is no model text, cut or damaged; `unsupported-model-version`.
 */
export function readModelText(text: string): ArtifactFiles {
  const unified = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
  const end = unified.indexOf('\n');
  const [magic, version, checksum] = unified.slice(0, Math.max(end, 0)).split(' ');
  if (magic !== MAGIC) {
    throw new UserError('invalid-model-text', `invalid model text; it does not begin with "${MAGIC} ${VERSION}"`);
  }
  if (version !== VERSION) {
    throw new UserError('unsupported-model-version', `model text: got ${version}, expected ${VERSION}`);
  }
  const rest = `${unified.slice(end + 1).trimEnd()}\n`;
  const found = hex8(crc32(asciiBytes(rest)));
  if (found !== checksum) {
    throw new UserError(
      'invalid-model-text',
      `damaged model text; its checksum is ${found}, its first line says ${checksum}`,
    );
  }
  const [modelJson = '', weights = ''] = rest.split('\n');
  return { modelJson, weights: decodeBase64(weights) };
}

function escapeNonAscii(text: string): string {
  return text.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
