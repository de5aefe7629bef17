import { jsonText, SCHEMA } from '../schema.ts';
import {
  type Field,
  type Filter,
  fieldExpression,
  filterDefinition,
  filterName,
  filterType,
  projection,
} from './fields.ts';
import { formatting, literal } from './literals.ts';
import { BOOKMARKS, type Bookmark, PAGES, type Page } from './pages.ts';
import { THEMES, themeFiles } from './theme.ts';
import { type Place, TIDEMARK, type Visual } from './visuals.ts';

/**
 * The definition of the report in PBIR, Microsoft's text form, by path below `Tidemark.Report/`.
 * @param guid of the packaged visual.
 */
export function reportDefinition(guid: string, theme: keyof typeof THEMES = 'light'): Map<string, string> {
  const files = new Map<string, string>();
  const put = (path: string, value: object) => files.set(path, jsonText(value));
  put('definition/version.json', { $schema: SCHEMA.version, version: '2.0.0' });
  put('definition/report.json', report(guid, theme));
  put('definition/pages/pages.json', {
    $schema: SCHEMA.pages,
    pageOrder: PAGES.map(({ name }) => name),
    activePageName: PAGES[0]?.name,
  });
  for (const each of PAGES) {
    put(`definition/pages/${each.name}/page.json`, page(each));
    each.visuals.forEach((visual, order) => {
      const dir = `definition/pages/${each.name}/visuals/${visual.name}`;
      put(`${dir}/visual.json`, container(visual, { page: each.name, guid, order }));
      if (visual.phone !== undefined) {
        put(`${dir}/mobile.json`, {
          $schema: SCHEMA.mobile,
          position: position(visual.phone, order),
          ...(visual.phoneObjects === undefined ? {} : { objects: visual.phoneObjects }),
        });
      }
    });
  }
  put('definition/bookmarks/bookmarks.json', bookmarkList());
  for (const each of BOOKMARKS) put(`definition/bookmarks/${each.name}.bookmark.json`, bookmark(each));
  for (const [name, value] of themeFiles()) put(`StaticResources/RegisteredResources/${name}`, value);
  return files;
}

function report(guid: string, theme: keyof typeof THEMES): object {
  const imported = { visual: '2.9.0', report: '3.3.0', page: '2.1.0' };
  return {
    $schema: SCHEMA.report,
    themeCollection: {
      baseTheme: { name: 'CY24SU10', reportVersionAtImport: imported, type: 'SharedResources' },
      customTheme: { name: THEMES[theme], reportVersionAtImport: imported, type: 'RegisteredResources' },
    },
    resourcePackages: [
      {
        name: guid,
        type: 'CustomVisual',
        items: [{ name: `${guid}.pbiviz.json`, path: `${guid}.pbiviz.json`, type: 'CustomVisualMetadata' }],
      },
      {
        name: 'RegisteredResources',
        type: 'RegisteredResources',
        items: Object.values(THEMES).map((name) => ({ name, path: name, type: 'CustomTheme' })),
      },
    ],
    settings: {
      useStylableVisualContainerHeader: true,
      exportDataMode: 'AllowSummarized',
      defaultDrillFilterOtherVisuals: true,
      allowChangeFilterTypes: true,
      useEnhancedTooltips: true,
      pagesPosition: 'Bottom',
    },
  };
}

function page({ name, title, size: [width, height], tooltip, drillthrough }: Page): object {
  return {
    $schema: SCHEMA.page,
    name,
    displayName: title,
    displayOption: tooltip ? 'ActualSize' : 'FitToPage',
    height,
    width,
    ...(tooltip
      ? {
          type: 'Tooltip',
          visibility: 'HiddenInViewMode',
          pageBinding: { name: `${name}-binding`, type: 'Tooltip', parameters: [] },
        }
      : {}),
    ...(drillthrough === undefined ? {} : drilledThrough(name, drillthrough)),
  };
}

/**
 * What makes a page one that is reached from a value of a field: the field is its filter, bound to a parameter. Nothing
 * else comes along: the bucket that was clicked, its severity and the slicers of the page before would cut the page off.
 */
