import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { AlarmTrade } from '../evaluation/alarm-trade.ts';
import { percent } from '../numbers.ts';
import { escaped, picture } from './svg.ts';
import { budgetText } from './trade-table.ts';

const WIDTH = 960;
const HEIGHT = 340;
const EDGE = { left: 48, right: 230, top: 26, bottom: 44 };
/** Height of a label: labels that would cover each other are moved apart. */
const LABEL = 17;

/** Share of injected troubles seen, by kind, over the false incidents a week that are allowed. */
export function tradeChart({ budgets }: AlarmTrade): string {
  const x = scaleLog([budgets[0]!.budget, budgets.at(-1)!.budget], [EDGE.left + 14, WIDTH - EDGE.right]);
  const y = scaleLinear([0, 1], [HEIGHT - EDGE.bottom, EDGE.top]);
  const pathOf = (seen: readonly number[]) =>
    line<number>(
      (_, k) => x(budgets[k]!.budget),
      (share) => y(share),
    ).digits(1)(seen) ?? '';
  const names = budgets[0]!.kinds.map(({ name }) => name);
  const lines = [
    { name: 'all', seen: budgets.map(({ seen }) => seen) },
    ...names.map((name, k) => ({ name, seen: budgets.map(({ kinds }) => kinds[k]!.seen) })),
  ];
  const labels = apart(lines.map(({ name, seen }) => ({ name, at: y(seen.at(-1)!) })));
  const usual = budgets.find(({ isDefault }) => isDefault)!;
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line class="grid" x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${y(share)}" y2="${y(share)}"/><text class="tick" x="${EDGE.left - 8}" y="${y(share) + 4}" text-anchor="end">${100 * share} %</text>`,
  );
  const ticks = budgets.map(
    ({ budget }) =>
      `<text class="tick" x="${x(budget).toFixed(1)}" y="${HEIGHT - EDGE.bottom + 18}" text-anchor="middle">${budgetText(budget)}</text>`,
  );
  const marks = lines.map(({ name, seen }, k) => {
    const end = seen.at(-1)!;
    const to = labels[k]!;
    const from = WIDTH - EDGE.right;
    const kind = name === 'all' ? ' all' : '';
    return `<path class="trade${kind}" d="${pathOf(seen)}"/><path class="leader" d="M${from + 3},${y(end).toFixed(1)}L${from + 16},${to.toFixed(1)}"/><text class="name${kind}" x="${from + 20}" y="${(to + 4).toFixed(1)}">${escaped(name)} <tspan class="faint">${Math.round(100 * end)} %</tspan></text>`;
  });
  const says = lines.map(({ name, seen }) => `${name} ${percent(seen[budgets.indexOf(usual)]!)}`).join(', ');
  return picture(
    WIDTH,
    HEIGHT,
    `Share of injected troubles seen at the default budget: ${says}`,
    `${grid.join('')}${ticks.join('')}<text class="tick" x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">false incidents allowed a week, the whole company</text><line class="default" x1="${x(usual.budget).toFixed(1)}" x2="${x(usual.budget).toFixed(1)}" y1="${EDGE.top - 8}" y2="${HEIGHT - EDGE.bottom}"/><text class="tick" x="${x(usual.budget).toFixed(1)}" y="${EDGE.top - 12}" text-anchor="middle">default</text>${marks.join('')}`,
  );
}

/** Where each label is put: as near to its own place as the others let it. */
function apart(labels: readonly { readonly name: string; readonly at: number }[]): number[] {
  const order = labels.map((_, k) => k).sort((a, b) => labels[a]!.at - labels[b]!.at);
  const places = labels.map(({ at }) => at);
  for (let k = 1; k < order.length; k++) {
    places[order[k]!] = Math.max(places[order[k]!]!, places[order[k - 1]!]! + LABEL);
  }
  // From the bottom up again, so that none is pushed off the picture.
  let most = HEIGHT - EDGE.bottom;
  for (const k of order.toReversed()) {
    places[k] = Math.min(places[k]!, most);
    most = places[k]! - LABEL;
  }
  return places;
}
