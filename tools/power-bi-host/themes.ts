/** The report themes the host page can play. */
export const THEMES = {
  light: { foreground: '#252423', background: '#ffffff' },
  dark: { foreground: '#f3f2f1', background: '#1b1f27' },
  contrast: {
    highContrast: true,
    foreground: '#ffffff',
    background: '#000000',
    foregroundSelected: '#1aebff',
    hyperlink: '#ffff00',
  },
} as const;
