/** Typefaces of the visual, as `visual.less` gives them. */
export const FONT =
  "'Segoe UI', wf_segoe-ui_normal, Inter, system-ui, -apple-system, 'Helvetica Neue', Arial, sans-serif";

let used = FONT;

/** Measures from now on in an author's font family; empty for the visual's own. */
export function useFont(family: string): string {
  used = family === '' ? FONT : family;
  return used;
}

const widths = new Map<string, number>();

/** Forgets the widths measured: a font that has come since is not the one they were measured in. */
export function forgetWidths(): void {
  widths.clear();
}

let context: CanvasRenderingContext2D | null | undefined;

/**
 * Width of a text in px; an estimate where there is no canvas to measure with.
 * @param weight CSS font weight @param font CSS font family
 */
export function textWidth(words: string, fontSize: number, weight = 400, font = used): number {
  // Figures are set in columns, each as wide as a zero.
  const text = words.replaceAll(/\d/g, '0');
  const key = `${weight} ${font} ${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    context ??= typeof document === 'undefined' ? null : document.createElement('canvas').getContext('2d');
    if (context === null) width = 55 * text.length;
    else {
      context.font = `${weight} 100px ${font}`;
      ({ width } = context.measureText(text));
    }
    // Words come and go with the rows: the memory of them is bounded.
    if (widths.size > 2000) widths.clear();
    widths.set(key, width);
  }
  return (width * fontSize) / 100;
}

/** The text where it fits, else as much of its beginning as fits before an ellipsis. */
export function fitText(text: string, room: number, fontSize: number, weight = 400): string {
  if (textWidth(text, fontSize, weight) <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(cutAt(text, middle), fontSize, weight) <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : cutAt(text, low);
}

/** The beginning of a text and an ellipsis; no half of an emoji stays. */
function cutAt(text: string, length: number): string {
  const beginning = text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
  return `${beginning.trimEnd()}…`;
}
