import type { Severity } from './vocabulary.ts';

/** What is told apart by colour: what was, what was expected, whether all is well, and how bad an alarm is. */
export type MarkColours = Readonly<Record<'actual' | 'band' | 'forecast' | 'ok' | 'maintenance' | Severity, string>>;

/**
 * The colours of marks on a light and on a dark ground, for the visual and the dashboard around it. Calm water for
 * what was expected, ink for what happened; vermilion and amber keep apart from teal in hue and in lightness, also for
 * readers who do not see red against green.
 */
export const MARK_COLOURS: { readonly light: MarkColours; readonly dark: MarkColours } = {
  light: {
    actual: '#1d2b3a',
    band: '#2a7f9e',
    forecast: '#2a7f9e',
    ok: '#1c7a6b',
    maintenance: '#8a8f98',
    info: '#6a4fb0',
    warning: '#c77700',
    critical: '#b01212',
  },
  dark: {
    actual: '#eef3f7',
    band: '#5fb3d1',
    forecast: '#6fbdd8',
    ok: '#5cc7b2',
    maintenance: '#9aa1ab',
    info: '#a78bfa',
    warning: '#f0a53a',
    critical: '#ff5c5c',
  },
};

/** Least contrast of what is to be seen and of what is to be read, by WCAG 2 (1.4.11 and 1.4.3). */
export const LEAST_CONTRAST = { marks: 3, words: 4.5 } as const;

/** Which of the two palettes is for a ground: the one of the pole, black or white, that is further from it. */
export function groundOf(background: string): keyof typeof MARK_COLOURS {
  return contrast('#000000', background) > contrast('#ffffff', background) ? 'light' : 'dark';
}

/**
 * A colour that can be told from its ground: as it is where its contrast is enough, else moved towards black or white,
 * no further than needed.
 * @param least wanted contrast, from 1 to 21; where no colour has it, black or white is given.
 */
export function legible(colour: string, background: string, least: number): string {
  const pole = groundOf(background) === 'light' ? '#000000' : '#ffffff';
  for (let k = 0; k < STEPS; k++) {
    const moved = k === 0 ? colour : mix(colour, pole, k / STEPS);
    if (contrast(moved, background) >= least) return moved;
  }
  return pole;
}

const STEPS = 50;

/** Contrast of two colours by WCAG 2, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Red, green and blue of a `#rgb` or `#rrggbb` colour, each in [0, 255]; black for anything else. */
function channels(colour: string): [number, number, number] {
  const hex = /^#([0-9a-f]{6}|[0-9a-f]{3})/i.exec(colour.trim())?.[1] ?? '000000';
  const long = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
  return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16)) as [number, number, number];
}

/** Relative luminance by WCAG 2, in [0, 1]. */
function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** A colour on the way from `one` to `other`; `share` 0 is the first. */
export function mix(one: string, other: string, share: number): string {
  const [red, green, blue] = channels(one);
  const [otherRed, otherGreen, otherBlue] = channels(other);
  const blended = [
    red + (otherRed - red) * share,
    green + (otherGreen - green) * share,
    blue + (otherBlue - blue) * share,
  ];
  return `#${blended.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}
