import type powerbi from 'powerbi-visuals-api';
import { formattingSettings } from 'powerbi-visuals-utils-formattingmodel';
import {
  CLOCKS,
  type Colour,
  DEFAULTS,
  JUDGED,
  LABEL_PLACES,
  LEGEND_PLACES,
  LINE_STYLES,
  LIST_PLACES,
  looks,
  type Options,
  SERIES_LAYOUTS,
  SHAPES,
  SIDES,
  UNITS,
} from './options.ts';

const { SimpleCard, Model, ToggleSwitch, NumUpDown, Slider, ColorPicker, ItemDropdown, TextInput, FontPicker } =
  formattingSettings;

/** What the font picker shows until an author chooses: the visual's own. */
const DEFAULT_FONT = 'Segoe UI';

/** 3 = constant or rule: the colour offers `fx`. */
const CONSTANT_OR_RULE = 3 as powerbi.VisualEnumerationInstanceKinds.ConstantOrRule;
/** Any data point, totals included: what a rule is evaluated for. */
const EVERY_POINT = { data: [{ dataViewWildcard: { matchingOption: 0 } }] } as unknown as powerbi.data.Selector;

const named = (name: string) => ({ name, displayNameKey: `Prop_${name}` });
const toggle = (name: string, value: boolean) => new ToggleSwitch({ ...named(name), value });
const number = (name: string, value: number | null, min: number, max: number) =>
  new NumUpDown({
    ...named(name),
    value: value as number,
    options: { minValue: { type: 0, value: min }, maxValue: { type: 1, value: max } },
  });
const slider = (name: string, value: number, min: number, max: number) =>
  new Slider({
    ...named(name),
    value,
    options: { minValue: { type: 0, value: min }, maxValue: { type: 1, value: max } },
  });
const colour = (name: string) => new ColorPicker({ ...named(name), value: { value: '' } });
const ruledColour = (name: string) =>
  new ColorPicker({
    ...named(name),
    value: { value: '' },
    instanceKind: CONSTANT_OR_RULE,
    selector: EVERY_POINT,
    altConstantSelector: null as unknown as powerbi.data.Selector,
  });
const choice = (name: string, words: readonly string[], value: string) => {
  const items = words.map((word) => ({ value: word, displayNameKey: `Choice_${word}` }));
  return new ItemDropdown({
    ...named(name),
    items,
    value: items.find((item) => item.value === value) ?? items[0],
  } as never);
};
const described = <S extends { name: string; descriptionKey?: string }>(slice: S): S =>
  Object.assign(slice, { descriptionKey: `Prop_${slice.name}_Description` });
const text = (name: string, value: string) => new TextInput({ ...named(name), value, placeholder: '' });

class Card extends SimpleCard {
  override name: string;
  override displayNameKey: string;
  constructor(name: string, slices: formattingSettings.Slice[], top?: formattingSettings.SimpleSlice) {
    super();
    this.name = name;
    this.displayNameKey = `Card_${name}`;
    this.slices = slices;
    if (top !== undefined) this.topLevelSlice = top;
  }
}

