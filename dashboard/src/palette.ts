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
