import { pastOf } from './headline.ts';
import type { Options } from './options.ts';
import { textWidth } from './text-width.ts';
import type { ViewModel } from './view-model.ts';
import { sentenceOf, type Translate } from './words.ts';

/** Where everything goes, in px. */
export interface Layout {
  /** Too small for axes: a status and a sparkline. */
  readonly tiny: boolean;
  readonly headline: { readonly show: boolean; readonly fontSize: number; readonly height: number };
  readonly recent: { readonly show: boolean; readonly height: number };
  /** Sentences on what is wrong or to be known, below the header. */
  readonly notices: { readonly show: boolean; readonly height: number };
  /** Room kept free for the tools, at the right of the header. */
  readonly tools: number;
  /** The line that leads back to what was shown before. */
  readonly back: { readonly show: boolean; readonly height: number };
  /** The slider by which readers move the coverage of the range. */
  readonly sensitivity: { readonly show: boolean; readonly height: number };
  /** Are the series rows of a table in place of panels? */
  readonly overview: boolean;
  /** The list of incidents: a column at the right of the chart or a strip below it. */
  readonly list: { readonly place: 'beside' | 'under' | 'none'; readonly width: number; readonly height: number };
  readonly legend: { readonly show: boolean; readonly height: number };
  readonly brush: { readonly show: boolean; readonly height: number };
  /** How many series have a panel, the first ones; a tile that is too small for all has the most urgent one. */
  readonly panels: number;
  readonly columns: number;
  readonly rows: number;
  readonly panel: { readonly width: number; readonly height: number };
  /** Room for the words of the time axis, below the lowest panels; 0 for none. */
  readonly axis: number;
  /** Height of all panels and the axis; more than fits scrolls. */
  readonly chartHeight: number;
  /** Height left for the chart. */
  readonly room: number;
}

/** Space around everything. */
export const EDGE = 10;
const LEAST_PANEL = 84;
/** Width of three tools and the gap before them. */
const TOOLS_ROOM = 80;
const MOST_NOTICE_LINES = 4;
/** Height of one of them and the gap below the last, in px; `visual.less` sets both. */
const NOTICE_LINE = 16;
const NOTICE_GAP = 4;

/** Room for something, in px. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Divides a viewport between header, legend, panels and brush; what does not fit is left out, least needed first. */
export function layOut(
  { width, height }: Size,
  view: Pick<ViewModel, 'panels' | 'notices' | 'sensitivity' | 'source'>,
  { options, translate }: { readonly options: Options; readonly translate: Translate },
  shown: Shown = { canGoBack: false, listAsked: null, isOpen: false },
): Layout {
  const panels = view.panels.length;
  const tiny = width < 240 || height < 130;
  const inner = Math.max(0, width - 2 * (tiny ? 4 : EDGE));
  const fontSize = options.header.fontSize > 0 ? options.header.fontSize : headlineSize(width, height, tiny);
  const headline = {
    show: options.header.show,
    fontSize,
    height: options.header.show ? Math.round(fontSize * 1.45) : 0,
  };
  const { header } = options;
  const recentShown =
    header.show && header.recent && pastOf(view, header.calm) !== 'unsaid' && width >= 300 && height >= 210;
  const recent = { show: recentShown, height: recentShown ? 19 : 0 };
  const noticeRows = tiny || height < 150 ? 0 : noticeLines(view, inner, translate);
  const notices = { show: noticeRows > 0, height: NOTICE_LINE * noticeRows };
  const back = { show: shown.canGoBack && !tiny, height: shown.canGoBack && !tiny ? 22 : 0 };
  const hasSlider = view.sensitivity !== null && width >= 360 && height >= 210;
  const sensitivity = { show: hasSlider, height: hasSlider ? 24 : 0 };
  const edge = tiny ? 4 : EDGE;
  const belowNotices = notices.show ? NOTICE_GAP : 0;
  const above = headline.height + recent.height + notices.height + belowNotices + back.height + sensitivity.height;
  const below = Math.max(0, height - 2 * edge - above);
  const legendRoom = options.legend.show && !tiny && width >= 380 && height >= 250 ? 22 : 0;
  const brushRoom = options.zoom.brush && !tiny && width >= 360 && height >= 280 ? 40 : 0;
  const overview =
    panels > 1 && !tiny && isOverview(panels, inner, Math.max(0, below - legendRoom - brushRoom), options);
  const legend = { show: legendRoom > 0 && !overview, height: overview ? 0 : legendRoom };
  const brush = { show: brushRoom > 0 && !overview, height: overview ? 0 : brushRoom };
  const list =
    tiny || overview ? NO_LIST : listFor({ width, height: Math.max(0, below - legend.height) }, view, options, shown);
  const room = Math.max(0, below - legend.height - brush.height - list.height);
  const chartWidth = inner - list.width;
  const rowsOf = (count: number) => Math.max(1, Math.ceil(count / columnsOf(count)));
  const columnsOf = (count: number) => columnsFor(count, chartWidth, room, options.multiples.columns);
  const drawn = tiny && isCrowded(rowsOf(panels), room) ? 1 : panels;
  const [columns, rows] = [columnsOf(drawn), rowsOf(drawn)];
  const axis = axisRoom(room, tiny, options);
  const fitting = (room - axis) / rows;
  const panelHeight = rows === 1 ? fitting : Math.max(fitting, LEAST_PANEL);
  return {
    tiny,
    headline,
    recent,
    notices,
    tools: tiny ? 0 : TOOLS_ROOM,
    back,
    sensitivity,
    overview,
    list,
    legend,
    brush,
    panels: drawn,
    columns,
    rows,
    panel: { width: chartWidth / columns, height: panelHeight },
    axis,
    chartHeight: panelHeight * rows + axis,
    room,
  };
}

