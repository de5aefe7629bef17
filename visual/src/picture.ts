import type powerbi from 'powerbi-visuals-api';
import type { DrawnPanel } from './chart.ts';
import type { Formats } from './format.ts';
import type { Layout } from './layout.ts';
import type { Options } from './options.ts';
import type { Theme } from './theme.ts';
import type { ViewModel } from './view-model.ts';

/** All that one update asks to be drawn. */
export interface Picture {
  readonly view: ViewModel;
  readonly options: Options;
  readonly theme: Theme;
  readonly formats: Formats;
  readonly layout: Layout;
  /** Width of the visual, in px. */
  readonly width: number;
  /** Name of the zone the times are in; `null` where it is the reader's own. */
  readonly zone: string | null;
  /** How many series there are, shown or not. */
  readonly series: number;
  /** The rows as the host gave them: identities and format strings are read from here. */
  readonly categorical: powerbi.DataViewCategorical | undefined;
}

/** A picture on the screen, with what pointing at it needs. */
export interface DrawnPicture extends Picture {
  /** Visible time. */
  readonly domain: readonly [number, number];
  readonly panels: readonly DrawnPanel[];
}
