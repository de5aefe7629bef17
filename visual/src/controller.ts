import { select } from 'd3';
import type powerbi from 'powerbi-visuals-api';
import { FormattingSettingsService } from 'powerbi-visuals-utils-formattingmodel';
import { commandOf, type KeyCommand } from './access/keyboard.ts';
import { narrate, narratePanel, narratePoint } from './access/narration.ts';
import { drawTable, tableCsv } from './access/table.ts';
import { type ChartInput, type DrawnPanel, drawChart } from './chart.ts';
import { createForecastSource } from './forecasts.ts';
import { createFormats, type Formats } from './format.ts';
import { OnObject } from './interact/on-object.ts';
import { type Pointed, pointAt } from './interact/pointer.ts';
import { Selection } from './interact/selection.ts';
import { drawToolbar, EXPORT_PATH, RESET_PATH, TABLE_PATH, type Tool } from './interact/toolbar.ts';
import { tooltipItems } from './interact/tooltip.ts';
import type { Point } from './judged.ts';
import { EDGE, type Layout, layOut } from './layout.ts';
import { BrushStrip } from './marks/brush.ts';
import { drawFocus, drawSelected } from './marks/focus.ts';
import { drawHeader, part } from './marks/header.ts';
import { drawLegend } from './marks/legend.ts';
import { drawMessage } from './marks/message.ts';
import { drawsServed, type Options } from './options.ts';
import { PACKAGED_MODEL } from './packaged-model.ts';
import { type Rows, readRows } from './rows.ts';
import { ruledColour } from './rules.ts';
import { disableIdle, PaneModel, readOptions } from './settings.ts';
import { createTheme, type Theme } from './theme.ts';
import { buildViewModel, type Panel, type ViewModel } from './view-model.ts';
import { VisibleTime } from './visible-time.ts';
import { createTranslate, type Translate } from './words.ts';

let instances = 0;

/** Rows after which no more are fetched: beyond, a picture shows nothing new. */
const MOST_ROWS = 120_000;
const ALLOWED = 0;

/** What was drawn last, for the hands and eyes that come between updates. */
interface Drawn {
  readonly view: ViewModel;
  readonly options: Options;
  readonly theme: Theme;
  readonly formats: Formats;
  readonly layout: Layout;
  readonly width: number;
  readonly domain: readonly [number, number];
  readonly panels: readonly DrawnPanel[];
  readonly categorical: powerbi.DataViewCategorical | undefined;
}

/** One visual on one page: keeps its elements, draws updates into them and answers pointer and keys. */
export class Controller {
  private readonly host: powerbi.extensibility.visual.IVisualHost;
  private readonly root: HTMLElement;
  private readonly svg: SVGSVGElement;
  private readonly say: Translate;
  private readonly paneService: FormattingSettingsService;
  private readonly forecasts = createForecastSource(PACKAGED_MODEL);
  private readonly selection: Selection;
  private readonly time = new VisibleTime();
  private readonly brush: BrushStrip;
  private readonly hatch = `tidemark-${++instances}`;
  private pane = new PaneModel();
  private drawn: Drawn | null = null;
  private redrawPending = false;
  private tableShown = false;
  private mayExport = false;
  private formatting = false;
  readonly onObject: OnObject;
  private focus: { panel: number; point: number } | null = null;

  constructor(element: HTMLElement, host: powerbi.extensibility.visual.IVisualHost) {
    this.host = host;
    const localization = host.createLocalizationManager();
    this.say = createTranslate((key) => localization.getDisplayName(key));
    this.paneService = new FormattingSettingsService(localization);
    this.root = select(element).append('div').attr('class', 'tidemark').node() as HTMLElement;
    for (const name of ['header', 'legend', 'message']) part(this.root, 'div', name);
    const chart = part(this.root, 'div', 'chart').node() as HTMLElement;
    this.svg = select(chart).append('svg').attr('class', 'panels').node() as SVGSVGElement;
    part(this.root, 'div', 'table').attr('tabindex', 0).style('display', 'none');
    const strip = select(this.root)
      .append('svg')
      .attr('class', 'brush-strip')
      .attr('aria-hidden', 'true')
      .node() as SVGSVGElement;
    this.brush = new BrushStrip(strip, (domain, final) => this.show(domain, final));
    part(this.root, 'div', 'spoken').attr('aria-live', 'polite').attr('role', 'status');
    this.selection = new Selection(host, () => this.redraw());
    this.onObject = new OnObject(host, this.say);
    void host.downloadService?.exportStatus?.().then((status) => {
      this.mayExport = status === ALLOWED;
      this.redraw();
    });
    this.listen();
  }

  /** Draws an update. @throws whatever goes wrong; the shell tells host and reader. */
  update(update: powerbi.extensibility.visual.VisualUpdateOptions): void {
    const dataView = update.dataViews?.[0];
    this.pane = this.paneService.populateFormattingSettingsModel(PaneModel, dataView as powerbi.DataView);
    const options = readOptions(this.pane);
    this.readView(dataView);
    const rows = readRows(dataView);
    const complete = this.fetchOlder(dataView);
    this.formatting = update.formatMode ?? false;
    const served = drawsServed(options, rows.bound);
    const forecasts = this.forecasts.forecastsFor(rows, !served || options.band.nested, options.model.clock);
    const built = buildViewModel(rows, forecasts, options);
    const count = String(rows.series.reduce((sum, series) => sum + series.rows.length, 0));
    const view = complete
      ? built
      : { ...built, notices: [...built.notices, { key: 'Notice_MoreRows', values: [count] }] };
    disableIdle(this.pane, {
      served: served && options.alarms.judged === 'served',
      noFans: forecasts.source === 'rows' || forecasts.source === 'none',
      noModel: rows.modelText === null && PACKAGED_MODEL === null,
    });
    this.selection.renew(dataView?.categorical);
    const { width, height } = update.viewport;
    const theme = createTheme(this.host.colorPalette, options);
    const formats = createFormats(this.host.locale, options.numbers, rows.format, view.largest);
    const layout = layOut(width, height, view.panels.length, options);
    this.drawAll({ view, options, theme, formats, layout, width, categorical: dataView?.categorical }, rows);
  }

  /** Rows come newest first: what is fetched is older. Returns false where older rows exist that cannot be had. */
  private fetchOlder(dataView: powerbi.DataView | undefined): boolean {
    if (dataView?.metadata?.segment === undefined) return true;
    const length = dataView.categorical?.categories?.[0]?.values.length ?? 0;
    return length < MOST_ROWS && this.host.fetchMoreData(true);
  }

  formattingModel(): powerbi.visuals.FormattingModel {
    return this.paneService.buildFormattingModel(this.pane);
  }

  /** Says on the visual that drawing failed; never throws. */
  showFailure(): void {
    this.drawn = null;
    drawMessage(this.root, { title: this.say('Failure_Title'), lines: [this.say('Failure_Text')] }, null);
    this.showParts(false, false);
  }

  private drawAll(what: Omit<Drawn, 'domain' | 'panels'>, rows: Rows | null): void {
    const { view, theme, layout, options, formats } = what;
    const domain = this.time.within(view.domain, options.zoom.days);
    const root = select(this.root)
      .style('color', theme.foreground)
      .style('--ground', theme.background)
      .style('padding', `${layout.tiny ? 4 : EDGE}px`)
      .classed('tiny', layout.tiny)
      .classed('high-contrast', theme.highContrast);
    root.attr('data-source', view.source).classed('formatting', this.formatting).classed('still', !this.mayInteract);
    if (view.stage !== 'chart') {
      this.drawn = null;
      const key = view.stage === 'landing' ? 'Landing' : 'Empty';
      const lines = view.stage === 'landing' ? ['Landing_1', 'Landing_2', 'Landing_3'] : ['Empty_1'];
      drawMessage(this.root, { title: this.say(`${key}_Title`), lines: lines.map((line) => this.say(line)) }, theme);
      this.showParts(false, false);
      return;
    }
    drawMessage(this.root, null, theme);
    drawHeader(part(this.root, 'div', 'header').node() as HTMLElement, { ...what, say: this.say });
    drawLegend(
      part(this.root, 'div', 'legend').node() as HTMLElement,
      view,
      options,
      theme,
      formats,
      this.say,
      layout.legend.show,
    );
    this.showParts(true, this.tableShown);
    const input: ChartInput = {
      ...what,
      domain,
      say: this.say,
      hatch: this.hatch,
      colourOf: (panel, point) => ruledColour(what.categorical, panel.series.group, point),
    };
    select(this.root)
      .select('.chart')
      .style('height', `${layout.room}px`)
      .style('overflow-y', layout.chartHeight > layout.room + 1 ? 'auto' : 'hidden');
    const panels = drawChart(this.svg, input);
    this.drawn = { ...what, domain, panels };
    for (const { node, frame } of panels) {
      select(node).attr('aria-label', narratePanel(frame.panel, formats, this.say));
      drawSelected(frame, (point) => this.selection.has(frame.panel, point), !this.selection.isEmpty);
    }
    this.drawFocused();
    const left = panels.length === 1 ? (panels[0] as DrawnPanel).left : 2;
    this.brush.draw({ view, domain, layout, left, width: Math.max(0, what.width - 2 * EDGE), theme, options });
    if (this.tableShown) {
      drawTable(part(this.root, 'div', 'table').node() as HTMLElement, view, domain, formats, this.say);
    }
    drawToolbar(this.root, layout.tiny || !this.mayInteract ? [] : this.tools(), theme, this.say);
    this.drawNotices(view);
    if (rows !== null) this.announce(narrate(view, formats, this.say));
  }

  /** Draws the same rows again: another part of the time, another selection. Many wishes in one task are one drawing. */
  private redraw(): void {
    if (this.redrawPending) return;
    this.redrawPending = true;
    queueMicrotask(() => {
      this.redrawPending = false;
      if (this.drawn !== null) this.drawAll(this.drawn, null);
    });
  }

  private showParts(chart: boolean, table: boolean): void {
    for (const name of ['header', 'legend', 'brush-strip']) {
      if (!chart) select(this.root).select(`.${name}`).style('display', 'none');
    }
    select(this.root)
      .select('.chart')
      .style('display', () => (chart && !table ? null : 'none'));
    const height = this.drawn?.layout.room;
    select(this.root)
      .select('.table')
      .style('display', () => (chart && table ? null : 'none'))
      .style('height', () => (height === undefined ? null : `${height}px`));
  }

  private tools(): Tool[] {
    const tools: Tool[] = [
      {
        name: 'as-table',
        label: 'Tool_Table',
        path: TABLE_PATH,
        pressed: this.tableShown,
        run: () => this.toggleTable(),
      },
    ];
    if (this.mayExport)
      tools.push({ name: 'export', label: 'Tool_Export', path: EXPORT_PATH, run: () => this.exportRows() });
    if (this.time.isChosen)
      tools.push({ name: 'reset', label: 'Tool_Reset', path: RESET_PATH, run: () => this.show(null, true) });
    return tools;
  }

  private exportRows(): void {
    if (this.drawn === null) return;
    const csv = tableCsv(this.drawn.view, this.drawn.domain, this.say);
    void this.host.downloadService.exportVisualsContent(csv, 'tidemark.csv', 'csv', this.say('Export_Title'));
  }

  private drawNotices(view: ViewModel): void {
    const sentences = view.notices.map((notice) => this.say(notice.key, ...(notice.values ?? [])));
    part(this.root, 'div', 'notices')
      .style('display', () => (sentences.length > 0 ? null : 'none'))
      .selectAll('p')
      .data(sentences)
      .join('p')
      .text((sentence) => sentence);
    const problems = view.notices.filter((notice) => notice.key.startsWith('Problem_'));
    const problem = problems[0];
    if (problem !== undefined) {
      this.host.displayWarningIcon?.(this.say('Problem_Title'), this.say(problem.key, ...(problem.values ?? [])));
    }
  }

  private announce(sentence: string): void {
    const spoken = part(this.root, 'div', 'spoken');
    if (spoken.text() !== sentence) spoken.text(sentence);
  }

  private get mayInteract(): boolean {
    return this.host.hostCapabilities?.allowInteractions !== false;
  }