/** Every card of the format pane. Percentages are shown as an author says them: 99, not 0.99. */
export class PaneModel extends Model {
  alarms = {
    judged: described(choice('judged', JUDGED, DEFAULTS.alarms.judged)),
    sensitivity: slider('sensitivity', 100 * DEFAULTS.alarms.coverage, 80, 99.9),
    slider: described(toggle('slider', DEFAULTS.alarms.slider)),
    side: choice('side', SIDES, DEFAULTS.alarms.side),
    minimumDeviation: number('minimumDeviation', 100 * DEFAULTS.alarms.minimumDeviation, 0, 1000),
    consecutive: number('consecutive', DEFAULTS.alarms.consecutive, 1, 24),
    labels: toggle('labels', DEFAULTS.alarms.labels),
    labelPlace: choice('labelPlace', LABEL_PLACES, DEFAULTS.alarms.labelPlace),
    brackets: toggle('brackets', DEFAULTS.alarms.brackets),
    shading: toggle('shading', DEFAULTS.alarms.shading),
  };
  severity = {
    ...looks(
      (severity) => ruledColour(`${severity}Colour`),
      (severity) => choice(`${severity}Shape`, SHAPES, DEFAULTS.severity[`${severity}Shape`]),
    ),
    size: slider('size', DEFAULTS.severity.size, 4, 24),
  };
  freshness = {
    staleAfter: described(number('staleAfter', DEFAULTS.freshness.staleAfter, 0, 1000)),
    timeZone: described(text('timeZone', DEFAULTS.freshness.timeZone)),
  };
  header = {
    show: toggle('show', DEFAULTS.header.show),
    calm: described(toggle('calm', DEFAULTS.header.calm)),
    recent: toggle('recent', DEFAULTS.header.recent),
    fontSize: number('fontSize', DEFAULTS.header.fontSize, 0, 72),
  };
  band = {
    show: toggle('show', DEFAULTS.band.show),
    colour: colour('colour'),
    opacity: slider('opacity', 100 * DEFAULTS.band.opacity, 0, 100),
    edges: toggle('edges', DEFAULTS.band.edges),
    strip: toggle('strip', DEFAULTS.band.strip),
    nested: toggle('nested', DEFAULTS.band.nested),
    nestedCoverage: slider('nestedCoverage', 100 * DEFAULTS.band.nestedCoverage, 80, 99.9),
  };
  lines = {
    actualColour: colour('actualColour'),
    actualWidth: number('actualWidth', DEFAULTS.lines.actualWidth, 0.5, 8),
    actualStyle: choice('actualStyle', LINE_STYLES, DEFAULTS.lines.actualStyle),
    points: toggle('points', DEFAULTS.lines.points),
    lastWeek: toggle('lastWeek', DEFAULTS.lines.lastWeek),
    forecast: toggle('forecast', DEFAULTS.lines.forecast),
    forecastColour: colour('forecastColour'),
    forecastWidth: number('forecastWidth', DEFAULTS.lines.forecastWidth, 0.5, 8),
    forecastStyle: choice('forecastStyle', LINE_STYLES, DEFAULTS.lines.forecastStyle),
  };
  axes = {
    x: toggle('x', DEFAULTS.axes.x),
    y: toggle('y', DEFAULTS.axes.y),
    grid: toggle('grid', DEFAULTS.axes.grid),
    weekends: toggle('weekends', DEFAULTS.axes.weekends),
    fromZero: toggle('fromZero', DEFAULTS.axes.fromZero),
    minimum: number('minimum', DEFAULTS.axes.minimum, -1e15, 1e15),
    maximum: number('maximum', DEFAULTS.axes.maximum, -1e15, 1e15),
    title: text('title', DEFAULTS.axes.title),
    fontSize: number('fontSize', DEFAULTS.axes.fontSize, 7, 32),
  };
  numbers = {
    units: choice('units', UNITS, DEFAULTS.numbers.units),
    decimals: number('decimals', DEFAULTS.numbers.decimals, -1, 6),
    dateFormat: text('dateFormat', DEFAULTS.numbers.dateFormat),
    font: new FontPicker({ ...named('font'), value: DEFAULT_FONT }),
  };
  future = {
    show: toggle('show', DEFAULTS.future.show),
    buckets: number('buckets', DEFAULTS.future.buckets, 0, 1000),
  };
  multiples = {
    sharedScale: toggle('sharedScale', DEFAULTS.multiples.sharedScale),
    columns: number('columns', DEFAULTS.multiples.columns, 0, 8),
    alarmedFirst: toggle('alarmedFirst', DEFAULTS.multiples.alarmedFirst),
    layout: choice('layout', SERIES_LAYOUTS, DEFAULTS.multiples.layout),
  };
  incidents = { place: choice('place', LIST_PLACES, DEFAULTS.incidents.place) };
  legend = {
    show: toggle('show', DEFAULTS.legend.show),
    place: choice('place', LEGEND_PLACES, DEFAULTS.legend.place),
  };
  zoom = {
    brush: toggle('brush', DEFAULTS.zoom.brush),
    days: number('days', DEFAULTS.zoom.days, 0, 3650),
  };
  events = {
    named: described(text('named', DEFAULTS.events.named)),
    model: toggle('model', DEFAULTS.events.model),
  };
  maintenance = {
    windows: text('windows', DEFAULTS.maintenance.windows),
    mute: toggle('mute', DEFAULTS.maintenance.mute),
    colour: colour('colour'),
  };
  model = { clock: choice('clock', CLOCKS, DEFAULTS.model.clock) };
  reference = {
    show: toggle('show', DEFAULTS.reference.show),
    value: number('value', DEFAULTS.reference.value, -1e15, 1e15),
    label: text('label', DEFAULTS.reference.label),
    colour: colour('colour'),
    style: choice('style', LINE_STYLES, DEFAULTS.reference.style),
  };

