import type powerbi from 'powerbi-visuals-api';
import '../style/visual.less';
import { Controller } from './controller.ts';

type UpdateOptions = powerbi.extensibility.visual.VisualUpdateOptions;

/**
 * The face Power BI sees, and the only place that catches: whatever goes wrong is told to the host and the
 * reader. Updates are drawn in a task of their own, and only the newest of those that arrive before it;
 * each one starts and ends its rendering exactly once.
 */
export class Visual implements powerbi.extensibility.visual.IVisual {
  /** Formatting on the object, for hosts that offer it. */
  readonly visualOnObjectFormatting: powerbi.extensibility.visual.VisualOnObjectFormatting;
  private readonly events: powerbi.extensibility.IVisualEventService;
  private readonly controller: Controller;
  private waiting: UpdateOptions[] = [];
  private alive = true;

  constructor(options?: powerbi.extensibility.visual.VisualConstructorOptions) {
    const { element, host } = options as powerbi.extensibility.visual.VisualConstructorOptions;
    this.events = host.eventService;
    this.controller = new Controller(element, host);
    this.visualOnObjectFormatting = this.controller.onObject;
  }

  update(options: UpdateOptions): void {
    this.events.renderingStarted(options);
    this.waiting.push(options);
    if (this.waiting.length === 1) setTimeout(() => this.draw());
  }

  private draw(): void {
    const updates = this.waiting;
    this.waiting = [];
    const newest = updates.at(-1);
    if (newest === undefined || !this.alive) return;
    try {
      this.controller.update(newest);
    } catch (error) {
      this.controller.showFailure();
      for (const update of updates)
        this.events.renderingFailed(update, error instanceof Error ? error.message : String(error));
      return;
    }
    for (const update of updates) this.events.renderingFinished(update);
  }

  getFormattingModel(): powerbi.visuals.FormattingModel {
    return this.controller.formattingModel();
  }

  destroy(): void {
    this.alive = false;
    this.controller.destroy();
  }
}
