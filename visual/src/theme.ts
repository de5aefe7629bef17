import { MARK_COLOURS } from '@tidemark/shared/palette';
import type { Severity } from '@tidemark/shared/vocabulary';
import type powerbi from 'powerbi-visuals-api';
import { bySeverity, type Colour, type Options } from './options.ts';

/** Every colour the picture uses. */
export interface Theme {
  readonly highContrast: boolean;
  readonly foreground: string;
  readonly background: string;
  /** Axis text and other quiet words. */
  readonly muted: string;
  /** Gridlines and rules. */
  readonly faint: string;
  readonly actual: string;
  readonly forecast: string;
  readonly band: string;
  readonly ok: string;
  readonly selected: string;
  readonly maintenance: string;
  readonly reference: string;
  /** What leads out of the report. */
  readonly link: string;
  readonly severity: Readonly<Record<Severity, string>>;
}

/** The theme for the host's palette, with the author's colours where they chose any. */
export function createTheme(palette: powerbi.extensibility.ISandboxExtendedColorPalette, options: Options): Theme {
  const foreground = palette.foreground?.value ?? '#252423';
  const background = palette.background?.value ?? '#ffffff';
  if (palette.isHighContrast) return highContrastTheme(palette, foreground, background);
  const own = luminance(background) < 0.25 ? MARK_COLOURS.dark : MARK_COLOURS.light;
  const pick = (colour: Colour, fallback: string) => colour ?? fallback;
  return {
    highContrast: false,
    foreground,
    background,
    muted: mix(foreground, background, 0.38),
    faint: mix(foreground, background, 0.88),
    actual: pick(options.lines.actualColour, own.actual),
    forecast: pick(options.lines.forecastColour, own.forecast),
    band: pick(options.band.colour, own.band),
    ok: own.ok,
    selected: foreground,
    maintenance: pick(options.maintenance.colour, own.maintenance),
    reference: pick(options.reference.colour, mix(foreground, background, 0.3)),
    link: own.band,
    severity: bySeverity((severity) => pick(options.severity[`${severity}Colour`], own[severity])),
  };
}

/** High contrast leaves the palette's few colours only; shape and pattern carry the rest. */
function highContrastTheme(
  palette: powerbi.extensibility.ISandboxExtendedColorPalette,
  foreground: string,
  background: string,
): Theme {
  const selected = palette.foregroundSelected?.value ?? foreground;
  return {
    highContrast: true,
    foreground,
    background,
    muted: foreground,
    faint: mix(foreground, background, 0.7),
    actual: foreground,
    forecast: foreground,
    band: foreground,
    ok: foreground,
    selected,
    maintenance: foreground,
    reference: palette.hyperlink?.value ?? foreground,
    link: palette.hyperlink?.value ?? foreground,
    severity: bySeverity(() => selected),
  };
}

/** Red, green and blue of a `#rgb` or `#rrggbb` colour, each in [0, 255]; black for anything else. */
function channels(colour: string): [number, number, number] {
  const hex = /^#([0-9a-f]{6}|[0-9a-f]{3})/i.exec(colour.trim())?.[1] ?? '000000';
  const long = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
  return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16)) as [number, number, number];
}

/** Relative luminance by WCAG 2, in [0, 1]. */
export function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** A colour on the way from `one` to `other`; `share` 0 is the first. */
export function mix(one: string, other: string, share: number): string {
  const from = channels(one);
  const to = channels(other);
  const blended = from.map((channel, k) => Math.round(channel + ((to[k] as number) - channel) * share));
  return `#${blended.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
