import { UserError } from '../../errors.ts';
import type { SeriesState } from '../../forecasting/forecaster/forecaster.ts';
import { decodeState, encodeState } from '../../forecasting/forecaster/state.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { asciiBytes, crc32, hex8 } from './crc32.ts';

const MAGIC = 'tidemark-bundle';
const VERSION = 'v1';

/** A model's text with the states of series, for whoever forecasts on elsewhere. */
export interface ModelBundle {
  /** As `encodeArtifact` writes it. */
  readonly model: string;
  readonly states: readonly SeriesState[];
}

/**
 * A model and states as one ASCII text: `tidemark-bundle v1 <crc32 of the rest> <number of states>`, then each state in
 * base64 on a line of its own, then the model's text.
 */
export function encodeBundle({ model, states }: ModelBundle): string {
  const lines = states.map((state) => `${encodeBase64(encodeState(state))}\n`);
  const rest = `${lines.join('')}${model}`;
  return `${MAGIC} ${VERSION} ${hex8(crc32(asciiBytes(rest)))} ${states.length}\n${rest}`;
}

/**
 * Reads what `encodeBundle` wrote. A text that is no bundle is taken for the model alone, without states.
 * @throws UserError `invalid-bundle` when it is cut or damaged; `unsupported-bundle-version` for another version.
 */
export function decodeBundle(text: string): ModelBundle {
  if (!text.startsWith(`${MAGIC} `)) return { model: text, states: [] };
  const unified = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
  const end = unified.indexOf('\n');
  const [, version, checksum, count] = unified.slice(0, Math.max(0, end)).split(' ');
  if (version !== VERSION)
    throw new UserError('unsupported-bundle-version', `model bundle: got ${version}, expected ${VERSION}`);
  const rest = `${unified.slice(end + 1).trimEnd()}\n`;
  const found = hex8(crc32(asciiBytes(rest)));
  if (found !== checksum)
    throw new UserError(
      'invalid-bundle',
      `damaged model bundle; its checksum is ${found}, its first line says ${checksum}`,
    );
  const states: SeriesState[] = [];
  let at = 0;
  for (let index = 0; index < Number(count); index++) {
    const next = rest.indexOf('\n', at);
    states.push(decodeState(decodeBase64(rest.slice(at, next))));
    at = next + 1;
  }
  return { model: rest.slice(at), states };
}
