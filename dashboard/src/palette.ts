import { MARK_COLOURS, type MarkColours } from '@tidemark/shared/palette';

export type Palette = MarkColours & Readonly<Record<'foreground' | 'background' | 'page' | 'muted' | 'faint', string>>;

/** The visual's own colours and the ground of the pages, so that cards, tables and charts beside it look alike. */
export const LIGHT: Palette = {
  ...MARK_COLOURS.light,
  foreground: '#252423',
  background: '#ffffff',
  page: '#f4f6f8',
  muted: '#5f6b76',
  faint: '#dfe4e9',
};

export const DARK: Palette = {
  ...MARK_COLOURS.dark,
  foreground: '#eef3f7',
  background: '#1b242d',
  page: '#11181f',
  muted: '#a7b3be',
  faint: '#34404c',
};

/**
 * Colours that measures and charts give, which do not know the theme that a report is seen in: read on the pages of the
 * light one (4.5 to 1), seen on those of the dark one (3 to 1).
 */
export const EITHER = {
  critical: '#d12a2a',
  warning: '#a36100',
  info: '#7a5fc4',
  ok: '#1c7a6b',
  muted: '#66727d',
  band: '#2a7f9e',
} as const;
