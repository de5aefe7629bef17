import { EITHER } from '../palette.ts';
import { column, type Field, type Filter, measure, titled } from './fields.ts';
import { colour, formatting, literal } from './literals.ts';

/** Left, top, width and height, in px of the page. */
export type Place = readonly [x: number, y: number, width: number, height: number];

/** One visual of a page, in this project's own words. */
export interface Visual {
  /** Unique on its page; the name of its folder. */
  readonly name: string;
  /** Power BI's name of the visual; `tidemark` stands for the packaged one. */
  readonly type: string;
  readonly place: Place;
  /** Place in the phone layout, 324 px wide; left out where the phone does without. */
  readonly phone?: Place;
  /** Formatting objects that the phone has instead. */
  readonly phoneObjects?: Readonly<Record<string, readonly object[]>>;
  /** Measure that gives what is shown above it, in the language of the person who looks; left out, there is no title. */
  readonly title?: Field;
  /** What a person who cannot see it should know it is. */
  readonly altText: string;
  /** Fields by well. */
  readonly wells?: Readonly<Record<string, readonly Field[]>>;
  readonly filters?: readonly Filter[];
  /** Fields of its filter pane with nothing chosen; bookmarks choose. */
  readonly choices?: readonly Field[];
  readonly sort?: { readonly field: Field; readonly direction: 'Ascending' | 'Descending' };
  /** Formatting objects of the visual itself. */
  readonly objects?: Readonly<Record<string, readonly object[]>>;
  /** Formatting objects of its frame, beside title and alternative text. */
  readonly frame?: Readonly<Record<string, readonly object[]>>;
}

type Common = Pick<Visual, 'name' | 'place' | 'altText'> & Partial<Visual>;

/** Stands for the GUID of the packaged visual until the report is written. */
export const TIDEMARK = 'tidemark';

/** How the band visual is set. */
export interface BandOptions {
  /** Days that it shows at first. */
  readonly days: number;
  readonly plain?: boolean;
  /** How several series are shown, however many there are; unless given, panels while there is room for them. */
  readonly seriesAs?: 'panels' | 'table';
  /** With what came in a week before as a line of reference. */
  readonly weekBefore?: boolean;
}

/**
 * The band visual over the bands table, with the report's own tooltip page; `plain`: without words and strip, and
 * without the limits at every coverage, which only the slider of the words needs.
 */
export function bandVisual(options: BandOptions, common: Common): Visual {
  const { days, plain = false, seriesAs, weekBefore = false } = options;
  return {
    type: TIDEMARK,
    wells: {
      time: [column('Bands', 'Bucket start', 'Time')],
      actual: [measure('Actual')],
      series: [column('Series', 'Series')],
      forecast: [measure('Forecast')],
      lower: [measure('Min')],
      upper: [measure('Max')],
      severity: [measure('Bucket severity', 'Severity')],
      reason: [measure('Bucket reason', 'Reason')],
      direction: [measure('Bucket side', 'Side')],
      rules: [measure('Alarm rules in force', 'Rules')],
      state: [measure('Bucket state', 'State')],
      link: [measure('Bucket page', 'Page')],
      ...(weekBefore ? { references: [measure('Week before')] } : {}),
      ...(plain ? {} : { fan: [measure('Bucket fan', 'Fan')] }),
      tooltips: [measure('Deviation %')],
    },
    objects: {
      // The page's own status line is about every client, the chart about one series.
      header: [formatting({ show: literal(!plain), calm: literal(false) })],
      legend: [formatting({ show: literal(!plain) })],
      zoom: [formatting({ brush: literal(!plain), days: literal(days) })],
      multiples: [
        formatting({
          alarmedFirst: literal(true),
          sharedScale: literal(false),
          columns: literal(plain ? 4 : 0),
          ...(seriesAs === undefined ? {} : { layout: literal(seriesAs) }),
        }),
      ],
    },
    phoneObjects: { multiples: [formatting({ columns: literal(1) })] },
    frame: {
      visualTooltip: [formatting({ show: literal(true), type: literal('Canvas'), section: literal('bucket') })],
    },
    ...common,
  };
}

/** Tiles, one a measure. */
export function cards(fields: readonly Field[], common: Common & { readonly columns?: number }): Visual {
  const { columns = fields.length, ...rest } = common;
  return {
    type: 'cardVisual',
    wells: { Data: fields },
    objects: {
      layout: [
        formatting({ columnCount: literal(columns), maxTiles: literal(fields.length), cellPadding: literal(8) }),
      ],
      value: [formatting({ fontSize: literal(20) }, { id: 'default' })],
      label: [formatting({ fontSize: literal(10), position: literal('aboveValue') }, { id: 'default' })],
      outline: [formatting({ show: literal(false) }, { id: 'default' })],
    },
    phoneObjects: { layout: [formatting({ columnCount: literal(2), maxTiles: literal(fields.length) })] },
    ...rest,
  };
}

/** How large the text of a line is, in pt, on the page and in the phone layout, and whether it is bold. */
export interface LineStyle {
  readonly size: number;
  readonly phoneSize: number;
  readonly bold: boolean;
}

/**
 * A line of text across the page without a frame, in the colour a measure gives. Where the phone is narrow, it wraps.
 */
export function textLine(text: Field, shade: Field, style: LineStyle, common: Common): Visual {
  const value = (fontSize: number) =>
    formatting(
      {
        fontSize: literal(fontSize),
        bold: literal(style.bold),
        horizontalAlignment: literal('left'),
        textWrap: literal(true),
      },
      { id: 'default' },
    );
  return {
    type: 'cardVisual',
    wells: { Data: [text] },
    objects: {
      value: [value(style.size), formatting({ fontColor: colour(shade) }, { metadata: `${text.table}.${text.name}` })],
      label: [formatting({ show: literal(false) }, { id: 'default' })],
      outline: [formatting({ show: literal(false) }, { id: 'default' })],
      layout: [formatting({ cellPadding: literal(0) })],
    },
    phoneObjects: { value: [value(style.phoneSize)] },
    frame: {
      background: [formatting({ show: literal(false) })],
      border: [formatting({ show: literal(false) })],
    },
    ...common,
  };
}

/** A table, sorted as said; addresses are shown as an icon to click. */
export function table(
  fields: readonly Field[],
  common: Common &
    Required<Pick<Visual, 'sort'>> & {
      /** Field whose text has the colour that a measure gives. */
      readonly shades?: readonly [Field, Field];
    },
): Visual {
  const { shades, ...rest } = common;
  return {
    type: 'tableEx',
    wells: { Values: fields },
    objects: {
      values: [
        formatting({ urlIcon: literal(true), wordWrap: literal(true) }),
        ...(shades === undefined ? [] : [shadeOf(...shades)]),
      ],
    },
    ...rest,
  };
}

/** Text of a column in the colour that a measure gives each row. */
function shadeOf(field: Field, shade: Field): object {
  const selector = { data: [{ dataViewWildcard: { matchingOption: 1 } }], metadata: `${field.table}.${field.name}` };
  return formatting({ fontColor: colour(shade) }, selector);
}

/** A choice of values: a range of dates, or a list that drops down. */
export function slicer(mode: 'Between' | 'Dropdown', field: Field, common: Common): Visual {
  return {
    type: 'slicer',
    wells: { Values: [field] },
    objects: {
      data: [formatting({ mode: literal(mode) })],
      header: [formatting({ show: literal(false) })],
    },
    ...common,
  };
}

/** Keeps the dates of which there are rows: the calendar reaches further back. */
export const LOADED_DATES: readonly Filter[] = [{ field: column('Date', 'Loaded'), value: 'Yes' }];

/** Lines or columns over the weeks, each field in its colour. */
export function weekly(
  type: 'lineChart' | 'clusteredColumnChart',
  fields: readonly (readonly [field: Field, shade: string])[],
  common: Common,
): Visual {
  return {
    type,
    wells: { Category: [column('Date', 'Week')], Y: fields.map(([field]) => field) },
    sort: { field: column('Date', 'Week'), direction: 'Ascending' },
    filters: LOADED_DATES,
    objects: {
      dataPoint: fields.map(([field, shade]) =>
        formatting({ fill: colour(shade) }, { metadata: `${field.table}.${field.name}` }),
      ),
    },
    ...common,
  };
}

/** Money falling and rising from one value of a column to the next, with their sum at the end. */
export function waterfall(category: Field, amount: Field, common: Common): Visual {
  return {
    type: 'waterfallChart',
    wells: { Category: [category], Y: [amount] },
    sort: { field: category, direction: 'Ascending' },
    objects: {
      sentimentColors: [
        formatting({
          increaseFill: colour(EITHER.band),
          decreaseFill: colour(EITHER.critical),
          totalFill: colour(EITHER.muted),
        }),
      ],
      labels: [formatting({ show: literal(true) })],
      legend: [formatting({ show: literal(false) })],
    },
    ...common,
  };
}

/** A button with a text that a measure gives and what a click on it does, as properties of Power BI's link. */
function button(text: Field, link: Readonly<Record<string, unknown>>, common: Common): Visual {
  return {
    type: 'actionButton',
    objects: {
      icon: [formatting({ show: literal(false) })],
      text: [
        formatting({ show: literal(true) }),
        formatting({ text: literal(text), fontSize: literal(10) }, { id: 'default' }),
      ],
    },
    frame: { visualLink: [formatting({ show: literal(true), ...link })] },
    ...common,
  };
}

/** A button that shows a bookmark. */
export function bookmarkButton(text: Field, bookmark: string, common: Common): Visual {
  return button(text, { type: literal('Bookmark'), bookmark: literal(bookmark) }, common);
}

/** A button that leads back to the page one came from. */
export function backButton(common: Common): Visual {
  return button(titled('Button back'), { type: literal('Back') }, common);
}

/** A button that opens the address a measure gives. */
export function linkButton(text: Field, address: Field, common: Common): Visual {
  return button(text, { type: literal('WebUrl'), webUrl: literal(address) }, common);
}
