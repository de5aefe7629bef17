import { z } from 'zod';

/** Longest name of a series, in UTF-16 code units. */
const LONGEST = 200;

/** Control and format characters: invisible, and some of them turn the text around them. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** Nothing but characters that show nothing. */
const BLANK = /^[\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\s\u2800]*$/u;

/**
 * What is wrong with a text as a name, as the end of a sentence; `null` if nothing is.
 *
 * @example
 * nameFault('shop') // null
 * nameFault(' shop') // 'expected no blanks at its beginning or end'
 */
export function nameFault(text: string): string | null {
  if (!isWellFormed(text)) return 'expected whole characters: it holds half of a surrogate pair';
  if (BLANK.test(text)) return 'expected at least one character that is not blank';
  if (text.length > LONGEST) return `expected at most ${LONGEST} characters`;
  if (text.trim() !== text) return 'expected no blanks at its beginning or end';
  if (CONTROL.test(text)) return 'expected no control characters';
  return null;
}

/**
 * The same text for names that people would take for the same: equal but for case, blanks or Unicode form.
 *
 * @example
 * foldName('Café  Nord') === foldName('CAFE\u0301 nord') // true
 */
export function foldName(name: string): string {
  // Upper case first: `ß` and `SS` are the same name.
  const folded = name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
  return folded
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

const HALF_PAIR = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Whether a text has a form in UTF-8, which half of a surrogate pair has not. */
export function isWellFormed(text: string): boolean {
  return text.search(HALF_PAIR) < 0;
}

/** The text with U+FFFD for each half of a surrogate pair. */
export function toWellFormed(text: string): string {
  return text.replace(HALF_PAIR, '\ufffd');
}

/** A name of a series or client: whole characters, not blank, without blanks around it and control characters in it. */
export const nameSchema = z
  .string()
  .min(1)
  .max(LONGEST)
  .superRefine((text, context) => {
    const fault = nameFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });
