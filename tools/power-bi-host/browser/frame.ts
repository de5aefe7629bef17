// Runs inside the sandboxed frame: the side of Power BI that a visual can touch.

import type { Cell, FormatObjects, PlainDataView, PlainValues } from '../data-view.ts';
import type { HostEvent, HostScript, ToFrame, UpdateScript } from '../messages.ts';
import { presentOf, settableClock } from './clock.ts';

interface VisualPlugin {
  create(options: { element: HTMLElement; host: unknown }): VisualInstance;
}

interface VisualInstance {
  update(options: unknown): void;
  getFormattingModel?(): unknown;
  destroy?(): void;
}

interface Identity {
  readonly key: string;
  getKey(): string;
  equals(other: Identity): boolean;
  includes(other: Identity): boolean;
  getSelector(): object;
  getSelectorsByColumn(): object;
  hasIdentity(): boolean;
}

interface VisualSettings {
  readonly guid: string;
  readonly strings: Record<string, Record<string, string>>;
}

declare const TIDEMARK_VISUAL: VisualSettings;

const page = window as unknown as {
  powerbi: { visuals: { plugins: Record<string, VisualPlugin> } };
  tidemarkHost: {
    create(host: HostScript): void;
    createBeside(update: UpdateScript): Promise<void>;
    measure(update: UpdateScript): Promise<Measured>;
  };
};
const element = document.getElementById('visual') as HTMLElement;
const setClock = settableClock();
let visual: VisualInstance | null = null;
let selected: Identity[] = [];
let onSelect: ((ids: Identity[]) => void) | null = null;
let finished: (() => void) | null = null;
let lastUpdate: UpdateScript | null = null;
let moreData: PlainDataView[] = [];
const built = new Map<string, Identity>();

function tell(name: string, detail: unknown = null): void {
  window.parent.postMessage({ name, detail } satisfies HostEvent, '*');
}

window.addEventListener('error', (event) => tell('error', String(event.error?.stack ?? event.message)));
window.addEventListener('unhandledrejection', (event) => tell('error', String(event.reason?.stack ?? event.reason)));
document.addEventListener('securitypolicyviolation', (event) =>
  tell('error', `blocked by policy: ${event.violatedDirective} ${event.blockedURI}`),
);

window.addEventListener('message', (event: MessageEvent<ToFrame>) => {
  if (event.source !== window.parent) return;
  const message = event.data;
  switch (message.kind) {
    case 'create':
      create(message.host);
      break;
    case 'update':
      update(message.update);
      break;
    case 'updates':
      for (const one of message.updates) update(one);
      break;
    case 'format-model':
      tell('format-model', plain(visual?.getFormattingModel?.()));
      break;
    case 'select':
      selected = message.keys.map((key) => built.get(key) ?? identity(key));
      onSelect?.(selected);
      break;
    case 'destroy':
      visual?.destroy?.();
      visual = null;
      element.replaceChildren();
  }
});

function create(host: HostScript): void {
  moreData = [...(host.moreData ?? [])];
  [selected, onSelect, finished] = [[], null, null];
  built.clear();
  document.body.style.background = host.background ?? '#ffffff';
  visual?.destroy?.();
  element.replaceChildren();
  const plugin = page.powerbi.visuals.plugins[TIDEMARK_VISUAL.guid] as VisualPlugin;
  visual = plugin.create({ element, host: hostServices(host) });
  tell('created');
}

function update(scripted: UpdateScript): void {
  setClock(presentOf(scripted));
  lastUpdate = scripted;
  element.style.width = `${scripted.width}px`;
  element.style.height = `${scripted.height}px`;
  visual?.update(updateOptions(scripted));
}

function updateOptions(scripted: UpdateScript): object {
  return {
    viewport: { width: scripted.width, height: scripted.height },
    dataViews: scripted.view === null ? [] : [dataView(scripted.view)],
    type: scripted.type ?? 254,
    viewMode: 0,
    editMode: 0,
    isInFocus: scripted.isInFocus ?? false,
    operationKind: scripted.operationKind ?? 0,
    formatMode: scripted.formatMode ?? false,
  };
}

/** Functions and cycles do not travel in messages. */
function plain(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

function cellOf(cell: Cell): unknown {
  if (typeof cell !== 'object' || cell === null) return cell;
  const wall = new Date(cell.wall);
  return new Date(
    wall.getUTCFullYear(),
    wall.getUTCMonth(),
    wall.getUTCDate(),
    wall.getUTCHours(),
    wall.getUTCMinutes(),
    wall.getUTCSeconds(),
  );
}

function dataView(view: PlainDataView): object {
  const columns = view.columns.map((column, index) => ({
    displayName: column.displayName,
    queryName: column.queryName,
    roles: column.roles,
    index,
    ...(column.format === undefined ? {} : { format: column.format }),
    type: { [column.type ?? 'numeric']: true },
    ...(column.level === undefined ? {} : { expr: { kind: 'hierarchyLevel', level: column.level } }),
  }));
  const columnOf = (values: PlainValues) => ({
    source: { ...columns[values.column], ...(values.groupName === undefined ? {} : { groupName: values.groupName }) },
    values: values.cells.map(cellOf),
    ...(values.highlights === undefined ? {} : { highlights: values.highlights.map(cellOf) }),
    ...(values.objects === undefined ? {} : { objects: values.objects.map((one) => one ?? undefined) }),
  });
  const categories = view.categories.map((values) => ({
    ...columnOf(values),
    identity: values.cells.map((_, k) => ({ key: `row ${k}` })),
  }));
  const flat = view.values.map(columnOf) as unknown[] & { grouped?: () => unknown[]; source?: unknown };
  const bySeries = columns.find((column) => (column.roles as Record<string, boolean>).series);
  flat.source = bySeries;
  flat.grouped = () =>
    view.groups.map((group) => ({
      ...(group.name === null ? {} : { name: group.name, identity: { key: `series ${group.name}` } }),
      values: group.values.map((at) => flat[at]),
    }));
  return {
    metadata: {
      columns,
      ...(view.objects === undefined ? {} : { objects: view.objects as FormatObjects }),
      ...(view.segment ? { segment: {} } : {}),
    },
    ...(view.form ?? { categorical: { categories, values: flat } }),
  };
}

function identity(key: string): Identity {
  const known = built.get(key);
  if (known !== undefined) return known;
  const made: Identity = {
    key,
    getKey: () => key,
    equals: (other) => other.key === key,
    includes: (other) => other.key === key,
    getSelector: () => ({ id: key }),
    getSelectorsByColumn: () => ({ id: key }),
    hasIdentity: () => key !== '',
  };
  built.set(key, made);
  return made;
}

function identityBuilder() {
  const parts: string[] = [];
  const builder = {
    withCategory(category: { source: { queryName: string } }, index: number) {
      parts.push(`${category.source.queryName}[${index}]`);
      return builder;
    },
    withSeries(_: unknown, group: { name?: string }) {
      parts.push(`series:${group.name}`);
      return builder;
    },
    withMeasure(name: string) {
      parts.push(`measure:${name}`);
      return builder;
    },
    withTable: () => builder,
    withMatrixNode: () => builder,
    createSelectionId: () => identity(parts.join(' ')),
  };
  return builder;
}

function selectionManager() {
  const keys = () => selected.map((id) => id.key);
  return {
    async select(id: Identity | Identity[], several?: boolean) {
      const ids = Array.isArray(id) ? id : [id];
      if (several) {
        const kept = selected.filter((one) => !ids.some((other) => other.equals(one)));
        selected = kept.length < selected.length ? kept : [...selected, ...ids];
      } else {
        const same = selected.length === ids.length && ids.every((one) => selected.some((other) => other.equals(one)));
        selected = same ? [] : ids;
      }
      tell('select', keys());
      return selected;
    },
    async clear() {
      selected = [];
      tell('clear');
      return {};
    },
    async showContextMenu(id: Partial<Identity>, position: object) {
      tell('context-menu', { key: id.key ?? null, position: plain(position) });
      return {};
    },
    getSelectionIds: () => selected,
    hasSelection: () => selected.length > 0,
    registerOnSelectCallback(callback: (ids: Identity[]) => void) {
      onSelect = callback;
    },
    applySelectionFilter: () => undefined,
    toggleExpandCollapse: async () => ({}),
  };
}

function hostServices(host: HostScript): object {
  const foreground = host.foreground ?? '#252423';
  const background = host.background ?? '#ffffff';
  const colour = (value: string) => ({ value });
  const strings = (locale: string) =>
    TIDEMARK_VISUAL.strings[locale] ??
    TIDEMARK_VISUAL.strings[
      Object.keys(TIDEMARK_VISUAL.strings).find((one) => one.slice(0, 2) === locale.slice(0, 2)) ?? ''
    ] ??
    {};
  const palette = ['#118DFF', '#12239E', '#E66C37', '#6B007B', '#E044A7', '#744EC2', '#D9B300', '#D64550'];
  let given = 0;
  return {
    createSelectionIdBuilder: identityBuilder,
    createSelectionManager: selectionManager,
    colorPalette: {
      isHighContrast: host.highContrast ?? false,
      foreground: colour(foreground),
      background: colour(background),
      foregroundSelected: colour(host.foregroundSelected ?? foreground),
      hyperlink: colour(host.hyperlink ?? '#0078d4'),
      getColor: () => colour(palette[given++ % palette.length] as string),
      reset: () => undefined,
    },
    tooltipService: {
      enabled: () => host.tooltips !== false,
      show: (options: { coordinates: number[]; isTouchEvent: boolean; dataItems: object[]; identities: Identity[] }) =>
        tell('tooltip', {
          touch: options.isTouchEvent,
          coordinates: options.coordinates,
          items: plain(options.dataItems),
          keys: options.identities.map((id) => id.key),
        }),
      move: () => undefined,
      hide: () => tell('tooltip-hide'),
    },
    eventService: {
      renderingStarted: () => tell('rendering-started'),
      renderingFinished: () => {
        finished?.();
        tell('rendering-finished');
      },
      renderingFailed: (_: object, reason?: string) => tell('rendering-failed', reason ?? ''),
    },
    locale: host.locale,
    hostCapabilities: { allowInteractions: host.allowInteractions !== false, allowModalDialog: false },
    hostEnv: 1,
    instanceId: 'host-page',
    createLocalizationManager: () => ({
      getDisplayName: (key: string) => strings(host.locale)[key] ?? strings('en-US')[key] ?? key,
    }),
    persistProperties: (changes: object) => tell('persist', plain(changes)),
    fetchMoreData: () => {
      const next = moreData.shift();
      if (next === undefined) return false;
      const before = lastUpdate as UpdateScript;
      setTimeout(() => update({ ...before, view: next, operationKind: 1 }));
      return true;
    },
    displayWarningIcon: (title: string, detail: string) => tell('warning-icon', { title, detail }),
    downloadService: {
      exportVisualsContent: async (content: string, name: string) => {
        tell('download', { content, name });
        return true;
      },
      exportVisualsContentExtended: async (content: string, name: string) => {
        tell('download', { content, name });
        return { downloadCompleted: true, fileName: name };
      },
      exportStatus: async () => (host.download ? 0 : 1),
    },
    storageV2Service: {
      get: async () => '',
      set: async () => ({ success: true }),
      remove: () => undefined,
      status: async () => 1,
    },
    subSelectionService: {
      subscribe: () => undefined,
      updateRegionOutlines: () => undefined,
      subSelect: (what: object) => tell('sub-select', plain(what)),
    },
    licenseManager: {},
    webAccessService: { webAccessStatus: async () => 1 },
    telemetry: { trace: () => undefined },
    launchUrl: (url: string) => tell('launch-url', url),
    openModalDialog: async () => ({}),
    refreshHostData: () => tell('refresh'),
    applyJsonFilter: () => tell('filter'),
    applyCustomSort: () => undefined,
    drill: () => undefined,
    setCanDrill: () => undefined,
    switchFocusModeState: () => undefined,
  };
}

/** How long an update took, in ms. */
interface Measured {
  /** From the call to the end of its rendering, the browser's layout included. */
  readonly drawn: number;
  /** Until its picture was handed to the screen. */
  readonly shown: number;
  /** The longest the page was blocked. */
  readonly longestTask: number;
  /** Until the first expected range was drawn; NaN where none was. */
  readonly firstBand: number;
  /** The longest time between two turns of the page while it drew; a task of another cannot be longer. */
  readonly longestTurn: number;
}

/** Takes its turn again and again; tells the longest time between two. */
function countTurns(): { stop(): number } {
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  let longest = 0;
  let running = true;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) port2.postMessage(null);
  };
  port1.onmessage = turn;
  port2.postMessage(null);
  return {
    stop() {
      turn();
      running = false;
      port1.close();
      return longest;
    },
  };
}