/** What the reader has asked for. */
interface Shown {
  /** Is there something to go back to? */
  readonly canGoBack: boolean;
  /** Whether the reader wants the incidents listed; `null` where they have not said. */
  readonly listAsked: boolean | null;
  /** Is an incident open, whose details stand in the list? */
  readonly isOpen: boolean;
}

const NO_LIST = { place: 'none', width: 0, height: 0 } as const;
const LIST_WIDTH = 300;
const LIST_HEIGHT = 132;

/** Room for the list of incidents: beside a wide chart, below a tall one, where somebody wants it there. */
function listFor(
  { width, height }: Size,
  { panels }: Pick<ViewModel, 'panels'>,
  { incidents: { place } }: Options,
  { listAsked, isOpen }: Shown,
): Layout['list'] {
  const isWide = width >= 640;
  const isTall = height >= 300;
  const isWorthIt = width >= 1100 && panels.length === 1 && panels.some(({ series }) => series.incidents.length > 0);
  const wanted = listAsked ?? (place === 'auto' ? isWorthIt || isOpen : place !== 'none');
  if (!wanted || (!isWide && !isTall)) return NO_LIST;
  const isBeside = place === 'under' ? !isTall : isWide;
  return isBeside
    ? { place: 'beside', width: Math.min(LIST_WIDTH, Math.round(0.4 * width)), height: 0 }
    : { place: 'under', width: 0, height: Math.min(LIST_HEIGHT, Math.round(0.4 * height)) };
}

/** Are rows of a table shown: where the author says so, or where panels would not fit? */
function isOverview(panels: number, width: number, room: number, { multiples, ...options }: Options): boolean {
  if (multiples.layout !== 'auto') return multiples.layout === 'table';
  const rows = Math.ceil(panels / columnsFor(panels, width, room, multiples.columns));
  return isCrowded(rows, room - axisRoom(room, false, options));
}

/** Do several rows of panels not fit into a height? */
function isCrowded(rows: number, height: number): boolean {
  return rows > 1 && height / rows < LEAST_PANEL;
}

function axisRoom(room: number, tiny: boolean, { axes }: Pick<Options, 'axes'>): number {
  return axes.x && !tiny && room > 70 ? axes.fontSize + 11 : 0;
}

/** Lines the notices take at 12 px, each sentence on a line of its own. */
function noticeLines({ notices }: Pick<ViewModel, 'notices'>, width: number, translate: Translate): number {
  const lines = notices.map((notice) =>
    Math.ceil(textWidth(sentenceOf(notice, translate), 12) / Math.max(1, 0.96 * width)),
  );
  return Math.min(
    MOST_NOTICE_LINES,
    lines.reduce((sum, count) => sum + count, 0),
  );
}

function headlineSize(width: number, height: number, tiny: boolean): number {
  if (tiny) return Math.max(9, Math.min(15, width / 10.5, height / 3.6));
  return Math.max(14, Math.min(44, width / 30, height / 13));
}

/** As many columns as give panels about twice as wide as high. */
function columnsFor(panels: number, width: number, height: number, wished: number): number {
  if (panels <= 1) return 1;
  const fits = Math.max(1, Math.floor(width / 190));
  if (wished > 0) return Math.min(wished, panels, Math.max(1, Math.floor(width / 110)));
  let best = 1;
  let distance = Number.POSITIVE_INFINITY;
  for (let columns = 1; columns <= Math.min(panels, fits); columns++) {
    const ratio = width / columns / (Math.max(height, 1) / Math.ceil(panels / columns));
    const away = Math.abs(Math.log(ratio / 2));
    if (away < distance) [best, distance] = [columns, away];
  }
  return best;
}
