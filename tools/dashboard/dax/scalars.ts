import { Moment } from '../m/values.ts';
import type { Cell } from '../tables.ts';
import { formatCell } from './format.ts';
import type { Session } from './scope.ts';
import { compare, numberOf, textOf } from './values.ts';

type Args = readonly Cell[];
type Scalar = (args: Args, session: Session) => Cell;

const text = (args: Args, k: number) => textOf(args[k] ?? null);
const number = (args: Args, k: number) => numberOf(args[k] ?? null);
const onNumber =
  (compute: (value: number) => number): Scalar =>
  ([value = null]) =>
    value === null ? null : compute(numberOf(value));

/** A part of a path `a|b|c`, counted from one. */
const parts = (path: string) => (path === '' ? [] : path.split('|'));

function find(args: Args, fold: (part: string) => string): Cell {
  const from = args[2] === undefined || args[2] === null ? 1 : number(args, 2);
  const found = fold(text(args, 1)).indexOf(fold(text(args, 0)), from - 1);
  if (found >= 0) return found + 1;
  if (args[3] === undefined) throw new Error('the text to find was not found');
  return args[3];
}

/** DAX functions that take values and give one, as documented by Microsoft. */
export const SCALARS: Readonly<Record<string, Scalar>> = {
  ABS: onNumber(Math.abs),
  BLANK: () => null,
  CONTAINSSTRING: (args) => text(args, 0).toLowerCase().includes(text(args, 1).toLowerCase()),
  DIVIDE: ([a = null, b = null, otherwise = null]) =>
    b === null || numberOf(b) === 0 ? otherwise : a === null ? null : numberOf(a) / numberOf(b),
  FALSE: () => false,
  FIND: (args) => find(args, (part) => part),
  FORMAT: (args, { culture }) => {
    // Without a locale the language of the model decides, not the one of who looks.
    const locale = args[2] === undefined || args[2] === null ? 'en-US' : text(args, 2);
    if (locale !== 'en-US' && !/^[a-z]{2}-[A-Z]{2}$/.test(locale)) throw new Error(`no locale: ${locale} (${culture})`);
    return formatCell(args[0] ?? null, text(args, 1), locale);
  },
  INT: onNumber(Math.floor),
  ISBLANK: ([value = null]) => value === null,
  LEFT: (args) => text(args, 0).slice(0, args[1] === undefined ? 1 : number(args, 1)),
  LEN: (args) => text(args, 0).length,
  LOWER: (args) => text(args, 0).toLowerCase(),
  MID: (args) => text(args, 0).slice(number(args, 1) - 1, number(args, 1) - 1 + number(args, 2)),
  NOT: ([value = null]) => value === null || numberOf(value) === 0,
  PATHITEM: (args) => parts(text(args, 0))[number(args, 1) - 1] ?? null,
  PATHLENGTH: (args) => (text(args, 0) === '' ? null : parts(text(args, 0)).length),
  ROUND: (args) => {
    const [value = null] = args;
    return value === null
      ? null
      : Math.sign(numberOf(value)) *
          (Math.round(Math.abs(numberOf(value)) * 10 ** number(args, 1)) / 10 ** number(args, 1));
  },
  SUBSTITUTE: (args) => text(args, 0).replaceAll(text(args, 1), text(args, 2)),
  TRUE: () => true,
  UNICHAR: (args) => String.fromCodePoint(number(args, 0)),
  UPPER: (args) => text(args, 0).toUpperCase(),
  USERCULTURE: (_, { culture }) => culture,
  USERPRINCIPALNAME: (_, { user }) => user,
  UTCNOW: (_, { nowMs }) => new Moment('datetime', nowMs),
};

/** The least or greatest of values as DAX orders them; blanks are left out. */
export function extreme(cells: readonly Cell[], sign: 1 | -1): Cell {
  let best: Cell = null;
  for (const cell of cells) {
    if (cell !== null && (best === null || sign * compare(cell, best) > 0)) best = cell;
  }
  return best;
}