  override cards: formattingSettings.Cards[] = CARDS.map((name) => {
    const { show, ...rest } = this[name] as Record<string, formattingSettings.SimpleSlice>;
    const card = new Card(name, Object.values(rest), show);
    if (name === 'reference') card.analyticsPane = true;
    return card;
  });
}

const CARDS = [
  'alarms',
  'severity',
  'freshness',
  'header',
  'band',
  'lines',
  'future',
  'axes',
  'numbers',
  'multiples',
  'incidents',
  'zoom',
  'legend',
  'events',
  'maintenance',
  'model',
  'reference',
] as const;

/** What the rows at hand leave without effect. */
export interface Idle {
  /** The author has chosen the severities as served. */
  readonly served: boolean;
  /** There are no fans: limits have one coverage only. */
  readonly noFans: boolean;
  /** No model is run here. */
  readonly noModel: boolean;
}

/** Greys out what has no effect with the rows at hand, and says why. */
export function disableIdle(pane: PaneModel, { served, noFans, noModel }: Idle): void {
  const { sensitivity, side, minimumDeviation, consecutive } = pane.alarms;
  disable([sensitivity, side, minimumDeviation, consecutive], served, 'Why_Served');
  if (!served) disable([sensitivity], noFans, 'Why_NoFans');
  disable([pane.band.nested, pane.band.nestedCoverage], noFans, 'Why_NoFans');
  disable([pane.model.clock], noModel, 'Why_NoModel');
}

function disable(slices: readonly formattingSettings.SimpleSlice[], when: boolean, why: string): void {
  for (const slice of slices) {
    slice.disabled = when;
    slice.disabledReasonKey = why;
  }
}

/** The pane's values, cleaned: a bad value counts as the nearest good one, or as the default. */
export function readOptions(pane: PaneModel): Options {
  return {
    alarms: {
      judged: oneOf(pane.alarms.judged, JUDGED, DEFAULTS.alarms.judged),
      coverage: coverageOf(pane.alarms.sensitivity, 100 * DEFAULTS.alarms.coverage),
      side: oneOf(pane.alarms.side, SIDES, DEFAULTS.alarms.side),
      minimumDeviation: within(pane.alarms.minimumDeviation, 0, 1000, 0) / 100,
      consecutive: Math.round(within(pane.alarms.consecutive, 1, 24, 1)),
      labels: bool(pane.alarms.labels, true),
      labelPlace: oneOf(pane.alarms.labelPlace, LABEL_PLACES, DEFAULTS.alarms.labelPlace),
      brackets: bool(pane.alarms.brackets, true),
      shading: bool(pane.alarms.shading, true),
      fixed: false,
      slider: bool(pane.alarms.slider, false),
    },
    severity: {
      ...looks(
        (severity) => colourOf(pane.severity[`${severity}Colour`]),
        (severity) => oneOf(pane.severity[`${severity}Shape`], SHAPES, DEFAULTS.severity[`${severity}Shape`]),
      ),
      size: within(pane.severity.size, 4, 24, DEFAULTS.severity.size),
    },
    freshness: {
      staleAfter: within(pane.freshness.staleAfter, 0, 1000, DEFAULTS.freshness.staleAfter),
      timeZone: textOf(pane.freshness.timeZone),
    },
    header: {
      show: bool(pane.header.show, true),
      calm: bool(pane.header.calm, true),
      recent: bool(pane.header.recent, true),
      fontSize: within(pane.header.fontSize, 0, 72, 0),
    },
    band: {
      show: bool(pane.band.show, true),
      colour: colourOf(pane.band.colour),
      opacity: within(pane.band.opacity, 0, 100, 100 * DEFAULTS.band.opacity) / 100,
      edges: bool(pane.band.edges, true),
      strip: bool(pane.band.strip, false),
      nested: bool(pane.band.nested, false),
      nestedCoverage: coverageOf(pane.band.nestedCoverage, 80),
    },
    lines: {
      actualColour: colourOf(pane.lines.actualColour),
      actualWidth: within(pane.lines.actualWidth, 0.5, 8, DEFAULTS.lines.actualWidth),
      actualStyle: oneOf(pane.lines.actualStyle, LINE_STYLES, 'solid'),
      points: bool(pane.lines.points, false),
      lastWeek: bool(pane.lines.lastWeek, false),
      forecast: bool(pane.lines.forecast, true),
      forecastColour: colourOf(pane.lines.forecastColour),
      forecastWidth: within(pane.lines.forecastWidth, 0.5, 8, DEFAULTS.lines.forecastWidth),
      forecastStyle: oneOf(pane.lines.forecastStyle, LINE_STYLES, 'dashed'),
    },
    axes: {
      x: bool(pane.axes.x, true),
      y: bool(pane.axes.y, true),
      grid: bool(pane.axes.grid, true),
      weekends: bool(pane.axes.weekends, false),
      fromZero: bool(pane.axes.fromZero, true),
      minimum: finite(pane.axes.minimum),
      maximum: finite(pane.axes.maximum),
      title: textOf(pane.axes.title),
      fontSize: within(pane.axes.fontSize, 7, 32, DEFAULTS.axes.fontSize),
    },
    numbers: {
      units: oneOf(pane.numbers.units, UNITS, 'auto'),
      decimals: Math.round(within(pane.numbers.decimals, -1, 6, -1)),
      dateFormat: textOf(pane.numbers.dateFormat),
      font: fontOf(pane.numbers.font),
    },
    future: { show: bool(pane.future.show, true), buckets: Math.round(within(pane.future.buckets, 0, 1000, 0)) },
    multiples: {
      sharedScale: bool(pane.multiples.sharedScale, false),
      columns: Math.round(within(pane.multiples.columns, 0, 8, 0)),
      alarmedFirst: bool(pane.multiples.alarmedFirst, true),
      layout: oneOf(pane.multiples.layout, SERIES_LAYOUTS, DEFAULTS.multiples.layout),
    },
    incidents: { place: oneOf(pane.incidents.place, LIST_PLACES, DEFAULTS.incidents.place) },
    legend: {
      show: bool(pane.legend.show, true),
      place: oneOf(pane.legend.place, LEGEND_PLACES, DEFAULTS.legend.place),
    },
    model: { clock: oneOf(pane.model.clock, CLOCKS, DEFAULTS.model.clock) },
    zoom: { brush: bool(pane.zoom.brush, true), days: within(pane.zoom.days, 0, 3650, DEFAULTS.zoom.days) },
    events: { named: textOf(pane.events.named), model: bool(pane.events.model, true) },
    maintenance: {
      windows: textOf(pane.maintenance.windows),
      mute: bool(pane.maintenance.mute, true),
      colour: colourOf(pane.maintenance.colour),
    },
    reference: {
      show: bool(pane.reference.show, false),
      value: finite(pane.reference.value),
      label: textOf(pane.reference.label),
      colour: colourOf(pane.reference.colour),
      style: oneOf(pane.reference.style, LINE_STYLES, 'dashed'),
    },
  };
}

