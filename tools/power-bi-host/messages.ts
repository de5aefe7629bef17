import type { PlainDataView } from './data-view.ts';

/** What the host may be scripted to be. */
export interface HostScript {
  readonly locale: string;
  readonly highContrast?: boolean;
  readonly foreground?: string;
  readonly background?: string;
  readonly foregroundSelected?: string;
  readonly hyperlink?: string;
  readonly allowInteractions?: boolean;
  readonly tooltips?: boolean;
  /** May the visual export content? */
  readonly download?: boolean;
  /** Answers of `fetchMoreData`, in turn: a longer view, or nothing more. */
  readonly moreData?: readonly PlainDataView[];
}

/** One call of `IVisual.update`. */
export interface UpdateScript {
  readonly width: number;
  readonly height: number;
  /** `null`: no DataView at all, as before any field is bound. */
  readonly view: PlainDataView | null;
  /** VisualUpdateType; 254 = all. */
  readonly type?: number;
  readonly isInFocus?: boolean;
  /** VisualDataChangeOperationKind; 0 = create, 1 = append, 2 = segment. */
  readonly operationKind?: number;
  readonly formatMode?: boolean;
  /**
   * The present on the reader's computer, ISO, with a zone or on that computer's own clock; without it, the moment the newest bucket of the view is
   * complete, or half of it has passed where it is still open.
   */
  readonly now?: string;
}

/** From the page to the frame. */
export type ToFrame =
  | { readonly kind: 'create'; readonly host: HostScript }
  | { readonly kind: 'update'; readonly update: UpdateScript }
  | { readonly kind: 'updates'; readonly updates: readonly UpdateScript[] }
  | { readonly kind: 'format-model' }
  | { readonly kind: 'select'; readonly keys: readonly string[] }
  | { readonly kind: 'destroy' };

/** From the frame to the page: what the visual asked of its host. */
export interface HostEvent {
  readonly name: string;
  readonly detail: unknown;
}
