/** The visual's own colours (`visual/src/theme.ts`), so that cards, tables and charts beside it speak alike. */
export const LIGHT = {
  foreground: '#252423',
  background: '#ffffff',
  page: '#f4f6f8',
  muted: '#5f6b76',
  faint: '#dfe4e9',
  actual: '#1d2b3a',
  band: '#2a7f9e',
  ok: '#1c7a6b',
  info: '#6a4fb0',
  warning: '#c77700',
  critical: '#b01212',
} as const;

export type Palette = Readonly<Record<keyof typeof LIGHT, string>>;

export const DARK: Palette = {
  foreground: '#eef3f7',
  background: '#1b242d',
  page: '#11181f',
  muted: '#a7b3be',
  faint: '#34404c',
  actual: '#eef3f7',
  band: '#5fb3d1',
  ok: '#5cc7b2',
  info: '#a78bfa',
  warning: '#f0a53a',
  critical: '#ff5c5c',
};
