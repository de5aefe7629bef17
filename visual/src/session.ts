import type powerbi from 'powerbi-visuals-api';
import { createElements, type Elements } from './elements.ts';
import { Selection } from './interact/selection.ts';
import type { OverviewOrder } from './overview-rows.ts';
import type { DrawnPicture } from './picture.ts';
import { VisibleTime } from './visible-time.ts';
import { createTranslate, type Translate } from './words.ts';

/** Which panel has the keyboard's focus, and which of its points; −1 before the first key. */
export interface Focus {
  readonly panel: number;
  readonly point: number;
}

/** What one visual on one page remembers between updates. */
export interface Session {
  readonly host: powerbi.extensibility.visual.IVisualHost;
  readonly elements: Elements;
  readonly translate: Translate;
  readonly selection: Selection;
  readonly time: VisibleTime;
  /** Identifier of the hatch pattern, unique on the page. */
  readonly hatch: string;
  /** Draws the same rows again; calls in one task are one drawing. */
  readonly redraw: () => void;
  /** What is on the screen; `null` while a message stands in its place. */
  drawn: DrawnPicture | null;
  focus: Focus | null;
  tableShown: boolean;
  /** Name of the series opened from the overview; `null` for all. */
  opened: string | null;
  /** The incident that is open, and the time that was shown before it. */
  incident: { readonly group: number; readonly start: number } | null;
  before: { readonly choice: readonly [number, number] | null } | null;
  /** Whether the reader wants the incidents listed; `null` where they have not said. */
  listAsked: boolean | null;
  order: OverviewOrder;
  /** Are the series of a storm shown one by one in the overview? */
  unfolded: boolean;
  /** Coverage the reader has chosen; `null` where they have not, or have gone back. Kept nowhere. */
  coverage: number | null;
  mayExport: boolean;
  /** Is the author formatting on the object? */
  formatting: boolean;
}

let instances = 0;

/** A session with nothing drawn; `draw` is what `redraw` runs at the end of the task. */
export function createSession(
  element: HTMLElement,
  host: powerbi.extensibility.visual.IVisualHost,
  draw: () => void,
): Session {
  let pending = false;
  const redraw = () => {
    if (pending) return;
    pending = true;
    queueMicrotask(() => {
      pending = false;
      draw();
    });
  };
  const localization = host.createLocalizationManager();
  const translate = createTranslate((key) => localization.getDisplayName(key));
  return {
    host,
    elements: createElements(element, translate('Language')),
    translate,
    selection: new Selection(host, redraw),
    time: new VisibleTime(),
    hatch: `tidemark-${++instances}`,
    redraw,
    drawn: null,
    focus: null,
    tableShown: false,
    opened: null,
    incident: null,
    before: null,
    listAsked: null,
    order: { column: 'state', reversed: false },
    unfolded: false,
    coverage: null,
    mayExport: false,
    formatting: false,
  };
}

/** May the reader select, open menus and zoom? On a dashboard a click belongs to the tile. */
export function mayInteract({ host }: Session): boolean {
  return host.hostCapabilities?.allowInteractions !== false;
}