  private listen(): void {
    const svg = select(this.svg);
    svg
      .on('pointermove', (event: PointerEvent) => this.hover(event))
      .on('pointerleave', () => this.leave())
      .on('click', (event: MouseEvent) => void this.click(event))
      .on('contextmenu', (event: MouseEvent) => void this.menu(event))
      .on('wheel', (event: WheelEvent) => this.wheel(event), { passive: false });
    // Heard outside of the picture: Chromium makes an SVG that listens for the focus a stop of its own.
    select(this.svg.parentNode as HTMLElement)
      .on('keydown', (event: KeyboardEvent) => this.key(event))
      .on('focusin', (event: FocusEvent) => this.focusIn(event))
      .on('focusout', () => {
        this.focus = null;
        this.drawFocused();
      });
    select(this.root).on('click', (event: MouseEvent) => {
      const outside = !this.svg.contains(event.target as Node);
      if (outside && this.formatting) this.onObject.choose(event);
    });
    select(this.root).on('contextmenu', (event: MouseEvent) => void this.menu(event));
    select(this.root)
      .select('.table')
      .on('keydown', (event: KeyboardEvent) => {
        if (event.key === 't' || event.key === 'T' || event.key === 'Escape') this.toggleTable();
      });
  }

  private at(event: MouseEvent): Pointed | null {
    const box = this.svg.getBoundingClientRect();
    return this.drawn === null ? null : pointAt(this.drawn.panels, event.clientX - box.left, event.clientY - box.top);
  }

  private hover(event: PointerEvent): void {
    const pointed = this.at(event);
    const { drawn } = this;
    if (drawn === null) return;
    for (const one of drawn.panels) drawFocus(one.frame, one === pointed?.drawn ? pointed.point : null, false);
    if (pointed === null || !this.host.tooltipService.enabled()) {
      this.host.tooltipService.hide({ immediately: false, isTouchEvent: event.pointerType === 'touch' });
      return;
    }
    this.tooltip(pointed.panel, pointed.point, [event.clientX, event.clientY], event.pointerType === 'touch');
  }

  private tooltip(panel: Panel, point: Point, coordinates: number[], isTouchEvent: boolean): void {
    const drawn = this.drawn as Drawn;
    const colour = point.severity === null ? drawn.theme.actual : drawn.theme.severity[point.severity];
    const id = this.selection.idOf(panel, point);
    this.host.tooltipService.show({
      coordinates,
      isTouchEvent,
      dataItems: tooltipItems(panel, point, drawn.categorical, drawn.formats, this.say, colour),
      identities: id === null ? [] : [id],
    });
  }

  private leave(): void {
    for (const one of this.drawn?.panels ?? []) drawFocus(one.frame, null, false);
    this.host.tooltipService.hide({ immediately: true, isTouchEvent: false });
  }

  private async click(event: MouseEvent): Promise<void> {
    if (this.formatting) {
      this.onObject.choose(event);
      return;
    }
    if (!this.mayInteract || this.drawn === null) return;
    const pointed = this.at(event);
    if (pointed === null || pointed.point.actual === null) await this.selection.clear();
    else await this.selection.toggle(pointed.panel, pointed.point, event.ctrlKey || event.metaKey);
    this.redraw();
  }

  private async menu(event: MouseEvent): Promise<void> {
    event.preventDefault();
    event.stopPropagation();
    if (!this.mayInteract) return;
    const pointed = this.at(event);
    await this.selection.showMenu(pointed?.panel ?? null, pointed?.point ?? null, {
      x: event.clientX,
      y: event.clientY,
    });
  }

  private wheel(event: WheelEvent): void {
    const pointed = this.at(event);
    if (
      this.drawn === null ||
      pointed === null ||
      !this.mayInteract ||
      !(event.ctrlKey || event.shiftKey || this.time.isChosen || event.altKey)
    )
      return;
    event.preventDefault();
    const { view, domain } = this.drawn;
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const amount = (event.deltaY || event.deltaX) * (event.deltaMode === 1 ? 16 : 1);
    const moved = sideways
      ? this.time.pan(view.domain, domain, (amount / pointed.drawn.frame.width) * (domain[1] - domain[0]))
      : this.zoomAt(pointed.point.time, 1.002 ** amount);
    if (moved) this.show(undefined, true);
  }

  private zoomAt(time: number, factor: number): boolean {
    const { view, domain } = this.drawn as Drawn;
    return this.time.zoom(view.domain, domain, time, factor, (view.panels[0] as Panel).series.stepMs);
  }

