import { committedFiles } from '../project-files.ts';

export interface FieldReference {
  readonly kind: 'Column' | 'Measure';
  readonly table: string;
  readonly name: string;
  readonly label: string;
}

export interface DrawnVisual {
  readonly name: string;
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string | null;
  /** Measure that gives the title, where one does. */
  readonly titleBy: string | null;
  readonly wells: Readonly<Record<string, readonly FieldReference[]>>;
  /** Chosen values of its own filters. */
  readonly filters: readonly (Pick<FieldReference, 'kind' | 'table' | 'name'> & {
    readonly values: readonly (string | number)[];
  })[];
  readonly sort: { readonly field: FieldReference; readonly descending: boolean } | null;
  /** Has it a frame of its own? */
  readonly framed: boolean;
  /** Fixed formatting values, by object and property. */
  readonly objects: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Measure that gives the colour of the value, where one does. */
  readonly colourBy: string | null;
  /** Measure that gives the words on it, where one does. */
  readonly textBy: string | null;
  /** Fixed colours, and measures that give colours, by `table.field`. */
  readonly colours: Readonly<Record<string, string>>;
  readonly shades: Readonly<Record<string, string>>;
  /** Fixed colours of what falls, rises and is a sum. */
  readonly fills: Readonly<Record<string, string>>;
}

export interface DrawnPage {
  readonly name: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly visuals: readonly DrawnVisual[];
}

// biome-ignore lint/suspicious/noExplicitAny: PBIR as it was written, held to its schema by other tests
type Json = any;

/** Width of the phone layout, in px. */
const PHONE_WIDTH = 324;

/** A page of the committed report as a screen or a phone shows it, with the report's theme. */
export function committedPage(
  name: string,
  layout: 'screen' | 'phone' = 'screen',
): { readonly page: DrawnPage; readonly theme: Json } {
  const files = committedFiles();
  const json = (path: string): Json => JSON.parse(files.get(`Tidemark.Report/${path}`) as string);
  const dir = `definition/pages/${name}`;
  const { displayName, width, height } = json(`${dir}/page.json`);
  const themeName = json('definition/report.json').themeCollection.customTheme.name;
  const ofPage = [...files.keys()]
    .filter((path) => path.startsWith(`Tidemark.Report/${dir}/visuals/`) && path.endsWith('/visual.json'))
    .map((path) => ({
      visual: JSON.parse(files.get(path) as string),
      phone: files.get(path.replace('visual.json', 'mobile.json')),
    }));
  const onPhone = ofPage.flatMap(({ visual, phone }) =>
    phone === undefined ? [] : [drawn(phoneOf(visual, JSON.parse(phone)))],
  );
  const visuals = layout === 'phone' ? onPhone : ofPage.map(({ visual }) => drawn(visual));
  const page =
    layout === 'phone'
      ? { width: PHONE_WIDTH, height: Math.max(...onPhone.map((visual) => visual.y + visual.height)) }
      : { width, height };
  return {
    page: { name, title: displayName, ...page, visuals },
    theme: json(`StaticResources/RegisteredResources/${themeName}`),
  };
}

/** A visual in the place and with the formatting that the phone gives it; what the phone says first is taken first. */
function phoneOf(container: Json, { position, objects = {} }: Json): Json {
  const merged = Object.fromEntries(
    Object.entries<Json[]>({ ...container.visual.objects, ...objects }).map(([name, entries]) => [
      name,
      name in objects ? [...entries, ...(container.visual.objects?.[name] ?? [])] : entries,
    ]),
  );
  return { ...container, position, visual: { ...container.visual, objects: merged } };
}

function drawn({ name, position, visual, filterConfig }: Json): DrawnVisual {
  const { x, y, width, height } = position;
  const title = visual.visualContainerObjects.title[0].properties;
  const [sort] = visual.query?.sortDefinition?.sort ?? [];
  const fontColour = (visual.objects?.value ?? []).find((entry: Json) => entry.properties.fontColor !== undefined);
  return {
    name,
    type: visual.visualType,
    x,
    y,
    width,
    height,
    title: literalOf(title.show) === true ? String(literalOf(title.text)) : null,
    titleBy: title.text?.expr.Measure?.Property ?? null,
    framed: literalOf(visual.visualContainerObjects.border?.[0].properties.show) !== false,
    wells: Object.fromEntries(
      Object.entries<Json>(visual.query?.queryState ?? {}).map(([well, { projections }]) => [
        well,
        projections.map((projection: Json) => ({ ...reference(projection.field), ...label(projection) })),
      ]),
    ),
    filters: (filterConfig?.filters ?? [])
      .filter((filter: Json) => filter.filter)
      .map((filter: Json) => ({
        ...reference(filter.field),
        values: chosenValues(filter.filter.Where[0].Condition),
      })),
    sort: sort === undefined ? null : { field: reference(sort.field), descending: sort.direction === 'Descending' },
    objects: Object.fromEntries(
      Object.entries<Json[]>(visual.objects ?? {}).map(([object, entries]) => [
        object,
        Object.fromEntries(
          Object.entries(entries[0].properties).map(([property, value]) => [property, literalOf(value)]),
        ),
      ]),
    ),
    colourBy: fontColour?.properties.fontColor.solid.color.expr.Measure?.Property ?? null,
    textBy: visual.objects?.text?.[1]?.properties.text.expr.Measure?.Property ?? null,
    colours: byField(visual.objects?.dataPoint, ({ fill }) => String(literalOf(fill.solid.color))),
    fills: Object.fromEntries(
      Object.entries<Json>(visual.objects?.sentimentColors?.[0].properties ?? {}).map(([name, { solid }]) => [
        name,
        String(literalOf(solid.color)),
      ]),
    ),
    shades: byField(visual.objects?.values, ({ fontColor }) => fontColor.solid.color.expr.Measure.Property),
  };
}

function byField(entries: Json[] = [], value: (properties: Json) => string): Record<string, string> {
  return Object.fromEntries(
    entries
      .filter(({ selector }) => selector !== undefined)
      .map(({ selector, properties }) => [selector.metadata, value(properties)]),
  );
}

function chosenValues({ In, Comparison }: Json): (string | number)[] {
  if (In !== undefined) return In.Values.map(([{ Literal }]: Json) => Literal.Value.slice(1, -1));
  return [Number.parseFloat(Comparison.Right.Literal.Value)];
}

function reference(field: Json): FieldReference {
  const [[kind, { Expression, Property }]] = Object.entries<Json>(field) as [[FieldReference['kind'], Json]];
  return { kind, table: Expression.SourceRef.Entity, name: Property, label: Property };
}

function label({ displayName }: Json) {
  return displayName === undefined ? {} : { label: displayName };
}

/** The value of a literal: text, number or truth; `null` for anything else. */
function literalOf(value: Json): unknown {
  const text: string | undefined = value?.expr?.Literal?.Value;
  if (text === undefined) return null;
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  return text === 'true' || text === 'false' ? text === 'true' : Number.parseFloat(text);
}
