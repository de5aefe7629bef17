import type { AlarmTrade, BudgetResult, SeenShare } from '../evaluation/alarm-trade.ts';
import { percent } from '../numbers.ts';
import type { TextTable } from './comparison.ts';

/** Share of injected troubles seen under each budget: one table by kind, one by size of client. */
export function tradeTables({ budgets }: AlarmTrade): TextTable[] {
  const head = budgets.map(({ budget, isDefault }) => `${budgetText(budget)} a week${isDefault ? ' (default)' : ''}`);
  const tableOf = (title: string, shares: (result: BudgetResult) => readonly SeenShare[], last: string[][]) => ({
    title,
    head: ['troubles', ...head],
    rows: [
      ...shares(budgets[0]!).map(({ name, troubles }, k) => [
        name,
        String(troubles),
        ...budgets.map((result) => percent(shares(result)[k]!.seen)),
      ]),
      ...last,
    ],
  });
  const others = ['other incidents a week', '', ...budgets.map((result) => budgetText(result.others))];
  return [
    tableOf('seen, by false incidents allowed', ({ kinds }) => kinds, [others]),
    tableOf('seen, by attempts in two hours', ({ sizes }) => sizes, []),
  ];
}

/** `0.9`, `14`: a number of incidents. */
export function budgetText(budget: number): string {
  return budget < 10 ? String(Math.round(10 * budget) / 10) : String(Math.round(budget));
}
