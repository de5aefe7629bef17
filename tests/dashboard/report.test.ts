import { DARK, EITHER, LIGHT } from '@tidemark/dashboard/testing/palette';
import { contrast } from '@tidemark/shared/palette';
import { committedFiles, committedModel } from '@tidemark/tools/dashboard/project-files';
import { describe, expect, test } from 'vitest';
import { fabricSchemas, schemasPresent } from './schemas.ts';

const files = committedFiles();
const json = (path: string) => JSON.parse(files.get(path) as string);
const paths = [...files.keys()];
const below = (pattern: RegExp) => paths.filter((path) => pattern.test(path));
const REPORT = 'Tidemark.Report';
const embedded = json(below(/CustomVisuals\/[^/]+\/package\.json$/)[0] as string);
const guid: string = embedded.visual.guid;
const pages = json(`${REPORT}/definition/pages/pages.json`).pageOrder as string[];
const visuals = below(/\/visual\.json$/).map((path) => ({ path, page: path.split('/')[3] as string, ...json(path) }));

describe.skipIf(!schemasPresent)('Microsoft’s schemas (skipped where ../shared/schemas is not there)', () => {
  const validatorOf = schemasPresent ? fabricSchemas() : () => undefined;
  const described = paths.filter((path) => files.get(path)?.includes('"$schema": "https://developer.microsoft.com'));

  test('every kind of file of the project says which schema it follows', () => {
    const silent = paths.filter(
      (path) => !described.includes(path) && !/\.tmdl$|CustomVisuals\/|StaticResources\//.test(path),
    );
    expect(silent).toEqual([]);
    expect(described.length).toBeGreaterThan(40);
  });

  test.each(described)('%s is valid', (path) => {
    const content = json(path);
    const validate = validatorOf(content.$schema);
    if (validate === undefined) throw new Error(`no schema ${content.$schema}`);
    expect(validate(content), JSON.stringify(validate.errors, null, 1)).toBe(true);
  });

  test('a wrong file would be found', () => {
    const page = json(`${REPORT}/definition/pages/now/page.json`);
    expect(validatorOf(page.$schema)?.({ ...page, displayOption: 'Anyhow' })).toBe(false);
  });
});

describe('fields', () => {
  const { tables } = committedModel();
  const names = (kind: string) =>
    tables.flatMap((table) =>
      table.children.filter((child) => child.kind === kind).map(({ name }) => `${table.name}[${name}]`),
    );
  const known = { Column: new Set(names('column')), Measure: new Set(names('measure')) };
  const inReport = below(/^Tidemark\.Report\/definition\/.*\.json$/);

  test('every column and measure named in the report is in the semantic model', () => {
    const dangling: string[] = [];
    let found = 0;
    for (const path of inReport) {
      for (const kind of ['Column', 'Measure'] as const) {
        for (const { Expression, Property } of everyValueOf(json(path), kind)) {
          found++;
          const { Entity, Source } = Expression.SourceRef;
          const table = Entity ?? aliasedTable(json(path), Source);
          if (!known[kind].has(`${table}[${Property}]`)) dangling.push(`${path}: ${kind} ${table}[${Property}]`);
        }
      }
    }
    expect(dangling).toEqual([]);
    expect(found).toBeGreaterThan(80);
  });

  test('every measure of the model is shown on a page or said to be for authors', () => {
    const shown = new Set(
      inReport.flatMap((path) => everyValueOf(json(path), 'Measure').map(({ Property }) => Property)),
    );
    const forAuthors = [
      'Deviation',
      'Incidents',
      'Coverage 28 d',
      'Model text',
      'Silent series',
      'Feed trouble',
      'Storms',
      'Newest data',
      'Is silent',
      'Has left',
      'Urgency',
      'Incident id',
    ];
    const unused = names('measure')
      .map((name) => /\[(.*)\]/.exec(name)?.[1] as string)
      .filter((name) => !shown.has(name) && !forAuthors.includes(name));
    expect(unused).toEqual([]);
  });

  test('the wells of the band visual are those of its capabilities', () => {
    const { capabilities } = json(below(/\.pbiviz\.json$/)[0] as string);
    const roles = new Set(capabilities.dataRoles.map(({ name }: { name: string }) => name));
    const bands = visuals.filter(({ visual }) => visual.visualType === guid);
    expect(bands.length).toBe(6);
    for (const { visual } of bands) {
      for (const well of Object.keys(visual.query.queryState)) expect(roles).toContain(well);
      for (const [object, [entry]] of Object.entries<[{ properties: object }]>(visual.objects)) {
        expect(Object.keys(capabilities.objects)).toContain(object);
        for (const property of Object.keys(entry.properties)) {
          expect(Object.keys(capabilities.objects[object].properties)).toContain(property);
        }
      }
    }
  });
});

