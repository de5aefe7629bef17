import type powerbi from 'powerbi-visuals-api';
import type { Point } from '../judged.ts';
import type { Panel } from '../view-model.ts';

type SelectionId = powerbi.visuals.ISelectionId;

/** Which buckets are selected, here and by the report; identities are built only when somebody asks. */
export class Selection {
  private readonly host: powerbi.extensibility.visual.IVisualHost;
  private readonly manager: powerbi.extensibility.ISelectionManager;
  private categorical: powerbi.DataViewCategorical | undefined;
  private selected: readonly SelectionId[] = [];

  constructor(host: powerbi.extensibility.visual.IVisualHost, redraw: () => void) {
    this.host = host;
    this.manager = host.createSelectionManager();
    // Bookmarks and other visuals set the selection through this.
    this.manager.registerOnSelectCallback?.((ids) => {
      this.selected = ids as SelectionId[];
      redraw();
    });
  }

  /** The rows identities are built from; call once an update. */
  renew(categorical: powerbi.DataViewCategorical | undefined): void {
    this.categorical = categorical;
    this.selected = (this.manager.getSelectionIds?.() as SelectionId[] | undefined) ?? this.selected;
  }

  get isEmpty(): boolean {
    return this.selected.length === 0;
  }

  has(panel: Panel, point: Point): boolean {
    if (this.isEmpty) return false;
    const id = this.idOf(panel, point);
    return id !== null && this.selected.some((other) => id.equals(other) || other.includes?.(id));
  }

  async toggle(panel: Panel, point: Point, several: boolean): Promise<void> {
    const id = this.idOf(panel, point);
    if (id === null) return;
    this.selected = (await this.manager.select(id, several)) as SelectionId[];
  }

  /** Selects some buckets of a series and nothing else. */
  async selectAll(panel: Panel, points: readonly Point[]): Promise<void> {
    const ids = points.map((point) => this.idOf(panel, point)).filter((id) => id !== null);
    if (ids.length > 0) this.selected = (await this.manager.select(ids, false)) as SelectionId[];
  }

  /** Selects a series and nothing else. */
  async selectSeries(panel: Panel): Promise<void> {
    const values = this.categorical?.values;
    const group = values?.grouped()[panel.series.group];
    if (values === undefined || group?.identity === undefined) return;
    const id = this.host.createSelectionIdBuilder().withSeries(values, group).createSelectionId();
    this.selected = (await this.manager.select(id, false)) as SelectionId[];
  }

  async clear(): Promise<void> {
    this.selected = [];
    await this.manager.clear();
  }

  async showMenu(panel: Panel | null, point: Point | null, at: { x: number; y: number }): Promise<void> {
    const id = panel === null || point === null ? null : this.idOf(panel, point);
    await this.manager.showContextMenu((id ?? {}) as powerbi.extensibility.ISelectionId, at);
  }

  /** Identity of a bucket of a series; `null` for buckets the rows do not hold. */
  idOf(panel: Panel, point: Point): SelectionId | null {
    const category = this.categorical?.categories?.[0];
    if (category === undefined || point.index < 0) return null;
    const builder = this.host.createSelectionIdBuilder();
    for (const column of this.categorical?.categories ?? []) builder.withCategory(column, point.index);
    const values = this.categorical?.values;
    const group = values?.grouped()[panel.series.group];
    if (values !== undefined && group !== undefined && group.identity !== undefined) builder.withSeries(values, group);
    const actual = group?.values.find((column) => column.source.roles?.actual);
    if (actual?.source.queryName !== undefined) builder.withMeasure(actual.source.queryName);
    return builder.createSelectionId();
  }
}
