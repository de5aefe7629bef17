import { UserError } from '../errors.ts';
import type { WatchState } from './watch.ts';

const MAGIC = 0x7761746368;
const VERSION = 3;
const HEADER_BYTES = 24;

/**
 * The state as bytes, for `decodeWatchState`: a few kilobytes, whatever the series has seen. Numbers keep every bit, so
 * that a watch goes on from decoded states as from the states themselves.
 * @example
 * const bytes = encodeWatchState(state);
 * watch.observe(decodeWatchState(bytes), observation);
 */
export function encodeWatchState(state: WatchState): Uint8Array {
  const arrays: Float64Array[] = [];
  const text = JSON.stringify(state, (_, value: unknown) => {
    if (!(value instanceof Float64Array)) return value;
    arrays.push(value);
    return { floats: value.length };
  });
  const floats = arrays.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + 8 * floats + 2 * text.length);
  const view = new DataView(bytes.buffer);
  [MAGIC, VERSION, floats].forEach((number, k) => {
    view.setFloat64(8 * k, number, true);
  });
  let at = HEADER_BYTES;
  for (const array of arrays) {
    for (const number of array) {
      view.setFloat64(at, number, true);
      at += 8;
    }
  }
  for (let k = 0; k < text.length; k++, at += 2) view.setUint16(at, text.charCodeAt(k), true);
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
  let text = '';
  for (let at = textAt; at + 1 < bytes.length; at += 2) text += String.fromCharCode(view.getUint16(at, true));
  let next = HEADER_BYTES;
  const read = (length: number) => {
    const array = Float64Array.from({ length }, (_, k) => view.getFloat64(next + 8 * k, true));
    next += 8 * length;
    return array;
  };
  const revive = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(revive);
    if (value === null || typeof value !== 'object') return value;
    if ('floats' in value) return read(Number(value.floats));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
  };
  try {
    const state = revive(JSON.parse(text)) as WatchState;
    if (next === textAt) return state;
  } catch {
    // A cut text or cut numbers: told below.
  }
  throw invalid('it is cut');
}