page.tidemarkHost = {
  create,
  /** A second instance in the same document, over the first one's right side. */
  async createBeside(scripted) {
    const other = document.createElement('div');
    other.style.cssText = 'position: absolute; top: 0; right: 0';
    other.style.width = `${scripted.width}px`;
    other.style.height = `${scripted.height}px`;
    document.body.append(other);
    const plugin = page.powerbi.visuals.plugins[TIDEMARK_VISUAL.guid] as VisualPlugin;
    const instance = plugin.create({ element: other, host: hostServices({ locale: 'en-US' }) });
    const ended = new Promise<void>((resolve) => {
      finished = resolve;
    });
    instance.update(updateOptions(scripted));
    await ended;
    finished = null;
  },
  async measure(scripted) {
    element.style.width = `${scripted.width}px`;
    element.style.height = `${scripted.height}px`;
    setClock(presentOf(scripted));
    const options = updateOptions(scripted);
    let longestTask = 0;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longestTask = Math.max(longestTask, entry.duration);
    });
    observer.observe({ type: 'longtask' });
    await new Promise((idle) => setTimeout(idle));
    const began = performance.now();
    const ended = new Promise<void>((resolve) => {
      finished = resolve;
    });
    let firstBand = Number.NaN;
    const bands = new MutationObserver(() => {
      if (Number.isNaN(firstBand) && element.querySelector('.band path.outer')) firstBand = performance.now() - began;
    });
    bands.observe(element, { childList: true, subtree: true });
    const turns = countTurns();
    visual?.update(options);
    await ended;
    finished = null;
    const longestTurn = turns.stop();
    bands.disconnect();
    element.getBoundingClientRect();
    const drawn = performance.now() - began;
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
    const shown = performance.now() - began;
    observer.disconnect();
    return { drawn, shown, longestTask: Math.max(longestTask, drawn), firstBand, longestTurn };
  },
};

tell('ready');