  /** Shows a part of the time; a final choice is kept with the report, so that bookmarks hold it. */
  private show(domain: readonly [number, number] | null | undefined, final: boolean): void {
    if (domain !== undefined) this.time.choose(domain);
    this.redraw();
    if (!final || this.drawn === null || !this.mayInteract) return;
    const [from, to] = this.time.within(this.drawn.view.domain, this.drawn.options.zoom.days);
    const selector = null as unknown as powerbi.data.Selector;
    const kept = { objectName: 'view', selector, properties: { from, to } };
    this.host.persistProperties(this.time.isChosen ? { merge: [kept] } : { remove: [kept] });
  }

  private readView(dataView: powerbi.DataView | undefined): void {
    const view = dataView?.metadata?.objects?.view;
    const from = Number(view?.from);
    const to = Number(view?.to);
    if (Number.isFinite(from) && Number.isFinite(to) && from < to) this.time.choose([from, to]);
    else if (view === undefined) this.time.choose(null);
  }

  private focusIn(event: FocusEvent): void {
    const at = this.drawn?.panels.findIndex(({ node }) => node === event.target) ?? -1;
    if (at >= 0 && this.focus?.panel !== at) this.focus = { panel: at, point: -1 };
  }

  private key(event: KeyboardEvent): void {
    const { drawn, focus } = this;
    const panel = focus === null ? undefined : drawn?.panels[focus.panel];
    if (drawn === null || focus === null || panel === undefined) return;
    const { series } = panel.frame.panel;
    const perDay = Math.max(1, Math.round(86_400_000 / series.stepMs));
    const command = commandOf(event, series.points, focus.point, perDay);
    if (command === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.execute(command, panel, focus.point);
  }

  private execute(wish: KeyCommand, drawnPanel: DrawnPanel, at: number): void {
    const { frame, left, top } = drawnPanel;
    const { panel } = frame;
    const point = panel.series.points[at];
    const box = this.svg.getBoundingClientRect();
    const place = (one: Point) => ({
      x: box.left + left + frame.x(one.time),
      y: box.top + top + frame.y(one.actual ?? one.forecast ?? 0),
    });
    switch (wish.kind) {
      case 'move':
        this.moveFocus(wish.to, panel);
        return;
      case 'select':
        if (point !== undefined && this.mayInteract) {
          void this.selection.toggle(panel, point, wish.several).then(() => this.redraw());
        }
        return;
      case 'menu':
        if (this.mayInteract)
          void this.selection.showMenu(panel, point ?? null, point === undefined ? box : place(point));
        return;
      case 'clear':
        this.host.tooltipService.hide({ immediately: true, isTouchEvent: false });
        if (this.mayInteract) void this.selection.clear().then(() => this.redraw());
        return;
      case 'table':
        this.toggleTable();
        return;
      case 'zoom-in':
      case 'zoom-out': {
        if (!this.mayInteract) return;
        const around = point?.time ?? (this.drawn as Drawn).domain[1];
        if (this.zoomAt(around, wish.kind === 'zoom-in' ? 0.7 : 1 / 0.7)) this.show(undefined, true);
      }
    }
  }

  private moveFocus(to: number, panel: Panel): void {
    const drawn = this.drawn as Drawn;
    const point = panel.series.points[to] as Point;
    this.focus = { panel: this.focus?.panel ?? 0, point: to };
    const [from, end] = drawn.domain;
    if (point.time < from || point.time > end) {
      this.time.pan(drawn.view.domain, drawn.domain, point.time < from ? point.time - from : point.time - end);
      this.redraw();
    }
    this.drawFocused();
    this.announce(narratePoint(point, drawn.formats, this.say));
  }

  private drawFocused(): void {
    this.drawn?.panels.forEach(({ frame }, k) => {
      const at = this.focus?.panel === k ? this.focus.point : -1;
      drawFocus(frame, frame.panel.series.points[at] ?? null, true);
    });
  }

  private toggleTable(): void {
    this.tableShown = !this.tableShown;
    if (this.drawn !== null) this.drawAll(this.drawn, null);
    const target = this.tableShown ? '.table' : 'g.panel';
    select(this.root).select<HTMLElement>(target).node()?.focus();
  }

  destroy(): void {
    select(this.root).remove();
    this.drawn = null;
  }
}
