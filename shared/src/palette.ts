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
