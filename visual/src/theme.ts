import { contrast, groundOf, LEAST_CONTRAST, legible, MARK_COLOURS, mix } from '@tidemark/shared/palette';
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
  /** Of marks. */
  readonly severity: Readonly<Record<Severity, string>>;
  /** Of words and the signs beside them: small letters need more contrast than marks. */
  readonly severityWords: Readonly<Record<Severity, string>>;
}

/** The theme for the host's palette, with the author's colours where they chose any. */
export function createTheme(palette: powerbi.extensibility.ISandboxExtendedColorPalette, options: Options): Theme {
  const foreground = palette.foreground?.value ?? '#252423';
  const background = palette.background?.value ?? '#ffffff';
  if (palette.isHighContrast) return highContrastTheme(palette, foreground, background);
  const own = MARK_COLOURS[groundOf(background)];
  const { marks, words } = LEAST_CONTRAST;
  // What the author chose stays as it is; our own colours must be seen on any ground.
  const pick = (colour: Colour, fallback: string, least: number = marks) =>
    colour ?? legible(fallback, background, least);
  return {
    highContrast: false,
    foreground,
    background,
    muted: legible(mix(foreground, background, 0.38), background, words),
    faint: mix(foreground, background, 0.88),
    actual: pick(options.lines.actualColour, own.actual),
    forecast: pick(options.lines.forecastColour, own.forecast),
    band: pick(options.band.colour, own.band),
    ok: legible(own.ok, background, words),
    selected: foreground,
    maintenance: pick(options.maintenance.colour, own.maintenance),
    reference: pick(options.reference.colour, mix(foreground, background, 0.3)),
    link: legible(own.band, background, words),
    severity: bySeverity((severity) => pick(options.severity[`${severity}Colour`], own[severity])),
    severityWords: bySeverity((severity) => pick(options.severity[`${severity}Colour`], own[severity], words)),
  };
}

/** High contrast leaves the palette's few colours only; shape and pattern carry the rest. */
function highContrastTheme(
  palette: powerbi.extensibility.ISandboxExtendedColorPalette,
  foreground: string,
  background: string,
): Theme {
  const { marks, words } = LEAST_CONTRAST;
  // Two of Windows' own themes have dark blue on black: the palette's ink is the only other colour there is.
  const seen = (colour: string | undefined, least: number) =>
    colour !== undefined && contrast(colour, background) >= least ? colour : foreground;
  const selected = palette.foregroundSelected?.value;
  const link = palette.hyperlink?.value;
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
    selected: seen(selected, marks),
    maintenance: foreground,
    reference: seen(link, words),
    link: seen(link, words),
    severity: bySeverity(() => seen(selected, marks)),
    severityWords: bySeverity(() => seen(selected, words)),
  };
}
