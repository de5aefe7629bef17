import type powerbi from 'powerbi-visuals-api';
import type { FormattingSettingsService } from 'powerbi-visuals-utils-formattingmodel';
import { presentOf } from './clock.ts';
import type { ForecastSource } from './forecasts.ts';
import { createFormats } from './format.ts';
import { canGoBack } from './interact/navigate.ts';
import { layOut } from './layout.ts';
import { withOpenBucket } from './open-bucket.ts';
import { drawsServed, type Options } from './options.ts';
import { PACKAGED_MODEL } from './packaged-model.ts';
import type { Picture } from './picture.ts';
import { type Rows, readRows } from './rows.ts';
import { withCoverage } from './sensitivity.ts';
import { mayInteract, type Session } from './session.ts';
import { disableIdle, PaneModel, readOptions } from './settings.ts';
import { useFont } from './text-width.ts';
import { createTheme } from './theme.ts';
import { buildViewModel, stepOf, type ViewModel } from './view-model.ts';

type UpdateOptions = powerbi.extensibility.visual.VisualUpdateOptions;
type Host = powerbi.extensibility.visual.IVisualHost;

/** Rows after which no more are fetched: beyond, a picture shows nothing new. */
const MOST_ROWS = 120_000;

/** What the rows and settings of an update say, whatever the size of the visual. */
export interface Read {
  readonly view: ViewModel;
  readonly options: Options;
  /** The format pane that goes with it. */
  readonly pane: PaneModel;
  readonly now: number;
  /** Name of the rows' zone; `null` where it is the reader's own. */
  readonly zone: string | null;
  readonly categorical: powerbi.DataViewCategorical | undefined;
  /** In how many ms a status grows old by itself; `null` where none will. */
  readonly staleIn: number | null;
  /** The reader's coverage it was judged by. */
  readonly coverage: number | null;
  /** Is a model still to be run on some of the series? */
  readonly pending: boolean;
  /** The same with what the model has computed in the meantime. */
  readonly again: () => Read;
}

/** VisualUpdateType of an update that brings another size and nothing else: Resize, ViewMode, ResizeEnd. */
const SIZE_ONLY = 4 | 8 | 32;

/** Does an update bring another size, and the rows and settings of the one before? */
export function isResize({ type }: UpdateOptions): boolean {
  return typeof type === 'number' && (type & 4) !== 0 && (type & ~SIZE_ONLY) === 0;
}

/** What an update says before any size is known. @throws whatever goes wrong while reading it. */
export function readUpdate(
  session: Session,
  update: UpdateOptions,
  panes: FormattingSettingsService,
  source: ForecastSource,
): Read {
  const { host, time, selection } = session;
  const dataView = update.dataViews?.[0];
  const pane = panes.populateFormattingSettingsModel(PaneModel, dataView as powerbi.DataView);
  const options = readOptions(pane);
  time.restore(dataView?.metadata?.objects?.view);
  const read = withNames(readRows(dataView), session.translate('Blank'));
  const instant = Date.now();
  const present = presentOf(instant, -60_000 * new Date(instant).getTimezoneOffset(), {
    timeZone: options.freshness.timeZone,
    clock: options.model.clock,
    saysUtc: read.saysUtc,
    modelZone: source.zoneOf(read, options.model.clock),
  });
  const rows = withOpenBucket(read, present.now);
  const complete = fetchOlder(host, dataView);
  session.formatting = update.formatMode ?? false;
  const unknown = present.unknownZone === null ? [] : [{ key: 'Notice_UnknownZone', values: [present.unknownZone] }];
  const count = String(rows.series.reduce((sum, series) => sum + series.rows.length, 0));
  const more = complete ? [] : [{ key: 'Notice_MoreRows', values: [count] }];
  selection.renew(dataView?.categorical);
  const judge = (): Read => {
    const { coverage } = session;
    const served = drawsServed(withCoverage(options, coverage), rows.bound);
    const forecasts = source.forecastsFor(rows, !served || options.band.nested, options.model.clock);
    const built = buildViewModel(rows, forecasts, options, { now: present.now, coverage });
    const view = { ...built, notices: [...built.notices, ...unknown, ...more] };
    disableIdle(pane, {
      served: served && options.alarms.judged === 'served',
      noFans: forecasts.source === 'rows' || forecasts.source === 'none',
      noModel: rows.modelText === null && PACKAGED_MODEL === null,
    });
    return {
      view,
      options,
      pane,
      now: present.now,
      zone: present.zone,
      categorical: dataView?.categorical,
      staleIn: staleIn(view, options.freshness.staleAfter, present.now),
      coverage,
      pending: forecasts.pending === true,
      again: judge,
    };
  };
  return judge();
}

/** The rows with a name for the one series among several that has none, as other visuals call it. */
function withNames(rows: Rows, blank: string): Rows {
  if (rows.series.length < 2) return rows;
  return { ...rows, series: rows.series.map((series) => (series.name === '' ? { ...series, name: blank } : series)) };
}

/** The picture of what was read, in a viewport. */
export function composePicture(
  session: Session,
  { width, height }: powerbi.IViewport,
  { view: whole, options, now, zone, categorical }: Read,
): Picture {
  const { host, translate } = session;
  useFont(options.numbers.font);
  const view = openedIn(session, mayInteract(session) ? whole : { ...whole, sensitivity: null });
  const theme = createTheme(host.colorPalette, options);
  const formats = createFormats(host.locale, options.numbers, view, { now, stepMs: stepOf(view) });
  const layout = layOut(
    { width, height },
    view,
    { options, translate },
    {
      canGoBack: canGoBack(session),
      listAsked: session.listAsked,
      isOpen: session.incident !== null,
    },
  );
  return { view, options, theme, formats, layout, width, categorical, zone, series: whole.panels.length };
}

/** The one series that has been opened; all of them where none is, or where it is gone. */
function openedIn(session: Session, view: ViewModel): ViewModel {
  const panels = view.panels.filter(({ series }) => series.name === session.opened);
  if (panels.length === 0) session.opened = null;
  return session.opened === null ? view : { ...view, panels };
}

/** Time until the next panel's data are old, in ms. */
function staleIn({ panels }: ViewModel, staleAfter: number, now: number): number | null {
  const due = panels
    .filter(({ status }) => status.kind !== 'no-data')
    .map((panel) => (panel.now ?? Number.POSITIVE_INFINITY) + staleAfter * panel.series.stepMs - now)
    .filter((ms) => staleAfter > 0 && Number.isFinite(ms) && ms > 0);
  return due.length === 0 ? null : Math.min(...due);
}

/** Rows come newest first: what is fetched is older. Returns false where older rows exist that cannot be had. */
function fetchOlder(host: Host, dataView: powerbi.DataView | undefined): boolean {
  if (dataView?.metadata?.segment === undefined) return true;
  const length = dataView.categorical?.categories?.[0]?.values.length ?? 0;
  return length < MOST_ROWS && host.fetchMoreData(true);
}
