import type powerbi from 'powerbi-visuals-api';
import type { Translate } from '../words.ts';

type SubSelection = powerbi.visuals.CustomVisualSubSelection;
type Styles = powerbi.visuals.SubSelectionStyles;
type Shortcuts = powerbi.visuals.VisualSubSelectionShortcuts;

/** A part of the picture an author may click to format it in place. */
interface Formattable {
  /** Elements that belong to it. */
  readonly selector: string;
  /** Card of the format pane. */
  readonly card: string;
  /** Its colour and its width, as properties of the card. */
  readonly colour?: string;
  readonly width?: string;
  /** Can it be switched off? */
  readonly toggle?: string;
}

const PARTS: readonly Formattable[] = [
  { selector: '.alarms', card: 'severity', colour: 'criticalColour' },
  { selector: '.actual', card: 'lines', colour: 'actualColour', width: 'actualWidth' },
  { selector: '.forecast', card: 'lines', colour: 'forecastColour', width: 'forecastWidth', toggle: 'forecast' },
  { selector: '.band', card: 'band', colour: 'colour', toggle: 'show' },
  { selector: '.value-axis', card: 'axes', toggle: 'y' },
  { selector: '.time-axis', card: 'axes', toggle: 'x' },
  { selector: '.header', card: 'header', toggle: 'show' },
  { selector: '.legend', card: 'legend', toggle: 'show' },
];

const SHAPE = 3 as powerbi.visuals.SubSelectionStylesType.Shape;
const RESET = 0;
const NAVIGATE = 1;
const TOGGLE = 2;

/** Formatting on the object: tells the host what was clicked, and what of it can be styled. */
export class OnObject implements powerbi.extensibility.visual.VisualOnObjectFormatting {
  private readonly host: powerbi.extensibility.visual.IVisualHost;
  private readonly translate: Translate;

  constructor(host: powerbi.extensibility.visual.IVisualHost, translate: Translate) {
    this.host = host;
    this.translate = translate;
  }

  /** Selects the part under a click. Returns false where there is none. */
  choose(event: MouseEvent): boolean {
    const target = event.target as Element | null;
    const part = PARTS.find(({ selector }) => target?.closest(selector));
    if (part === undefined) {
      this.host.subSelectionService?.subSelect(undefined as unknown as SubSelection);
      return false;
    }
    this.host.subSelectionService?.subSelect({
      customVisualObjects: [
        { objectName: part.card, selectionId: undefined as unknown as powerbi.visuals.ISelectionId },
      ],
      displayName: this.translate(`Card_${part.card}`),
      subSelectionType: SHAPE,
      selectionOrigin: { x: event.clientX, y: event.clientY },
      showUI: true,
      metadata: part.selector,
    });
    return true;
  }

  getSubSelectionStyles(selections: SubSelection[]): Styles | undefined {
    const part = partOf(selections);
    if (part?.colour === undefined) return undefined;
    const style = (propertyName: string, label: string) => ({
      reference: { objectName: part.card, propertyName },
      label: this.translate(label),
    });
    return {
      type: SHAPE,
      [part.card === 'lines' ? 'stroke' : 'fill']: style(part.colour, `Prop_${part.colour}`),
      ...(part.width === undefined ? {} : { width: style(part.width, `Prop_${part.width}`) }),
    };
  }

  getSubSelectionShortcuts(selections: SubSelection[]): Shortcuts | undefined {
    const part = partOf(selections);
    if (part === undefined) return undefined;
    const changed = [part.colour, part.width].filter((name) => name !== undefined);
    return [
      ...(part.toggle === undefined
        ? []
        : [
            {
              type: TOGGLE,
              objectName: part.card,
              propertyName: part.toggle,
              enabledLabel: this.translate('OnObject_Show'),
              disabledLabel: this.translate('OnObject_Hide'),
            },
          ]),
      {
        type: RESET,
        relatedResetFormattingIds: changed.map((propertyName) => ({ objectName: part.card, propertyName })),
      },
      { type: NAVIGATE, destinationInfo: { cardUid: `${part.card}-card` }, label: this.translate(`Card_${part.card}`) },
    ] as unknown as Shortcuts;
  }
}

function partOf(selections: readonly SubSelection[]): Formattable | undefined {
  return PARTS.find(({ selector }) => selector === selections[0]?.metadata);
}