function drilledThrough(page: string, field: Field): object {
  const name = filterName(field, page);
  return {
    type: 'Drillthrough',
    visibility: 'HiddenInViewMode',
    pageBinding: {
      name: `${page}-binding`,
      type: 'Drillthrough',
      acceptsFilterContext: 'None',
      parameters: [{ name: `${page}-parameter`, boundFilter: name, fieldExpr: fieldExpression(field) }],
    },
    filterConfig: {
      filters: [{ name, field: fieldExpression(field), type: 'Categorical', howCreated: 'Drillthrough' }],
    },
  };
}

/** Where a visual stands: its page, its place in the order, and what the packaged visual is called. */
interface Standing {
  readonly page: string;
  readonly guid: string;
  readonly order: number;
}

function container(visual: Visual, { page: pageName, guid, order }: Standing): object {
  const { name, type, place, title, altText, wells = {}, filters = [], choices = [], sort, objects, frame } = visual;
  const own = `${pageName}-${name}`;
  const pane = [...filters.map((filter) => chosen(filter, own)), ...choices.map((field) => unchosen(field, own))];
  const query = {
    queryState: Object.fromEntries(
      Object.entries(wells).map(([well, fields]) => [well, { projections: fields.map(projection) }]),
    ),
    ...(sort === undefined
      ? {}
      : { sortDefinition: { sort: [{ field: fieldExpression(sort.field), direction: sort.direction }] } }),
  };
  return {
    $schema: SCHEMA.visual,
    name,
    position: position(place, order),
    visual: {
      visualType: type === TIDEMARK ? guid : type,
      ...(Object.keys(wells).length === 0 ? {} : { query }),
      ...(objects === undefined ? {} : { objects }),
      visualContainerObjects: {
        title: [
          formatting(title === undefined ? { show: literal(false) } : { show: literal(true), text: literal(title) }),
        ],
        general: [formatting({ altText: literal(altText) })],
        ...frame,
      },
      drillFilterOtherVisuals: true,
    },
    ...(pane.length === 0 ? {} : { filterConfig: { filters: pane } }),
  };
}

/** A filter of the filter pane with its value chosen. */
function chosen(filter: Filter, own: string): object {
  return {
    name: filterName(filter.field, own),
    field: fieldExpression(filter.field),
    type: filterType(filter),
    filter: filterDefinition(filter),
    howCreated: 'User',
  };
}

/** A filter of the filter pane with nothing chosen. */
function unchosen(field: Field, own: string): object {
  return { name: filterName(field, own), field: fieldExpression(field), type: 'Categorical', howCreated: 'User' };
}

function position([x, y, width, height]: Place, order: number): object {
  return { x, y, z: order * 1000, height, width, tabOrder: order * 1000 };
}

function bookmark({ name, title, page, visual: target, filter }: Bookmark): object {
  const visual = PAGES.find((each) => each.name === page)?.visuals.find((each) => each.name === target);
  const { filters = [], choices = [] } = visual ?? {};
  const state = (field: Field, set: Filter | undefined) => ({
    name: filterName(field, `${page}-${target}`),
    type: 'Categorical',
    expression: fieldExpression(field),
    howCreated: 1,
    ...(set === undefined ? {} : { filter: filterDefinition(set) }),
  });
  const byExpr = [
    ...filters.map((each) => state(each.field, each)),
    ...choices.map((field) => state(field, filter?.field === field ? filter : undefined)),
  ];
  return {
    $schema: SCHEMA.bookmark,
    displayName: title,
    name,
    // Whatever is not named keeps what somebody chose: dates, client, hour.
    options: { applyOnlyToTargetVisuals: true, targetVisualNames: [target], suppressDisplay: true },
    explorationState: {
      version: '1.3',
      activeSection: page,
      sections: { [page]: { visualContainers: { [target]: { filters: { byExpr } } } } },
    },
  };
}

function bookmarkList(): object {
  const pages = PAGES.filter(({ name }) => BOOKMARKS.some(({ page }) => page === name));
  return {
    $schema: SCHEMA.bookmarks,
    items: pages.map(({ name, title }) => ({
      name: `${name}-bookmarks`,
      displayName: title,
      children: BOOKMARKS.filter(({ page }) => page === name).map((each) => each.name),
    })),
  };
}
