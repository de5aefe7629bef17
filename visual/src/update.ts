import type powerbi from 'powerbi-visuals-api';
import type { FormattingSettingsService } from 'powerbi-visuals-utils-formattingmodel';
import type { ForecastSource } from './forecasts.ts';
import { createFormats } from './format.ts';
import { layOut } from './layout.ts';
import { drawsServed } from './options.ts';
import { PACKAGED_MODEL } from './packaged-model.ts';
import type { Picture } from './picture.ts';
import { readRows } from './rows.ts';
import type { Session } from './session.ts';
import { disableIdle, PaneModel, readOptions } from './settings.ts';
import { createTheme } from './theme.ts';
import { buildViewModel } from './view-model.ts';

type UpdateOptions = powerbi.extensibility.visual.VisualUpdateOptions;
type Host = powerbi.extensibility.visual.IVisualHost;

/** Rows after which no more are fetched: beyond, a picture shows nothing new. */
const MOST_ROWS = 120_000;

/** What an update turned into: the picture to draw, and the format pane that goes with it. */
export interface Updated {
  readonly picture: Picture;
  readonly pane: PaneModel;
}

/** The picture an update asks for. @throws whatever goes wrong while reading it. */
export function readUpdate(
  session: Session,
  update: UpdateOptions,
  panes: FormattingSettingsService,
  source: ForecastSource,
): Updated {
  const { host, time, selection } = session;
  const dataView = update.dataViews?.[0];
  const pane = panes.populateFormattingSettingsModel(PaneModel, dataView as powerbi.DataView);
  const options = readOptions(pane);
  time.restore(dataView?.metadata?.objects?.view);
  const rows = readRows(dataView);
  const complete = fetchOlder(host, dataView);
  session.formatting = update.formatMode ?? false;
  const served = drawsServed(options, rows.bound);
  const forecasts = source.forecastsFor(rows, !served || options.band.nested, options.model.clock);
  const built = buildViewModel(rows, forecasts, options);
  const count = String(rows.series.reduce((sum, series) => sum + series.rows.length, 0));
  const view = complete
    ? built
    : { ...built, notices: [...built.notices, { key: 'Notice_MoreRows', values: [count] }] };
  disableIdle(pane, {
    served: served && options.alarms.judged === 'served',
    noFans: forecasts.source === 'rows' || forecasts.source === 'none',
    noModel: rows.modelText === null && PACKAGED_MODEL === null,
  });
  selection.renew(dataView?.categorical);
  const { width, height } = update.viewport;
  const theme = createTheme(host.colorPalette, options);
  const formats = createFormats(host.locale, options.numbers, rows.format, view.largest);
  const layout = layOut(width, height, view.panels.length, options);
  return { pane, picture: { view, options, theme, formats, layout, width, categorical: dataView?.categorical } };
}

/** Rows come newest first: what is fetched is older. Returns false where older rows exist that cannot be had. */
function fetchOlder(host: Host, dataView: powerbi.DataView | undefined): boolean {
  if (dataView?.metadata?.segment === undefined) return true;
  const length = dataView.categorical?.categories?.[0]?.values.length ?? 0;
  return length < MOST_ROWS && host.fetchMoreData(true);
}
