import { UserError } from '../errors.ts';
import type { WatchState } from './watch.ts';

const MAGIC = 0x7761746368;
const VERSION = 4;
const HEADER_BYTES = 24;
/** Characters of a text that are decoded by one call: arguments have room on the stack. */
const CHARACTERS_AT_ONCE = 4_096;

/**
 * The state as bytes, for `decodeWatchState`: a few kilobytes, whatever the series has seen. Numbers keep every bit, so
 * that a watch goes on from decoded states as from the states themselves.
 * @example
 * const bytes = encodeWatchState(state);
 * watch.observe(decodeWatchState(bytes), observation);
 */
export function encodeWatchState(state: WatchState): Uint8Array {
  const arrays: Float64Array[] = [];
  const json = JSON.stringify(state, (_, value: unknown) => {
    if (!(value instanceof Float64Array)) return value;
    arrays.push(value);
    return { floats: value.length };
  });
  const text = escapeNonAscii(json);
  const length = arrays.reduce((sum, array) => sum + array.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + 8 * length + text.length);
  const floats = new Float64Array(length);
  let at = 0;
  for (const array of arrays) {
    floats.set(array, at);
    at += array.length;
  }
  const view = new DataView(bytes.buffer);
  [MAGIC, VERSION, length].forEach((number, k) => {
    view.setFloat64(8 * k, number, true);
  });
  bytes.set(new Uint8Array(floats.buffer), HEADER_BYTES);
  const textAt = HEADER_BYTES + 8 * length;
  for (let k = 0; k < text.length; k++) bytes[textAt + k] = text.charCodeAt(k);
  return bytes;
}

/**
 * The state that `encodeWatchState` wrote.
 * @throws UserError `invalid-state` when the bytes are no state, cut, or of another version.
 * @example
 * watch.observe(decodeWatchState(bytes), observation);
 */
export function decodeWatchState(bytes: Uint8Array): WatchState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const invalid = (why: string) =>
    new UserError('invalid-state', `invalid watch state: ${why}; rebuild it from history`);
  if (bytes.length < HEADER_BYTES || view.getFloat64(0, true) !== MAGIC) throw invalid('not a state');
  const version = view.getFloat64(8, true);
  if (version !== VERSION) throw invalid(`got v${version}, expected v${VERSION}`);
  const textAt = HEADER_BYTES + 8 * view.getFloat64(16, true);
  if (!(textAt < bytes.length)) throw invalid(`${bytes.length} bytes, expected more than ${textAt}`);
  // A copy, which `slice` of Node's Buffer is none.
  const floats = new Float64Array(Uint8Array.from(bytes.subarray(HEADER_BYTES, textAt)).buffer);
  try {
    const { state, used } = putArrays(JSON.parse(asciiText(bytes.subarray(textAt))) as Tree, floats);
    if (used === floats.length) return state;
  } catch {
    // A cut text or cut numbers: told below.
  }
  throw invalid('it is cut');
}

/** A parsed state whose arrays are still named by their lengths. */
interface Tree {
  [key: string]: unknown;
}

/** The tree as a state, changed in place: each `{ floats: length }` becomes the next numbers. */
function putArrays(tree: Tree, floats: Float64Array): { state: WatchState; used: number } {
  let used = 0;
  const put = (inside: Tree): void => {
    for (const key in inside) {
      const value = inside[key];
      if (value === null || typeof value !== 'object') continue;
      const { floats: length } = value as Tree;
      if (typeof length === 'number') {
        inside[key] = floats.slice(used, used + length);
        used += length;
      } else put(value as Tree);
    }
  };
  put(tree);
  return { state: tree as unknown as WatchState, used };
}

/** JSON of one byte a character: names of parts may hold any. */
function escapeNonAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function asciiText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_ONCE) {
    // Spreading would iterate, at several times the cost.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHARACTERS_AT_ONCE) as unknown as number[]);
  }
  return text;
}
