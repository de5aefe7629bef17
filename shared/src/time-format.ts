import { UserError } from './errors.ts';

interface Token {
  readonly text: string;
  /** Regular expression of what it stands for, one group. */
  readonly pattern: string;
  readonly part: TimePart;
}

/** What a token of a format stands for. */
export type TimePart =
  | 'year'
  | 'shortYear'
  | 'month'
  | 'monthName'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'half'
  | 'offset';

/** Blanks of which spreadsheets and browsers write one for another, the ones that do not break a line before AM and PM. */
const BLANKS = ' \u00a0\u202f';

const TOKENS: readonly Token[] = [
  { text: 'YYYY', pattern: '([0-9]{4})', part: 'year' },
  { text: 'YY', pattern: '([0-9]{2})', part: 'shortYear' },
  { text: 'MMM', pattern: '([A-Za-z]{3})[a-z]*[.]?', part: 'monthName' },
  { text: 'MM', pattern: '([0-9]{1,2})', part: 'month' },
  { text: 'DD', pattern: '([0-9]{1,2})', part: 'day' },
  { text: 'HH', pattern: '([0-9]{1,2})', part: 'hour' },
  { text: 'hh', pattern: '([0-9]{1,2})', part: 'hour' },
  { text: 'M', pattern: '([0-9]{1,2})', part: 'month' },
  { text: 'D', pattern: '([0-9]{1,2})', part: 'day' },
  { text: 'H', pattern: '([0-9]{1,2})', part: 'hour' },
  { text: 'h', pattern: '([0-9]{1,2})', part: 'hour' },
  { text: 'mm', pattern: '([0-9]{2})', part: 'minute' },
  { text: 'ss', pattern: '([0-9]{2}([.,][0-9]+)?)', part: 'second' },
  { text: 'A', pattern: `([AaPp])[.${BLANKS}]*[Mm][.]?`, part: 'half' },
  { text: 'Z', pattern: '(Z|[+-][0-9]{2}:?[0-9]{2})', part: 'offset' },
];

/** A format of times in text, taken apart. */
export interface TimeFormat {
  /** Regular expression of the texts in this format, anchored. */
  readonly pattern: string;
  /** Group of each part in `pattern`, from 1. */
  readonly groups: ReadonlyMap<TimePart, number>;
}

/**
 * Takes a format such as `DD/MM/YYYY HH:mm` apart. Tokens: `YYYY YY MM MMM DD HH mm ss A Z` (`A` is AM or PM, `Z` an
 * offset such as `+02:00`); anything else stands for itself. Seconds may follow `mm` though the format has none.
 * @throws UserError `invalid-time-format` where year, month or day is missing or a part comes twice.
 */
export function parseTimeFormat(format: string): TimeFormat {
  const groups = new Map<TimePart, number>();
  let pattern = '';
  let group = 0;
  for (let rest = format; rest !== ''; ) {
    const token = TOKENS.find(({ text }) => rest.startsWith(text));
    if (!token) {
      const literal = rest.charAt(0);
      pattern += /[A-Za-z0-9]/.test(literal) ? literal : `[${literal === ' ' ? BLANKS : escaped(literal)}]`;
      rest = rest.slice(1);
      continue;
    }
    if (groups.has(token.part)) throw invalid(format, `${token.text} comes twice`);
    groups.set(token.part, ++group);
    pattern += token.pattern;
    if (token.part === 'second') group++;
    rest = rest.slice(token.text.length);
    if (token.part === 'minute' && !format.includes('ss')) {
      pattern += '(:([0-9]{2}([.,][0-9]+)?))?';
      groups.set('second', group + 2);
      group += 3;
    }
  }
  const has = (...parts: TimePart[]) => parts.some((part) => groups.has(part));
  if (!has('year', 'shortYear')) throw invalid(format, 'it has no year');
  if (!has('month', 'monthName')) throw invalid(format, 'it has no month');
  if (!has('day')) throw invalid(format, 'it has no day');
  if (has('half') && !has('hour')) throw invalid(format, 'it has no hour');
  return { pattern: `^${pattern}$`, groups };
}

function invalid(format: string, why: string): UserError {
  return new UserError(
    'invalid-time-format',
    `invalid format of times: ${why}: ${format}; accepted are YYYY YY MM MMM DD HH mm ss A Z and what stands between them`,
  );
}

function escaped(sign: string): string {
  return /[\\^\]]/.test(sign) ? `\\${sign}` : sign;
}
