import type { PlainDataView } from '../power-bi-host/data-view.ts';
import type { HostScript } from '../power-bi-host/messages.ts';

/** One named picture of the visual: what it is given, and what a report author should see. */
export interface Scene {
  readonly name: string;
  readonly title: string;
  /** One line on what to see. */
  readonly see: string;
  readonly width: number;
  readonly height: number;
  readonly host?: Partial<HostScript>;
  /** The present on the reader's computer, as an update takes it; without it, the moment the newest bucket is complete. */
  readonly now?: string;
  readonly view: PlainDataView | null;
  /** Keys a reader presses on elements before the picture is taken, in turn. */
  readonly keys?: readonly { readonly on: string; readonly key: string }[];
}
