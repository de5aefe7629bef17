import {
  type AmountFormat,
  amountPattern,
  type Proposal,
  parseTimeFormat,
  type Shape,
} from '@tidemark/shared/warehouse';

/** What a column's cells look like, and the configuration that reads them. */
export interface FormatFinding {
  /** In words: samples, and what they are or why that is not known. */
  readonly says: string;
  /** Empty where nothing fits, or more than one thing does. */
  readonly proposals: readonly Proposal[];
}

/** Up to three different cells, in quotes. */
export function samplesOf(shapes: readonly Shape[]): string {
  // One of each form first: where no format reads them all, that is why.
  const cells = new Set((['least', 'most', 'other'] as const).flatMap((which) => shapes.map((shape) => shape[which])));
  return [...cells]
    .slice(0, 3)
    .map((cell) => JSON.stringify(cell))
    .join(', ');
}

const SIGNS: readonly Pick<AmountFormat, 'decimal' | 'thousands'>[] = [
  { decimal: '.', thousands: '' },
  { decimal: '.', thousands: ',' },
  { decimal: '.', thousands: ' ' },
  { decimal: '.', thousands: "'" },
  { decimal: ',', thousands: '' },
  { decimal: ',', thousands: '.' },
  { decimal: ',', thousands: ' ' },
  { decimal: ',', thousands: "'" },
  { decimal: '٫', thousands: '' },
  { decimal: '٫', thousands: '٬' },
  { decimal: '·', thousands: '' },
  { decimal: '·', thousands: ',' },
];

