import type { PaymentTables } from './tables.ts';

/** How a text column writes amounts. */
export type AmountFormat = NonNullable<PaymentTables['transactions']['amountFormat']>;

/** `1234.56`, what a text column holds unless configured otherwise. */
export const PLAIN_AMOUNT: AmountFormat = { decimal: '.', thousands: '', currency: '' };

/** Whether amounts are written as `PLAIN_AMOUNT` says, so that `1.234` is read as a number just above one. */
export function isPlainFormat({ decimal, thousands, currency }: AmountFormat): boolean {
  return decimal === '.' && thousands === '' && currency === '';
}

/** Apostrophes that exports put between thousands: the typewriter's and the typographic one. */
const APOSTROPHES = "'’";
/** Blanks that exports put into numbers: the plain one, no-break and narrow no-break. */
const BLANKS = ' \u00a0\u202f';

/**
 * Regular expression (RE2 and Joni alike, anchored) of the texts that are amounts in this format: a sign before or
 * after or parentheses, the currency before or after, thousands in groups of three
 * (in India of two before the last three) or not at all.
 */
export function amountPattern({ decimal, thousands, currency }: AmountFormat): string {
  const unit = currency === '' ? '' : `(${escaped(currency)})?[${BLANKS}]*`;
  const grouped =
    thousands === '' ? '' : `[0-9]{1,3}(${groupSign(thousands)}[0-9]{2,3})*${groupSign(thousands)}[0-9]{3}|`;
  const fraction = `(${escaped(decimal)}[0-9]+)`;
  const number = `((${grouped}[0-9]+)${fraction}?|${fraction})([eE][+]?[0-9]+)?`;
  return `^[-+−(]?[${BLANKS}]*${unit}[-+−]?${number}[${BLANKS}]*${unit}[-−)]?$`;
}

/** SQL for a text column's amount as plain decimal text; NULL where the cell is blank or no amount in this format. */
export function plainAmount(column: string, format: AmountFormat): string {
  const cell = `trim(CAST(${column} AS varchar))`;
  const { decimal, thousands, currency } = format;
  const bare = currency === '' ? cell : `replace(${cell}, ${literal(currency)}, '')`;
  const digits = `translate(${bare}, ${literal(`${thousands === "'" ? APOSTROPHES : thousands}()+-−${BLANKS}`)}, '')`;
  const plain = decimal === '.' ? digits : `replace(${digits}, ${literal(decimal)}, '.')`;
  const sign = `CASE WHEN regexp_like(${bare}, '[-−(]') THEN '-' ELSE '' END`;
  return `CASE WHEN regexp_like(${cell}, ${literal(amountPattern(format))}) THEN concat(${sign}, ${plain}) END`;
}

function groupSign(thousands: string): string {
  if (thousands === "'") return `[${APOSTROPHES}]`;
  return thousands === ' ' ? `[${BLANKS}]` : escaped(thousands);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, (sign) => `\\${sign}`);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
