import { select } from 'd3';
import type powerbi from 'powerbi-visuals-api';
import { FormattingSettingsService } from 'powerbi-visuals-utils-formattingmodel';
import '../style/visual.less';
import { draw, narratePicture, showMessage } from './draw.ts';
import { createForecastSource, type ForecastSource } from './forecasts.ts';
import { listen } from './interact/listen.ts';
import { OnObject } from './interact/on-object.ts';
import { showTime } from './interact/zoom.ts';
import { BrushStrip } from './marks/brush.ts';
import { PACKAGED_MODEL } from './packaged-model.ts';
import { createSession, type Session } from './session.ts';
import { PaneModel } from './settings.ts';
import { composePicture, isResize, type Read, readUpdate } from './update.ts';

type UpdateOptions = powerbi.extensibility.visual.VisualUpdateOptions;

/** The longest delay a browser's timer takes, in ms. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The host's word that content may be exported. */
const ALLOWED = 0;

/**
 * The shell Power BI sees, and the only place that catches: whatever goes wrong is told to the host and the
 * reader. Updates are drawn in a task of their own, and only the newest of those that arrive before it;
 * each one starts and ends its rendering exactly once.
 */
export class Visual implements powerbi.extensibility.visual.IVisual {
  /** Formatting on the object, for hosts that offer it. */
  readonly visualOnObjectFormatting: powerbi.extensibility.visual.VisualOnObjectFormatting;
  private readonly events: powerbi.extensibility.IVisualEventService;
  private readonly session: Session;
  private readonly panes: FormattingSettingsService;
  private readonly forecasts: ForecastSource = createForecastSource(PACKAGED_MODEL);
  private readonly brush: BrushStrip;
  private waiting: UpdateOptions[] = [];
  private newest: UpdateOptions | null = null;
  private read: Read | null = null;
  private ageing: ReturnType<typeof setTimeout> | undefined;
  private alive = true;

  constructor(options?: powerbi.extensibility.visual.VisualConstructorOptions) {
    const { element, host } = options as powerbi.extensibility.visual.VisualConstructorOptions;
    this.events = host.eventService;
    this.panes = new FormattingSettingsService(host.createLocalizationManager());
    this.session = createSession(element, host, () => this.drawAgain());
    this.brush = new BrushStrip(this.session.elements.strip, (domain, final) => showTime(this.session, domain, final));
    const onObject = new OnObject(host, this.session.translate);
    this.visualOnObjectFormatting = onObject;
    void host.downloadService?.exportStatus?.().then((status) => {
      this.session.mayExport = status === ALLOWED;
      this.session.redraw();
    });
    listen(this.session, onObject);
  }

  update(options: UpdateOptions): void {
    this.events.renderingStarted(options);
    this.waiting.push(options);
    if (this.waiting.length === 1) setTimeout(() => this.drawNewest());
  }

  private drawNewest(): void {
    const updates = this.waiting;
    this.waiting = [];
    const newest = updates.at(-1);
    if (newest === undefined || !this.alive) return;
    try {
      this.newest = newest;
      this.drawUpdate(newest, updates.every(isResize));
    } catch (error) {
      this.read = null;
      const { translate } = this.session;
      showMessage(this.session, { title: translate('Failure_Title'), lines: [translate('Failure_Text')] }, null);
      for (const update of updates)
        this.events.renderingFailed(update, error instanceof Error ? error.message : String(error));
      return;
    }
    for (const update of updates) this.events.renderingFinished(update);
  }

  private drawUpdate(update: UpdateOptions, isAlike = false): void {
    // A resize brings the same rows: they are read and judged once.
    if (this.read === null || !isAlike) this.read = readUpdate(this.session, update, this.panes, this.forecasts);
    const { staleIn } = this.read;
    draw(this.session, this.brush, composePicture(this.session, update.viewport, this.read));
    if (isAlike) return;
    narratePicture(this.session);
    // A visual left open on a wall gets no update when its data grow old.
    clearTimeout(this.ageing);
    if (staleIn !== null) this.ageing = setTimeout(() => this.growOld(), Math.min(staleIn + 1000, LONGEST_TIMEOUT));
  }

  private growOld(): void {
    if (this.newest !== null && this.alive && this.session.drawn !== null) this.drawUpdate(this.newest);
  }

  private drawAgain(): void {
    if (this.session.drawn === null || this.read === null || this.newest === null || !this.alive) return;
    draw(this.session, this.brush, composePicture(this.session, this.newest.viewport, this.read));
  }

  getFormattingModel(): powerbi.visuals.FormattingModel {
    return this.panes.buildFormattingModel(this.read?.pane ?? new PaneModel());
  }

  destroy(): void {
    this.alive = false;
    clearTimeout(this.ageing);
    this.session.drawn = null;
    select(this.session.elements.root).remove();
  }
}
