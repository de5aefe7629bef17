import { DIRECTIONS, SEVERITIES, type Severity, type WatchedSide, WORST_FIRST } from '@tidemark/shared/vocabulary';

/** Marker shapes an author may choose from. */
export const SHAPES = ['triangle', 'diamond', 'circle', 'square', 'cross'] as const;
export type Shape = (typeof SHAPES)[number];

/** How a line is drawn. */
export const LINE_STYLES = ['solid', 'dashed', 'dotted'] as const;
export type LineStyle = (typeof LINE_STYLES)[number];

/** Which side of the band alarms. */
export const SIDES = ['both', ...DIRECTIONS] as const;

/** `auto` picks thousands, millions or billions by the largest value in view. */
export const UNITS = ['auto', 'none', 'thousand', 'million', 'billion'] as const;
export type Units = (typeof UNITS)[number];

/** Which clock the rows of a model show; `auto` goes by the column's name and by the model's grid. */
export const CLOCKS = ['auto', 'utc', 'local'] as const;
export type Clock = (typeof CLOCKS)[number];

/**
 * Who judges: the severities the rows carry, or the visual with the settings of the format pane. `auto` is as served
 * until the author moves one of those settings, so that none of them is ever without effect.
 */
export const JUDGED = ['auto', 'served', 'here'] as const;
export type Judged = (typeof JUDGED)[number];

/** How several series are shown: a panel or a row of a table each; `auto` takes the table where panels would scroll. */
export const SERIES_LAYOUTS = ['auto', 'panels', 'table'] as const;
export type SeriesLayout = (typeof SERIES_LAYOUTS)[number];

/** Where the incidents are listed; `auto` is beside the chart where it is wide. */
export const LIST_PLACES = ['auto', 'beside', 'under', 'none'] as const;
export type ListPlace = (typeof LIST_PLACES)[number];

/** Where the legend is. */
export const LEGEND_PLACES = ['top', 'bottom'] as const;
export type LegendPlace = (typeof LEGEND_PLACES)[number];

/** Where the label of an alarm is; `auto` is on the side the value left. */
export const LABEL_PLACES = ['auto', 'above', 'below'] as const;
export type LabelPlace = (typeof LABEL_PLACES)[number];

/** A colour as CSS text, or `null` for the theme's own. */
export type Colour = string | null;

/** How the author wants each severity drawn: `criticalColour`, `criticalShape` and so on. */
export type SeverityLooks = Readonly<Record<`${Severity}Colour`, Colour> & Record<`${Severity}Shape`, Shape>>;

/** Shapes that an author has not chosen. */
const DEFAULT_SHAPES: Record<Severity, Shape> = { critical: 'triangle', warning: 'diamond', info: 'circle' };

/** What the format pane says, cleaned: every number in range, every choice one of those offered. */
export interface Options {
  readonly alarms: {
    readonly judged: Judged;
    /** Nominal coverage of the limits, in [0.8, 0.999]. */
    readonly coverage: number;
    readonly side: WatchedSide;
    /** Least distance outside the limit that counts, as a share of the limit; 0 counts all. */
    readonly minimumDeviation: number;
    /** Neighbouring buckets outside before an alarm is raised, ≥ 1. */
    readonly consecutive: number;
    readonly labels: boolean;
    readonly labelPlace: LabelPlace;
    readonly brackets: boolean;
    readonly shading: boolean;
    /** Does the coverage hold whatever the service judges by? */
    readonly fixed: boolean;
    /** May readers move the coverage? */
    readonly slider: boolean;
  };
  readonly severity: SeverityLooks & {
    /** Marker size in px across. */
    readonly size: number;
  };
  readonly freshness: {
    /** Buckets without data after which a status is no longer given; 0 = never. */
    readonly staleAfter: number;
    /** IANA zone of the rows' times; empty = found out. */
    readonly timeZone: string;
  };
  readonly header: {
    readonly show: boolean;
    /** Word and sign also while all is well; off where another part of the page tells the state of more than is drawn. */
    readonly calm: boolean;
    readonly recent: boolean /** px; 0 = by size. */;
    readonly fontSize: number;
  };
  readonly band: {
    readonly show: boolean;
    readonly colour: Colour;
    /** In [0, 1]. */
    readonly opacity: number;
    readonly edges: boolean;
    /** Are deviations drawn above the plot, in band widths? */
    readonly strip: boolean;
    readonly nested: boolean;
    /** Coverage of the inner band, in [0.8, 0.999]. */
    readonly nestedCoverage: number;
  };
  readonly lines: {
    readonly actualColour: Colour;
    readonly actualWidth: number;
    readonly actualStyle: LineStyle;
    readonly points: boolean;
    /** Is the week before drawn behind? */
    readonly lastWeek: boolean;
    readonly forecast: boolean;
    readonly forecastColour: Colour;
    readonly forecastWidth: number;
    readonly forecastStyle: LineStyle;
  };
  readonly axes: {
    readonly x: boolean;
    readonly y: boolean;
    readonly grid: boolean;
    readonly weekends: boolean;
    readonly fromZero: boolean;
    readonly minimum: number | null;
    readonly maximum: number | null;
    readonly title: string;
    readonly fontSize: number;
  };
  readonly numbers: {
    readonly units: Units /** −1 = automatic. */;
    readonly decimals: number;
    readonly dateFormat: string;
    /** CSS font family; empty = the visual's own. */
    readonly font: string;
  };
  readonly future: { readonly show: boolean /** Buckets beyond now; 0 = all there are. */; readonly buckets: number };
  readonly multiples: {
    readonly sharedScale: boolean;
    /** 0 = by size. */
    readonly columns: number;
    readonly alarmedFirst: boolean;
    readonly layout: SeriesLayout;
  };
  readonly incidents: { readonly place: ListPlace };
  readonly legend: { readonly show: boolean; readonly place: LegendPlace };
  readonly model: { readonly clock: Clock };
  readonly zoom: { readonly brush: boolean /** Days shown at first; 0 = all. */; readonly days: number };
  /** Days with a name, as `parseEvents` reads them. */
  readonly events: {
    readonly named: string;
    /** Are the days drawn that a model run here knows? */
    readonly model: boolean;
  };
  readonly maintenance: { readonly windows: string; readonly mute: boolean; readonly colour: Colour };
  readonly reference: {
    readonly show: boolean;
    readonly value: number | null;
    readonly label: string;
    readonly colour: Colour;
    readonly style: LineStyle;
  };
}

