import { UserError } from '../errors.ts';
import { FAN_COVERAGES, type Fan } from '../forecasting/calibration/fan.ts';

/**
 * A number for the wire: seven significant digits, which is more than any forecast is good for, as short as JSON
 * writes it and never with a thousands separator or a decimal comma. Rounding keeps order, so limits still nest.
 */
export function wireNumber(value: number): number {
  return Number(value.toPrecision(7));
}

/** Text of a fan: `median|lower,lower,…|upper,upper,…` with limits in the order of `FAN_COVERAGES`. */
export function encodeFan(fan: Fan): string {
  return `${wireNumber(fan.median)}|${fan.lower.map(wireNumber).join(',')}|${fan.upper.map(wireNumber).join(',')}`;
}

/** The fan that `encodeFan` wrote; `null` unless there is a median and one finite limit per coverage on either side. */
export function parseFan(text: string): Fan | null {
  const [median = '', lower = '', upper = '', ...more] = text.split('|');
  const fan = {
    median: numberOf(median),
    lower: lower.split(',').map(numberOf),
    upper: upper.split(',').map(numberOf),
  };
  const whole = [fan.lower, fan.upper].every(
    (limits) => limits.length === FAN_COVERAGES.length && limits.every(Number.isFinite),
  );
  return more.length === 0 && Number.isFinite(fan.median) && whole ? fan : null;
}

/**
 * Reads what `encodeFan` wrote.
 * @throws UserError `invalid-fan` where `parseFan` finds none.
 */
export function decodeFan(text: string): Fan {
  const fan = parseFan(text);
  if (fan !== null) return fan;
  throw new UserError(
    'invalid-fan',
    `invalid fan text; not median|${FAN_COVERAGES.length} limits|${FAN_COVERAGES.length} limits: ${text}`,
  );
}

function numberOf(text: string): number {
  return text === '' ? Number.NaN : Number(text);
}
