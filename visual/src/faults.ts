import type powerbi from 'powerbi-visuals-api';
import type { Phrase } from './words.ts';

/** Something wrong by construction with what is bound. */
export interface Fault {
  /** The sentence, which names the well and what to change. */
  readonly phrase: Phrase;
  /** Does no verdict rest on such rows? */
  readonly blocks: boolean;
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

/** Rows whose Lower limit is above their Upper limit; where most are, the wells are exchanged. */
export function invertedFault(count: number, rows: number): Fault[] {
  if (count === 0) return [];
  return [{ phrase: { key: 'Fault_Inverted', values: [String(count)] }, blocks: 2 * count >= rows }];
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