/** Colours and words an author has not chosen. */
export const DEFAULTS: Options = {
  alarms: {
    judged: 'auto',
    coverage: 0.99,
    side: 'both',
    minimumDeviation: 0,
    consecutive: 1,
    labels: true,
    labelPlace: 'auto',
    brackets: true,
    shading: true,
    fixed: false,
    slider: false,
  },
  severity: {
    ...looks(
      () => null,
      (severity) => DEFAULT_SHAPES[severity],
    ),
    size: 11,
  },
  freshness: { staleAfter: 3, timeZone: '' },
  header: { show: true, calm: true, recent: true, fontSize: 0 },
  band: { show: true, colour: null, opacity: 0.16, edges: true, strip: false, nested: false, nestedCoverage: 0.8 },
  lines: {
    actualColour: null,
    actualWidth: 1.75,
    actualStyle: 'solid',
    points: false,
    lastWeek: false,
    forecast: true,
    forecastColour: null,
    forecastWidth: 1.25,
    forecastStyle: 'dashed',
  },
  axes: {
    x: true,
    y: true,
    grid: true,
    weekends: false,
    fromZero: true,
    minimum: null,
    maximum: null,
    title: '',
    fontSize: 11,
  },
  numbers: { units: 'auto', decimals: -1, dateFormat: '', font: '' },
  future: { show: true, buckets: 0 },
  multiples: { sharedScale: false, columns: 0, alarmedFirst: true, layout: 'auto' },
  incidents: { place: 'auto' },
  legend: { show: true, place: 'top' },
  model: { clock: 'auto' },
  zoom: { brush: true, days: 14 },
  events: { named: '', model: true },
  maintenance: { windows: '', mute: true, colour: null },
  reference: { show: false, value: null, label: '', colour: null, style: 'dashed' },
};

/** Are the severities drawn as the rows carry them? */
export function drawsServed({ alarms }: Options, bound: ReadonlySet<string>): boolean {
  if (!bound.has('severity')) return false;
  if (alarms.judged !== 'auto') return alarms.judged === 'served';
  const usual = DEFAULTS.alarms;
  return (
    alarms.side === usual.side &&
    alarms.minimumDeviation === usual.minimumDeviation &&
    alarms.consecutive === usual.consecutive &&
    (alarms.coverage === usual.coverage || !bound.has('fan'))
  );
}

/** A value for each severity. */
export function bySeverity<T>(of: (severity: Severity) => T): Record<Severity, T> {
  return Object.fromEntries(SEVERITIES.map((severity) => [severity, of(severity)])) as Record<Severity, T>;
}

/** A colour and a shape for each severity under the names of the format pane, the worst first. */
export function looks<C, S>(
  colourOf: (severity: Severity) => C,
  shapeOf: (severity: Severity) => S,
): Record<`${Severity}Colour`, C> & Record<`${Severity}Shape`, S> {
  return Object.fromEntries(
    WORST_FIRST.flatMap((severity) => [
      [`${severity}Colour`, colourOf(severity)],
      [`${severity}Shape`, shapeOf(severity)],
    ]),
  ) as Record<`${Severity}Colour`, C> & Record<`${Severity}Shape`, S>;
}
