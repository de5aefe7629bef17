import { trueMinus } from '@tidemark/shared/detection';
import type { Language } from '@tidemark/shared/vocabulary';

/** Amount from which an estimate is told without what is less than one. */
const LARGE = 1000;

/** The text of an amount of money. */
export type AmountText = (amount: number) => string;

/**
 * Gives texts of amounts for people, grouped from thousands on, with a minus as typographers set it and none at what is
 * rounded to zero.
 * @param decimals of the currency, where amounts are exact; `null` where they are estimates.
 * @example
 * amountText('es', 2)(-1234.5); // '−1.234,50'
 */
export function amountText(language: Language, decimals: number | null): AmountText {
  const formatOf = (digits: number) =>
    new Intl.NumberFormat(language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      useGrouping: 'always',
      signDisplay: 'negative',
    });
  const [small, large] = [formatOf(decimals ?? 2), formatOf(decimals ?? 0)];
  return (amount) => trueMinus((Math.abs(amount) < LARGE ? small : large).format(amount));
}

/** An amount with its sign, above zero as well. */
export function signedAmount(amount: number, text: AmountText): string {
  const plain = text(amount);
  return amount > 0 && text(-amount) !== plain ? `+${plain}` : plain;
}