describe('the packaged visual inside the report', () => {
  test('is registered by its GUID, and its files are where the registration says', () => {
    const { resourcePackages } = json(`${REPORT}/definition/report.json`);
    const registered = resourcePackages.find(({ type }: { type: string }) => type === 'CustomVisual');
    expect(registered.name).toBe(guid);
    expect(registered.items).toEqual([
      { name: `${guid}.pbiviz.json`, path: `${guid}.pbiviz.json`, type: 'CustomVisualMetadata' },
    ]);
    const content = json(`${REPORT}/CustomVisuals/${guid}/resources/${guid}.pbiviz.json`);
    expect(content.visual.guid).toBe(guid);
    expect(content.visual.version).toBe(embedded.visual.version);
    expect(content.content.js).toContain(guid);
  });

  test('every registered theme is a file, light and dark', () => {
    const { resourcePackages, themeCollection } = json(`${REPORT}/definition/report.json`);
    const themes = resourcePackages.find(({ name }: { name: string }) => name === 'RegisteredResources').items;
    expect(themes.map(({ path }: { path: string }) => path)).toEqual(['Tidemark-Light.json', 'Tidemark-Dark.json']);
    for (const { path } of themes) expect(paths).toContain(`${REPORT}/StaticResources/RegisteredResources/${path}`);
    expect(themes.map(({ name }: { name: string }) => name)).toContain(themeCollection.customTheme.name);
    // Power BI loads a theme under no other name than the report's.
    for (const { name, path } of themes) {
      expect(json(`${REPORT}/StaticResources/RegisteredResources/${path}`).name).toBe(name);
    }
  });
});

