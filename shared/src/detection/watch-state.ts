import { UserError } from '../errors.ts';
import type { WatchState } from './watch.ts';

const MAGIC = 0x7761746368;
const VERSION = 11;
const HEADER_BYTES = 24;
/** Characters of a text that are decoded by one call: arguments have room on the stack. */
const CHARACTERS_AT_ONCE = 4_096;
/** Numbers that there is room for at first: enough for a state of two dimensions. */
const ROOM = 2_048;
/** Forms that are remembered: states differ in form only by what stands against their series. */
const FORMS_KEPT = 16;

/**
 * The state as bytes, for `decodeWatchState`: a few kilobytes, whatever the series has seen. Numbers keep every bit, so
 * that a watch goes on from decoded states as from the states themselves.
 *
 * All numbers come first, in the order of the state's fields, then the state's form: its JSON with 0 in a number's place,
 * and with its length in that of an array of numbers (−1 where that is empty).
 * @example
 * const bytes = encodeWatchState(state);
 * watch.observe(decodeWatchState(bytes), observation);
 */
export function encodeWatchState(state: WatchState): Uint8Array {
  const numbers: Numbers = { all: new Float64Array(ROOM), used: 0 };
  const text = escapeNonAscii(formOf(state, numbers));
  const textAt = HEADER_BYTES + 8 * numbers.used;
  const bytes = new Uint8Array(textAt + text.length);
  const view = new DataView(bytes.buffer);
  [MAGIC, VERSION, numbers.used].forEach((number, k) => {
    view.setFloat64(8 * k, number, true);
  });
  bytes.set(new Uint8Array(numbers.all.buffer, 0, 8 * numbers.used), HEADER_BYTES);
  for (let k = 0; k < text.length; k++) bytes[textAt + k] = text.charCodeAt(k);
  return bytes;
}

/** The form of a value as JSON; its numbers are added to `numbers`. */
function formOf(value: unknown, numbers: Numbers): string {
  if (typeof value === 'number') {
    grow(numbers, 1);
    numbers.all[numbers.used++] = value;
    return '0';
  }
  if (value instanceof Float64Array) {
    grow(numbers, value.length);
    numbers.all.set(value, numbers.used);
    numbers.used += value.length;
    return String(value.length || EMPTY);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one) => formOf(one, numbers)).join()}]`;
  let text = '';
  for (const key of Object.keys(value)) {
    const inside = (value as Record<string, unknown>)[key];
    if (inside !== undefined) text += `${text === '' ? '' : ','}"${key}":${formOf(inside, numbers)}`;
  }
  return `{${text}}`;
}

/** Makes room for more numbers. */
function grow(numbers: Numbers, more: number): void {
  const { all, used } = numbers;
  if (used + more <= all.length) return;
  numbers.all = new Float64Array(2 * (used + more));
  numbers.all.set(all);
}

const EMPTY = -1;

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
  // One copy for all arrays of the state, which are views of it.
  const numbers: Numbers = {
    all: new Float64Array(new Uint8Array(bytes.subarray(HEADER_BYTES, textAt)).buffer),
    used: 0,
  };
  try {
    const state = builderOf(bytes.subarray(textAt))(numbers) as WatchState;
    if (numbers.used === numbers.all.length) return state;
  } catch {
    // A cut text: told below.
  }
  throw invalid('it is cut');
}

/** Numbers of a state, and how many of them have found their place. */
interface Numbers {
  all: Float64Array;
  used: number;
}

/** Makes a value of a form from its numbers. */
type Builder = (numbers: Numbers) => unknown;

/** Builders by their form's text, newest last. */
const builders: { readonly text: Uint8Array; readonly build: Builder }[] = [];

/** @throws SyntaxError where the text is no form. */
function builderOf(text: Uint8Array): Builder {
  const known = builders.findLast((one) => isEqual(one.text, text));
  if (known) return known.build;
  const build = compile(JSON.parse(asciiText(text)));
  if (builders.length >= FORMS_KEPT) builders.shift();
  builders.push({ text: new Uint8Array(text), build });
  return build;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function compile(form: unknown): Builder {
  if (form === 0) return (numbers) => numbers.all[numbers.used++]!;
  if (typeof form === 'number') {
    const length = form === EMPTY ? 0 : form;
    return (numbers) => {
      numbers.used += length;
      return numbers.all.subarray(numbers.used - length, numbers.used);
    };
  }
  if (form === null || typeof form !== 'object') return () => form;
  if (Array.isArray(form)) {
    const items = form.map(compile);
    return (numbers) => items.map((build) => build(numbers));
  }
  const fields = Object.entries(form).map(([key, field]) => ({ key, build: compile(field) }));
  // A copy has its fields in their places; adding them one by one takes twice as long.
  const empty = Object.fromEntries(fields.map(({ key }) => [key, undefined as unknown]));
  return (numbers) => {
    const built = { ...empty };
    for (const { key, build } of fields) built[key] = build(numbers);
    return built;
  };
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
