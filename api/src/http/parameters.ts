import { z } from '@hono/zod-openapi';
import { FAN_COVERAGES } from '@tidemark/shared/forecasting';
import { LANGUAGES, listed } from '@tidemark/shared/vocabulary';

/** Query parameters that several routes share, each checked and described once. */

const lowest = Math.min(...FAN_COVERAGES);
const highest = Math.max(...FAN_COVERAGES);

const numberText = /^-?\d+(\.\d+)?$/;

function numberBetween(min: number, max: number, what: string) {
  return z
    .string()
    .regex(numberText, `expected a number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected a number from ${min} to ${max}`)
    .openapi({ type: 'number', minimum: min, maximum: max, description: what });
}

function countBetween(min: number, max: number, what: string) {
  return z
    .string()
    .regex(/^\d{1,9}$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected a whole number from ${min} to ${max}`)
    .openapi({ type: 'integer', minimum: min, maximum: max, description: what });
}

/** One of a list of words; the error lists them. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `expected ${listed(words)}` });
}

/** An instant as an address has it, in epoch milliseconds; `what` says what it picks out. */
export const instant = (what: string) =>
  z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], {
      error: 'expected an ISO 8601 instant such as 2026-03-01T14:00:00Z, or a date',
    })
    .transform((text) => Date.parse(text))
    .openapi({ type: 'string', format: 'date-time', description: `${what}; a date is its midnight in UTC` });

const ids = { error: 'expected up to 1,000 ids of 1 to 200 characters' };
const id = z.string().min(1, ids).max(200, ids);
export const seriesParameter = z
  .union([id, z.array(id).max(1_000, ids)], ids)
  .transform((one) => (Array.isArray(one) ? one : [one]))
  .openapi({
    type: 'array',
    items: { type: 'string' },
    description: 'Id of a series; may be repeated. Without it, all.',
  });

export const coverageParameter = numberBetween(lowest, highest, 'Coverage of the band');
export const horizonParameter = countBetween(1, 96, 'Buckets ahead; without it, the smallest there is');
export const stateDaysParameter = countBetween(
  0,
  84,
  'Days before their newest bands at which the states stand; without it 40, for readers with six weeks of actuals',
);
export const limitParameter = (max: number, otherwise = max) =>
  countBetween(1, max, `Rows at most; without it ${otherwise.toLocaleString('en')}`);
export const formatParameter = oneOf(['json', 'csv']).openapi({ description: 'Without it, by the Accept header' });
export const languageParameter = oneOf(LANGUAGES).openapi({
  description: 'Language of sentences; without it, by the Accept-Language header',
});
export const cursorParameter = z
  .string()
  .max(400)
  .openapi({ description: '`<bucket_start>|<series>` of the last row of the page before' });