interface Slice {
  readonly value?: unknown;
}

function bool(slice: Slice, fallback: boolean): boolean {
  return typeof slice.value === 'boolean' ? slice.value : fallback;
}

function finite(slice: Slice): number | null {
  return typeof slice.value === 'number' && Number.isFinite(slice.value) ? slice.value : null;
}

function within(slice: Slice, low: number, high: number, fallback: number): number {
  const value = finite(slice);
  return value === null ? fallback : Math.max(low, Math.min(high, value));
}

function oneOf<W extends string>(slice: Slice, words: readonly W[], fallback: W): W {
  const value = slice.value as { value?: unknown } | string | undefined;
  const word = typeof value === 'object' && value !== null ? value.value : value;
  return words.find((candidate) => candidate === word) ?? fallback;
}

function textOf(slice: Slice): string {
  return typeof slice.value === 'string' ? slice.value.slice(0, 2000) : '';
}

/** A font family as the host gives it; empty for the visual's own, and for anything that is no list of names. */
function fontOf(slice: Slice): string {
  const family = textOf(slice).trim();
  return family === DEFAULT_FONT || !/^[\w\s'",.-]{1,200}$/.test(family) ? '' : family;
}

/** A colour as the host gives it: `#rgb`, `#rrggbb`, `#rrggbbaa` or `rgb()`; anything else is no choice. */
function colourOf(slice: Slice): Colour {
  const value = slice.value as { value?: unknown } | undefined;
  const css = typeof value?.value === 'string' ? value.value.trim() : '';
  return /^(#[0-9a-f]{3,8}|rgba?\([\d\s.,%/]+\))$/i.test(css) ? css : null;
}

/** A coverage in percent as a share; without the dust of the division, which would leave the range. */
function coverageOf(slice: Slice, fallback: number): number {
  return Math.round(within(slice, 80, 99.9, fallback) * 1000) / 100_000;
}
