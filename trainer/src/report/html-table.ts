import { elementAt } from '@tidemark/shared/forecasting';
import type { TextTable } from './comparison.ts';
import { escaped } from './svg.ts';

/** A cell with more characters, a sentence or a long name, is broken into lines. */
const LONG = 24;

/** A table of text; its last column may hold a bar, as a share of the longest. */
export function htmlTable({ title, head, rows }: TextTable, bars?: readonly number[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((text) => `<${tag}${text.length > LONG ? ' class="text"' : ''}>${escaped(text)}</${tag}>`).join('');
  const longest = Math.max(...(bars ?? [0]), 1e-9);
  const barOf = (k: number) =>
    bars ? `<td class="bar"><i style="width:${((100 * elementAt(bars, k)) / longest).toFixed(1)}%"></i></td>` : '';
  const body = rows.map((row, k) => `<tr>${cells('td', row)}${barOf(k)}</tr>`);
  return `<div class="wide"><table><thead><tr>${cells('th', [title, ...head])}${bars ? '<th></th>' : ''}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}
