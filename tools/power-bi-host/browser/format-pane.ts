import type { FormatObjects } from '../data-view.ts';

interface Descriptor {
  readonly objectName: string;
  readonly propertyName: string;
}

interface Component {
  readonly descriptor: Descriptor;
  readonly value: unknown;
  readonly items?: readonly { readonly value: string; readonly displayName: string }[];
  readonly options?: { readonly minValue?: { readonly value: number }; readonly maxValue?: { readonly value: number } };
}

interface SliceModel {
  readonly displayName?: string;
  readonly control: { readonly type: string; readonly properties: Component };
  readonly disabled?: boolean;
  readonly disabledReason?: string;
}

interface CardModel {
  readonly uid: string;
  readonly displayName?: string;
  readonly topLevelToggle?: SliceModel;
  readonly groups: readonly { readonly slices?: readonly SliceModel[] }[];
}

/** A format pane made from the visual's own formatting model: every setting it offers, in its words. */
export class FormatPane {
  private readonly root: HTMLElement;
  private readonly changed: (objects: FormatObjects) => void;
  private objects: FormatObjects = {};

  constructor(root: HTMLElement, changed: (objects: FormatObjects) => void) {
    this.root = root;
    this.changed = changed;
  }

  show(model: unknown, objects: FormatObjects): void {
    this.objects = objects;
    if (this.root.contains(document.activeElement)) return;
    const open = new Set([...this.root.querySelectorAll('details[open]')].map((one) => one.id));
    const cards = (model as { cards: readonly CardModel[] } | null)?.cards ?? [];
    this.root.replaceChildren(...cards.map((card) => this.card(card, open.has(card.uid))));
  }

  private card(card: CardModel, open: boolean): HTMLElement {
    const details = document.createElement('details');
    details.id = card.uid;
    details.open = open;
    const summary = document.createElement('summary');
    summary.textContent = card.displayName ?? '';
    details.append(summary);
    if (card.topLevelToggle !== undefined) details.append(this.slice({ ...card.topLevelToggle, displayName: 'Show' }));
    for (const group of card.groups) for (const slice of group.slices ?? []) details.append(this.slice(slice));
    return details;
  }

  private slice(slice: SliceModel): HTMLElement {
    const label = document.createElement('label');
    label.className = 'slice';
    label.append(slice.displayName ?? '');
    if (slice.disabled) label.title = slice.disabledReason ?? '';
    const input = this.input(slice.control.type, slice.control.properties);
    input.toggleAttribute('disabled', slice.disabled ?? false);
    label.append(input);
    return label;
  }

  private input(type: string, { descriptor, value, items, options }: Component): HTMLElement {
    const set = (next: unknown) => this.set(descriptor, next);
    if (type === 'Dropdown') {
      const select = document.createElement('select');
      select.append(...(items ?? []).map((item) => new Option(item.displayName, item.value)));
      select.value = String((value as { value?: string } | null)?.value ?? '');
      select.onchange = () => set(select.value);
      return select;
    }
    const input = document.createElement('input');
    if (type === 'ToggleSwitch') {
      input.type = 'checkbox';
      input.checked = value === true;
      input.onchange = () => set(input.checked);
    } else if (type === 'Slider' || type === 'NumUpDown') {
      input.type = type === 'Slider' ? 'range' : 'number';
      input.step = 'any';
      if (options?.minValue) input.min = String(options.minValue.value);
      if (options?.maxValue) input.max = String(options.maxValue.value);
      input.value = value === null || value === undefined ? '' : String(value);
      input.oninput = () => set(input.value === '' ? undefined : Number(input.value));
    } else if (type === 'ColorPicker') {
      input.type = 'color';
      input.value = String((value as { value?: string } | null)?.value || '#2a7f9e');
      input.onchange = () => set({ solid: { color: input.value } });
    } else {
      input.type = 'text';
      input.value = String(value ?? '');
      input.onchange = () => set(input.value);
    }
    return input;
  }

  private set({ objectName, propertyName }: Descriptor, value: unknown): void {
    this.objects = { ...this.objects, [objectName]: { ...this.objects[objectName], [propertyName]: value } };
    this.changed(this.objects);
  }
}
