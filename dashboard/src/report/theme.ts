import { DARK, LIGHT, type Palette } from '../palette.ts';

/** File names of the report's themes, by how they look. */
export const THEMES = { light: 'Tidemark-Light.json', dark: 'Tidemark-Dark.json' } as const;

/** The report theme of a palette: calm cards on a quiet page, the visual's own colours in its order of weight. */
function themeOf(name: string, palette: Palette): object {
  const solid = (color: string) => ({ solid: { color } });
  const text = { fontFamily: 'Segoe UI', color: palette.foreground };
  return {
    name,
    dataColors: [
      palette.band,
      palette.actual,
      palette.warning,
      palette.critical,
      palette.ok,
      palette.info,
      palette.muted,
    ],
    background: palette.background,
    foreground: palette.foreground,
    backgroundLight: palette.page,
    backgroundNeutral: palette.faint,
    tableAccent: palette.band,
    good: palette.ok,
    neutral: palette.warning,
    bad: palette.critical,
    maximum: palette.band,
    center: palette.faint,
    minimum: palette.warning,
    textClasses: {
      callout: { ...text, fontSize: 20 },
      title: { ...text, fontSize: 11 },
      header: { ...text, fontSize: 11 },
      label: { ...text, color: palette.muted, fontSize: 10 },
    },
    visualStyles: {
      '*': {
        '*': {
          background: [{ show: true, color: solid(palette.background), transparency: 0 }],
          border: [{ show: true, color: solid(palette.faint), radius: 6, width: 1 }],
          title: [{ fontColor: solid(palette.muted), fontSize: 10, bold: false, heading: 'Heading3' }],
        },
      },
      page: {
        '*': {
          background: [{ color: solid(palette.page), transparency: 0 }],
          outspace: [{ color: solid(palette.page), transparency: 0 }],
        },
      },
      actionButton: {
        '*': {
          fill: [{ show: true, fillColor: solid(palette.background), transparency: 0 }],
          text: [{ show: true, fontColor: solid(palette.band), fontSize: 10 }],
        },
      },
      lineChart: {
        '*': {
          legend: [{ show: true, position: 'Top' }],
          categoryAxis: [{ showAxisTitle: false }],
          valueAxis: [{ showAxisTitle: false, gridlineColor: solid(palette.faint) }],
        },
      },
      clusteredColumnChart: {
        '*': {
          legend: [{ show: true, position: 'Top' }],
          categoryAxis: [{ showAxisTitle: false }],
          valueAxis: [{ showAxisTitle: false, gridlineColor: solid(palette.faint) }],
        },
      },
      tableEx: {
        '*': {
          columnHeaders: [{ fontColor: solid(palette.muted), backColor: solid(palette.background), bold: false }],
          values: [
            {
              fontColorPrimary: solid(palette.foreground),
              backColorPrimary: solid(palette.background),
              fontColorSecondary: solid(palette.foreground),
              backColorSecondary: solid(palette.page),
            },
          ],
          grid: [{ gridVertical: false, gridHorizontal: true, gridHorizontalColor: solid(palette.faint) }],
        },
      },
    },
  };
}

/** The theme files by name. Each names itself as the report refers to it: under another name it is not loaded. */
export function themeFiles(): Map<string, object> {
  return new Map([
    [THEMES.light, themeOf(THEMES.light, LIGHT)],
    [THEMES.dark, themeOf(THEMES.dark, DARK)],
  ]);
}
