import { z } from 'zod';
import { LOSS_CAUSES } from '../vocabulary.ts';

const units = z.int();
const sales = z.strictObject({ attempts: z.number(), approved: z.number(), gross: z.number(), refunds: z.number() });

/** Why an incident is one, as `GET /v1/alarms/{id}` gives it. `money` is in minor units of the currency and adds up exactly. */
export const alarmExplanation = z.strictObject({
  /** Decimals of the currency: `money` ÷ 10^decimals is in its units. */
  decimals: z.int(),
  /** Over the incident's buckets. */
  seen: sales,
  expected: sales,
  /** Net money seen less net money expected. */
  money: units,
  /** What each cause brought (positive) or cost; they add up to `money`. */
  causes: z.array(z.strictObject({ cause: z.enum(LOSS_CAUSES), money: units })),
  /** `parts` carry it, or it lies `everywhere` alike, `outside` the dimensions, or it is `unclear` where. */
  where: z.enum(['parts', 'everywhere', 'outside', 'unclear']),
  /** At most three. */
  parts: z.array(
    z.strictObject({
      elements: z.array(z.strictObject({ dimension: z.string(), value: z.string() })),
      /** Approved sales. */
      observed: z.number(),
      expected: z.number(),
      money: units,
      /** Of `money`; null where the whole went the other way. */
      share: z.number().nullable(),
      surprise: z.number(),
    }),
  ),
  /** Of each dimension the values that moved most, and the rest as `…`; they add up to `money` less that of refunds. */
  dimensions: z.array(
    z.strictObject({
      dimension: z.string(),
      values: z.array(z.strictObject({ value: z.string(), observed: z.number(), expected: z.number(), money: units })),
    }),
  ),
  /** What a reader has to know to trust it. */
  remarks: z.array(z.strictObject({ remark: z.string(), about: z.string() })),
});

/** What the warehouse said of an alarm by columns that are not counted in every cycle, as it was asked once. */
export const alarmColumns = z.strictObject({
  /** When the part of the alarm ended that was asked about, UTC. */
  until: z.iso.datetime(),
  columns: z.array(
    z.strictObject({
      column: z.string(),
      /** What the values are counted by. */
      counts: z.enum(['attempts', 'declines']),
      /** Those that it shows in most, at most three; none where it shows in no value of the column. */
      values: z.array(
        z.strictObject({
          value: z.string(),
          observed: z.number(),
          /** Median of the same hours of the weeks before. */
          expected: z.number(),
          /** Of all that is missing, or too much. */
          share: z.number(),
        }),
      ),
    }),
  ),
  /** Why there is no answer, in words for people; null where there is one, and while it has not come. */
  failure: z.string().nullable(),
});

/** The answer of the warehouse about an alarm. */
export type AlarmColumns = z.infer<typeof alarmColumns>;

/** The explanation of an alarm. */
export type AlarmExplanation = z.infer<typeof alarmExplanation>;
