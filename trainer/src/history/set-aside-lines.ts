import { type Reason, SET_ASIDE, type SetAside, type Sums } from './account.ts';

/** What was set aside, a line for each reason: `set aside: 4 transactions, no amount`, with the money where there is any. */
export function setAsideLines(setAside: SetAside): string[] {
  return (Object.entries(setAside) as [Reason, Sums][]).map(([reason, sums]) => {
    const money = (['gross', 'refunds', 'other'] as const).filter((side) => Number(sums[side]) !== 0);
    const worth = money.map((side) => `, ${side} ${sums[side]}`).join('');
    return `set aside: ${sums.transactions} transaction${sums.transactions === 1 ? '' : 's'}, ${SET_ASIDE[reason]}${worth}`;
  });
}