/** The format in which a text column writes amounts; cells without a digit are passed over. */
export function amountFormatOf(shapes: readonly Shape[]): FormatFinding {
  const numbers = shapes.filter(({ shape }) => /9/.test(shape));
  const units = new Set(
    numbers.map(({ shape }) => shape.replace(/[\d\s\u00a0\u202f.,'’٫٬·()+−-]/g, '')).filter((unit) => unit !== ''),
  );
  const samples = samplesOf(numbers);
  if (units.size > 1) {
    return {
      says: `amounts in more than one unit (${[...units].join(', ')}): ${samples}; keep one currency to a table`,
      proposals: [],
    };
  }
  const currency = [...units][0] ?? '';
  const fitting = SIGNS.map((signs) => ({ ...signs, currency })).filter((format) => {
    const pattern = new RegExp(amountPattern(format), 'u');
    return numbers.every(({ shape }) => pattern.test(shape));
  });
  const [format] = fitting;
  if (!format || numbers.length === 0) {
    return {
      says: `no number format reads them all: ${samples || samplesOf(shapes)}; set transactions.amountFormat and correct the other cells`,
      proposals: [],
    };
  }
  const whole = numbers.every(({ shape }) => !/[.,]/.test(shape));
  if (!whole && fitting.some(({ decimal }) => decimal !== format.decimal))
    return { says: ambiguousAmounts(samples), proposals: [] };
  return {
    says: `${samples}: set transactions.amountFormat to ${JSON.stringify(format)}`,
    proposals: [{ key: 'transactions.amountFormat', value: format }],
  };
}

/** What to say of amounts such as `1.234`, which are a thousand times more by another reading. */
export function ambiguousAmounts(samples: string): string {
  return `${samples}: whether the sign marks decimals or thousands is not to be seen; set transactions.amountFormat to {"decimal": ".", "thousands": ","} or {"decimal": ",", "thousands": "."}, or transactions.decimals to 3 for a currency with three`;
}

const DAY_FIRST =
  /^(9{1,2})([/.-])(9{1,2}|[A-Za-z]{3,9}[.]?)\2(9{4}|99)(?:(,? |T)(9{1,2}):99(:99([.,]9+)?)?([ \u00a0\u202f]?[AaPp][.]?[ \u00a0\u202f]?[Mm][.]?)?)?( ?[Zz]| ?[+-]99:?99)?$/;
const YEAR_FIRST = /^9{4}([/.-]?)99\1?99(?:([ T]?)99(:?)99(\3?99([.,]9+)?)?)?( ?[Zz]| ?[+-]99:?99)?$/;

/** How a column holds times; cells without a digit are passed over. */
export function timeFormatOf(shapes: readonly Shape[]): FormatFinding {
  const times = shapes.filter(({ shape }) => /9/.test(shape));
  const samples = samplesOf(times);
  const all = (pattern: RegExp) => times.length > 0 && times.every(({ shape }) => pattern.test(shape));
  const type = (value: string): FormatFinding => ({
    says: `${samples}: set transactions.time.type to ${value}`,
    proposals: [{ key: 'transactions.time.type', value }],
  });
  const epochs = new Set(times.map(epochOf));
  const [epoch] = epochs;
  if (epoch && epochs.size === 1) return type(epoch);
  if (all(/^9{4}-99-99[ T]99:99(:99([.]9+)?)?( ?Z| ?[+-]99:?99| UTC)$/)) return type('timestamptz');
  if (all(/^9{4}-99-99$/)) return type('date');
  if (all(/^9{4}[-/]99[-/]99[ T]99:99(:99([.]9+)?)?$/)) return type('timestamp');
  const formats = all(YEAR_FIRST) ? yearFirst(times) : all(DAY_FIRST) ? dayFirst(times) : [];
  const fitting = [...new Set(formats)].filter((format) => {
    const pattern = new RegExp(parseTimeFormat(format).pattern);
    return times.every(({ least, most }) => pattern.test(least) && pattern.test(most));
  });
  const [format] = fitting;
  if (!format) {
    return {
      says: `no time format reads them all: ${samples || samplesOf(shapes)}; set transactions.time.type and transactions.time.format`,
      proposals: [],
    };
  }
  if (fitting.length > 1) {
    return {
      says: `${samples}: which number is the day is not to be seen; set transactions.time to {"type": "text", "format": "${fitting[0]}"} or {"type": "text", "format": "${fitting[1]}"}`,
      proposals: [],
    };
  }
  return {
    says: `${samples}: set transactions.time to {"type": "text", "format": "${format}"}`,
    proposals: [
      { key: 'transactions.time.type', value: 'text' },
      { key: 'transactions.time.format', value: format },
    ],
  };
}

/** Digits before the point of the times of this century, as numbers since 1970. */
const EPOCH_DIGITS = new Map([
  [9, 'epoch-s'],
  [10, 'epoch-s'],
  [13, 'epoch-ms'],
  [16, 'epoch-us'],
  [19, 'epoch-ns'],
]);

/** The unit of numbers since 1970 of one shape; engines write large floating-point ones with an exponent (1.7E12). */
function epochOf({ shape, least, most }: Shape): string | undefined {
  if (!/^9+([.]9+)?([eE][+]?99)?$/.test(shape)) return undefined;
  const [unit, other] = [least, most].map((cell) => EPOCH_DIGITS.get(Math.floor(Math.log10(Number(cell))) + 1));
  return unit === other ? unit : undefined;
}

function yearFirst(times: readonly Shape[]): string[] {
  const [one] = times;
  const [, dash = '', between = '', colon = '', , , offset = ''] = YEAR_FIRST.exec(one?.shape ?? '') ?? [];
  const long = times.every(({ shape }) => shape.replace(/[^9]/g, '').length > 8);
  const clock = long
    ? `${between}HH${colon}mm${colon === '' && times.every(({ shape }) => shape.replace(/[^9]/g, '').length >= 14) ? 'ss' : ''}`
    : '';
  return [`YYYY${dash}MM${dash}DD${clock}${offset === '' ? '' : `${offset.startsWith(' ') ? ' ' : ''}Z`}`];
}

/** Day before month, month before day, or both where no number is above twelve. */
function dayFirst(times: readonly Shape[]): string[] {
  const [one] = times;
  const match = DAY_FIRST.exec(one?.shape ?? '');
  if (!match) return [];
  const [, , sign = '/', second = '', year = '', between = '', hour, , , half = '', offset = ''] = match;
  const named = /[A-Za-z]/.test(second);
  const clock =
    hour === undefined
      ? ''
      : `${between}${half === '' ? 'HH' : 'hh'}:mm${half === '' ? '' : `${/^\s/.test(half) ? ' ' : ''}A`}`;
  const rest = `${sign}${year.length === 4 ? 'YYYY' : 'YY'}${clock}${offset === '' ? '' : `${offset.startsWith(' ') ? ' ' : ''}Z`}`;
  if (named) return [`DD${sign}MMM${rest}`];
  const most = (of: 'first' | 'second') => Math.max(0, ...times.map((shape) => shape[of] ?? 0));
  return [
    ...(most('second') <= 12 ? [`DD${sign}MM${rest}`] : []),
    ...(most('first') <= 12 ? [`MM${sign}DD${rest}`] : []),
  ];
}
