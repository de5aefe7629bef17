import type { HostEvent } from '../messages.ts';

interface TooltipDetail {
  readonly coordinates: readonly [number, number];
  readonly items: readonly { readonly displayName: string; readonly value: string; readonly header?: string }[];
}

/** Draws the tooltip a visual asked for, beside the pointer, as the report would. */
export function showTooltip(box: HTMLElement, frame: HTMLElement, event: HostEvent): void {
  box.hidden = event.name !== 'tooltip';
  if (box.hidden) return;
  const { coordinates, items } = event.detail as TooltipDetail;
  const table = document.createElement('table');
  table.createCaption().textContent = items[0]?.header ?? '';
  for (const item of items) {
    const row = table.insertRow();
    row.insertCell().textContent = item.displayName;
    row.insertCell().textContent = item.value;
  }
  box.replaceChildren(table);
  const { left, top, right } = frame.getBoundingClientRect();
  const x = left + coordinates[0];
  box.style.left = `${x + 16 + box.offsetWidth > right ? x - 16 - box.offsetWidth : x + 16}px`;
  box.style.top = `${top + coordinates[1] + 12}px`;
}