describe('pages', () => {
  test('are Now, Clients, History, Model health, a client and an incident to drill through to, and a tooltip', () => {
    expect(pages).toEqual(['now', 'clients', 'history', 'model-health', 'client', 'incident', 'bucket']);
    expect(pages.map((name) => json(`${REPORT}/definition/pages/${name}/page.json`).type)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'Drillthrough',
      'Drillthrough',
      'Tooltip',
    ]);
  });

  test.each(pages)('%s: visuals lie on the page and not on each other, on the phone too', (name) => {
    const { width, height } = json(`${REPORT}/definition/pages/${name}/page.json`);
    const own = visuals.filter(({ page }) => page === name);
    expectApart(
      own.map(({ position }) => position),
      width,
      height,
    );
    const phone = own
      .map(({ path }) => path.replace('visual.json', 'mobile.json'))
      .filter((path) => files.has(path))
      .map((path) => json(path).position);
    expectApart(phone, 324, 2000);
    if (name !== 'bucket') expect(phone.length).toBeGreaterThan(3);
  });

  test('every visual has a text for those who cannot see it, and its own place in the tab order', () => {
    for (const name of pages) {
      const own = visuals.filter(({ page }) => page === name);
      expect(new Set(own.map(({ position }) => position.tabOrder)).size).toBe(own.length);
    }
    for (const { visual, path } of visuals) {
      const text = visual.visualContainerObjects.general[0].properties.altText.expr.Literal.Value;
      expect(text.length, path).toBeGreaterThan(15);
    }
  });

  test('buttons lead to bookmarks that exist, and tooltips to the tooltip page', () => {
    const bookmarks = below(/\.bookmark\.json$/).map(json);
    const listed = json(`${REPORT}/definition/bookmarks/bookmarks.json`).items.flatMap(
      ({ children }: { children: string[] }) => children,
    );
    expect(bookmarks.map(({ name }) => name).sort()).toEqual([...listed].sort());
    const links = visuals
      .flatMap(({ visual }) => visual.visualContainerObjects.visualLink ?? [])
      .filter(({ properties }) => properties.type.expr.Literal.Value === "'Bookmark'");
    expect(links.map(({ properties }) => properties.bookmark.expr.Literal.Value.slice(1, -1)).sort()).toEqual(
      [...listed].sort(),
    );
    const tooltips = visuals.flatMap(({ visual }) => visual.visualContainerObjects.visualTooltip ?? []);
    expect(tooltips.map(({ properties }) => properties.section.expr.Literal.Value)).toEqual(Array(6).fill("'bucket'"));
  });

  test('a page reached from a value takes along that value alone, not the bucket clicked or the slicers before it', () => {
    for (const page of ['incident', 'client']) {
      const { pageBinding } = json(`${REPORT}/definition/pages/${page}/page.json`);
      expect(pageBinding.acceptsFilterContext).toBe('None');
    }
  });

  test('the page of an incident is reached from every list of incidents, and has a way back and one to the API', () => {
    const { pageBinding, filterConfig } = json(`${REPORT}/definition/pages/incident/page.json`);
    const [filter] = filterConfig.filters;
    expect(pageBinding.parameters).toEqual([
      expect.objectContaining({ boundFilter: filter.name, fieldExpr: filter.field }),
    ]);
    expect(filter.howCreated).toBe('Drillthrough');
    const fields = (name: string) => everyValueOf(json(name), 'Column').map(({ Property }) => Property);
    for (const list of ['now/visuals/active-alarms', 'history/visuals/incidents']) {
      expect(fields(`${REPORT}/definition/pages/${list}/visual.json`)).toContain(filter.field.Column.Property);
    }
    const kinds = visuals
      .filter(({ page }) => page === 'incident')
      .flatMap(({ visual }) => visual.visualContainerObjects.visualLink ?? [])
      .map(({ properties }) => properties.type.expr.Literal.Value);
    expect(kinds.sort()).toEqual(["'Back'", "'WebUrl'"]);
  });

  test('the page of a client is reached from every list of clients, and leads on to the pages of its incidents', () => {
    const { pageBinding, filterConfig } = json(`${REPORT}/definition/pages/client/page.json`);
    const [filter] = filterConfig.filters;
    expect(pageBinding.parameters).toEqual([
      expect.objectContaining({ boundFilter: filter.name, fieldExpr: filter.field }),
    ]);
    const queried = (name: string) =>
      everyValueOf(json(`${REPORT}/definition/pages/${name}/visual.json`).visual.query, 'Column').map(
        ({ Expression, Property }) => `${Expression.SourceRef.Entity}[${Property}]`,
      );
    for (const list of ['clients/visuals/overview', 'clients/visuals/status-table', 'now/visuals/clients']) {
      expect(queried(list)).toContain('Series[Series]');
    }
    expect(queried('client/visuals/incidents')).toContain('Alarms[Incident]');
    expect(json(`${REPORT}/definition/pages/client/visuals/back/visual.json`).visual.visualType).toBe('actionButton');
  });

  test('no title and no button is written in one language: each is a measure that asks who looks', () => {
    const words = visuals.flatMap(({ path, visual }) => [
      ...visual.visualContainerObjects.title.map(({ properties }: { properties: { text?: object } }) => ({
        path,
        text: properties.text,
      })),
      ...(visual.objects?.text ?? []).map(({ properties }: { properties: { text?: object } }) => ({
        path,
        text: properties.text,
      })),
    ]);
    const said = words.filter(({ text }) => text !== undefined);
    expect(said.length).toBeGreaterThan(25);
    for (const { path, text } of said) expect(text.expr.Measure, path).toBeDefined();
  });

  test('every filter has a name of its own in the whole report', () => {
    const names = [
      ...visuals.map(({ filterConfig }) => filterConfig),
      ...['incident', 'client'].map((name) => json(`${REPORT}/definition/pages/${name}/page.json`).filterConfig),
    ]
      .flatMap((config) => config?.filters ?? [])
      .map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('a bookmark chooses among the filters of one visual, and leaves page and slicers as they are', () => {
    for (const bookmark of below(/\.bookmark\.json$/).map(json)) {
      const { activeSection: page, sections } = bookmark.explorationState;
      const [target, ...others] = Object.keys(sections[page].visualContainers) as [string];
      expect(others).toEqual([]);
      expect(bookmark.options).toMatchObject({ applyOnlyToTargetVisuals: true, targetVisualNames: [target] });
      expect(sections[page].filters).toBeUndefined();
      const { filters } = json(`${REPORT}/definition/pages/${page}/visuals/${target}/visual.json`).filterConfig;
      const states = sections[page].visualContainers[target].filters.byExpr;
      expect(states.map(({ name }: { name: string }) => name)).toEqual(
        filters.map(({ name }: { name: string }) => name),
      );
      const chosen = states.filter(({ filter }: { filter?: object }) => filter !== undefined).length;
      const always = filters.filter(({ filter }: { filter?: object }) => filter !== undefined).length;
      expect(chosen - always).toBe(/only/.test(bookmark.name) ? 1 : 0);
    }
  });
});

describe('colours', () => {
  test.each(['Light', 'Dark'])('the %s theme is readable: text at 4.5 to 1, marks at 3 to 1', (name) => {
    const theme = json(`${REPORT}/StaticResources/RegisteredResources/Tidemark-${name}.json`);
    expect(contrast(theme.foreground, theme.background)).toBeGreaterThan(7);
    expect(contrast(theme.textClasses.label.color, theme.background)).toBeGreaterThan(4.5);
    for (const colour of theme.dataColors) expect(contrast(colour, theme.background), colour).toBeGreaterThan(3);
  });

  test('colours that measures give are read on the light pages and seen on the dark ones', () => {
    for (const [name, colour] of Object.entries(EITHER)) {
      if (name !== 'band')
        for (const ground of [LIGHT.background, LIGHT.page])
          expect(contrast(colour, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      for (const ground of [LIGHT.background, DARK.background, DARK.page])
        expect(contrast(colour, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(3);
    }
  });
});

test('no file holds a key', () => {
  for (const [path, text] of files) {
    if (path.includes('CustomVisuals')) continue;
    expect(text, path).not.toMatch(/key=|password|secret|bearer /i);
  }
});

// biome-ignore lint/suspicious/noExplicitAny: walks any JSON
function everyValueOf(value: any, key: string): any[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => [
    ...(name === key && typeof child === 'object' ? [child] : []),
    ...everyValueOf(child, key),
  ]);
}

function aliasedTable(content: unknown, alias: string): string | undefined {
  return everyValueOf(content, 'From')
    .flat()
    .find(({ Name }) => Name === alias)?.Entity;
}

interface Position {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function expectApart(positions: readonly Position[], width: number, height: number) {
  positions.forEach((a, k) => {
    expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height, JSON.stringify(a)).toBe(true);
    for (const b of positions.slice(k + 1)) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      expect(apart, JSON.stringify([a, b])).toBe(true);
    }
  });
}
