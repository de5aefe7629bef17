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
import { forgetWidths } from './text-width.ts';
import { composePicture, isResize, type Read, readUpdate } from './update.ts';

type UpdateOptions = powerbi.extensibility.visual.VisualUpdateOptions;

/** The longest delay a browser's timer takes, in ms. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** How long a model runs before the page gets its turn, in ms. */
const SLICE_MS = 16;
/** How often what a model has not finished is drawn again for its progress, in ms. */
const REDRAW_MS = 400;

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
  /** Updates whose rendering has not ended. */
  private readonly unfinished: UpdateOptions[] = [];
  private slice: ReturnType<typeof setTimeout> | undefined;
  private drawnAt = 0;
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
    document.fonts?.addEventListener('loadingdone', this.measureAgain);
  }

  /** Words are measured when they are first drawn; a font of the report may come only then. */
  private readonly measureAgain = (): void => {
    forgetWidths();
    this.session.redraw();
  };

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
    this.unfinished.push(...updates);
    this.newest = newest;
    this.attempt(() => this.drawUpdate(newest, updates.every(isResize)));
  }

  /** Draws, and ends the rendering of the updates at hand unless a model is still to be run for them. */
  private attempt(drawing: () => void): void {
    try {
      drawing();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.read?.pending) {
      this.slice ??= setTimeout(() => this.computeSlice());
      return;
    }
    for (const update of this.unfinished.splice(0)) this.events.renderingFinished(update);
  }

  private fail(error: unknown): void {
    this.read = null;
    const { translate } = this.session;
    showMessage(this.session, { title: translate('Failure_Title'), lines: [translate('Failure_Text')] }, null);
    for (const update of this.unfinished.splice(0))
      this.events.renderingFailed(update, error instanceof Error ? error.message : String(error));
  }

  /** Runs the model for a moment; what it has finished is drawn in a task of its own, so that none takes long. */
  private computeSlice(): void {
    this.slice = undefined;
    if (!this.alive || this.read === null) return;
    let isNews: boolean;
    try {
      isNews = this.forecasts.compute(SLICE_MS);
    } catch (error) {
      this.fail(error);
      return;
    }
    const isDue = performance.now() - this.drawnAt > REDRAW_MS;
    this.slice = setTimeout(() => {
      this.slice = undefined;
      if (!this.alive || this.read === null) return;
      if (isNews || isDue) this.attempt(() => this.drawComputed());
      else this.computeSlice();
    });
  }

  private drawComputed(): void {
    if (this.read === null || this.newest === null) return;
    this.read = this.read.again();
    this.drawRead(this.newest, this.read);
  }

  private drawUpdate(update: UpdateOptions, isAlike = false): void {
    // A resize brings the same rows: they are read and judged once.
    if (this.read === null || !isAlike) this.read = readUpdate(this.session, update, this.panes, this.forecasts);
    this.drawRead(update, this.read);
  }

  private drawRead(update: UpdateOptions, read: Read): void {
    draw(this.session, this.brush, composePicture(this.session, update.viewport, read));
    this.drawnAt = performance.now();
    if (!read.pending) narratePicture(this.session);
    // A visual left open on a wall gets no update when its data grow old.
    clearTimeout(this.ageing);
    const { staleIn } = read;
    if (staleIn !== null) this.ageing = setTimeout(() => this.growOld(), Math.min(staleIn + 1000, LONGEST_TIMEOUT));
  }

  private growOld(): void {
    const { newest } = this;
    if (newest !== null && this.alive && this.session.drawn !== null) this.attempt(() => this.drawUpdate(newest));
  }

  private drawAgain(): void {
    if (this.session.drawn === null || this.read === null || this.newest === null || !this.alive) return;
    // A reader has moved the sensitivity: the same rows are judged anew.
    if (this.read.coverage !== this.session.coverage) this.read = this.read.again();
    draw(this.session, this.brush, composePicture(this.session, this.newest.viewport, this.read));
  }

  getFormattingModel(): powerbi.visuals.FormattingModel {
    return this.panes.buildFormattingModel(this.read?.pane ?? new PaneModel());
  }

  destroy(): void {
    this.alive = false;
    clearTimeout(this.ageing);
    clearTimeout(this.slice);
    document.fonts?.removeEventListener('loadingdone', this.measureAgain);
    this.session.drawn = null;
    select(this.session.elements.root).remove();
  }
}
