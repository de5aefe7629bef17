import { moreTail, normalTail } from './tails.ts';
import { LEAST_KNOWN, type TicketState, usualTicket } from './ticket.ts';

/** Before any is known, one refund comes on so many sales. */
const SALES_A_REFUND = 50;
/** Relative standard deviation of the refunds in a bucket beyond chance: they are done together. */
const REFUNDS_VARY = 0.5;
/** Ratio of the numbers of refunds that are tried, at most. */
const NEXT_NUMBER = 1.25;

/**
 * −ln of the chance of so much money given back in a bucket: that of the likeliest number of refunds which come to it, each
 * as large as sales are. A few are large: where amounts vary, one alone may come to several usual ones (subexponential
 * tails, Embrechts, Klüppelberg & Mikosch 1997, 1.3). 0 where too few sales are known.
 * @param back money given back, > 0.
 * @param share of what is sold that usually is given back.
 * @param sales in a bucket, on average over the week.
 */
export function refundsTail(state: TicketState, back: number, share: number, sales: number): number {
  if (state.sales < LEAST_KNOWN) return 0;
  const { mean, variance } = usualTicket(state);
  const size = Math.exp(mean + variance / 2);
  const expected = ((share * state.sales + 1) / (state.sales + SALES_A_REFUND)) * sales;
  const spread = expected + (REFUNDS_VARY * expected) ** 2;
  const larger = (amount: number) => normalTail((mean - Math.log(amount)) / Math.sqrt(variance));
  let least = Number.POSITIVE_INFINITY;
  for (let number = 1; ; number = Math.ceil(number * NEXT_NUMBER)) {
    const rest = back - (number - 1) * size;
    const sizes = rest <= size ? Math.LN2 : Math.min(number * larger(back / number), Math.LN2 + larger(rest));
    least = Math.min(least, moreTail(number, expected, spread) + sizes);
    if (rest <= size) return least;
  }
}
