import type powerbi from 'powerbi-visuals-api';
import { wordReader } from './word-reader.ts';
import type { Phrase } from './words.ts';

/** Something wrong by construction with what is bound. */
export interface Fault {
  /** The sentence, which names the well and what to change. */
  readonly phrase: Phrase;
  /** Does no verdict rest on such rows? */
  readonly blocks: boolean;
  /** Is it of no consequence where the visual judges by itself? */
  readonly onlyServed?: boolean;
}

/** Wells that hold amounts. */
const AMOUNTS = ['actual', 'forecast', 'lower', 'upper'] as const;

/**
 * What is wrong with the amounts bound: text in their place, which is never judged, and wells without any value, of
 * which only an empty Actual and a range without both limits leave nothing to judge.
 */
export function faultsOf(values: powerbi.DataViewValueColumns | undefined): Fault[] {
  const faults: Fault[] = [];
  const isEmpty = (role: string) => {
    const columns = (values ?? []).filter((column) => column.source.roles?.[role]);
    const some = columns.some((column) => column.values.length > 0);
    return some && columns.every((column) => column.values.every(isBlank));
  };
  for (const role of [...AMOUNTS, 'references'] as const) {
    const columns = (values ?? []).filter((column) => column.source.roles?.[role]);
    const text = columns.map((column) => column.values.find(isUnreadableText)).find((found) => found !== undefined);
    if (text !== undefined) {
      const phrase = { key: 'Fault_Text', values: [`@Role_${role}`, String(text).slice(0, 40)] };
      faults.push({ phrase, blocks: role !== 'references' });
    } else if (isEmpty(role)) {
      const blocks = role === 'actual' || (role === 'lower' && isEmpty('upper'));
      faults.push({ phrase: { key: 'Fault_Empty', values: [`@Role_${role}`] }, blocks });
    }
  }
  return faults;
}

/** What authors write for no alarm, where nothing is what is read as such. */
const NOTHING = /^(none|no|ok|normal)$/i;

/**
 * Wells of words that hold others than they read, by an example. Where no row says a severity that can be read, its
 * absence is no verdict.
 * @param words those each well reads
 */
export function wordFaults(
  values: powerbi.DataViewValueColumns | undefined,
  words: Readonly<Record<string, readonly string[]>>,
): Fault[] {
  return Object.entries(words).flatMap(([role, accepted]): Fault[] => {
    const columns = (values ?? []).filter((column) => column.source.roles?.[role]);
    const wordIn = wordReader(accepted);
    const isForeign = (value: unknown) =>
      !isBlank(value) && wordIn(value) === null && !NOTHING.test(String(value).trim());
    const foreign = columns.map((column) => column.values.find(isForeign)).find((found) => found !== undefined);
    if (foreign === undefined) return [];
    const isAnyRead = columns.some((column) => column.values.some((value) => wordIn(value) !== null));
    const phrase = {
      key: 'Fault_Words',
      values: [`@Role_${role}`, String(foreign).slice(0, 40), accepted.join(', ')],
    };
    return [{ phrase, blocks: role === 'severity' && !isAnyRead, onlyServed: true }];
  });
}

/** No field for the time, or no row at all. */
export function missingFault(bound: ReadonlySet<string>, rows: number): Fault[] {
  if (bound.size === 0) return [];
  if (!bound.has('time')) return [{ phrase: { key: 'Fault_NoTime' }, blocks: true }];
  return rows === 0 ? [{ phrase: { key: 'Empty_Filtered' }, blocks: false }] : [];
}

/** Rows whose Lower limit is above their Upper limit; where most are, the wells are exchanged. */
export function invertedFault(count: number, rows: number): Fault[] {
  if (count === 0) return [];
  return [{ phrase: { key: 'Fault_Inverted', values: [String(count)] }, blocks: 2 * count >= rows }];
}

/** Rows left out because another of their series has the same time, as where date and hour are bound as two fields. */
export function repeatedFault(count: number, rows: number): Fault[] {
  if (count === 0) return [];
  const phrase = { key: 'Fault_Repeated', values: [String(count), '@Role_time'] };
  return [{ phrase, blocks: count >= rows }];
}

/** What cannot be read in the Time well, by an example. */
export function timeFault(values: readonly unknown[], unreadable: number): Fault[] {
  if (unreadable === 0) return [];
  const count = String(unreadable);
  const example = values.find((value) => typeof value === 'number' || (typeof value === 'string' && value !== ''));
  if (example === undefined) return [{ phrase: { key: 'Notice_UnreadableTimes', values: [count] }, blocks: false }];
  const key = typeof example === 'number' ? 'Fault_TimeNumber' : 'Fault_TimeText';
  return [{ phrase: { key, values: [count, String(example).slice(0, 40)] }, blocks: true }];
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function isUnreadableText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && !Number.isFinite(Number(value));
}
