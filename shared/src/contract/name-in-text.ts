/** Blocks of scripts that run from right to left, by Unicode's DerivedBidiClass.txt, and the marks that turn a line around. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Marks that would end the isolate early, or reach beyond it. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * A name as a part of a text: one written from right to left is set apart, so that the figures and signs beside it keep
 * their order; any other stays as it is. Source: Unicode Standard Annex #9, isolates (FSI and PDI).
 *
 * @example
 * nameInText('shop 24/7') // 'shop 24/7'
 * nameInText('متجر') // '\u2068متجر\u2069'
 */
export function nameInText(name: string): string {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name.replaceAll(TURNING, '')}\u2069` : name;
}
