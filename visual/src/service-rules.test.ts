import { DEFAULT_RULES } from '@tidemark/shared/detection';
import { describe, expect, test } from 'vitest';
import { createForecastSource } from './forecasts.ts';
import type { Rows } from './rows.ts';

const rowsWith = (rulesText: string | null): Rows => ({
  series: [{ name: 'shop', group: 0, rows: [], stepMs: 7_200_000 }],
  bound: new Set(['actual', 'lower', 'upper']),
  rulesText,
  modelText: null,
  saysUtc: false,
  faults: [],
  highlighting: false,
  format: null,
  measure: '',
});
const forecasts = (rulesText: string | null) =>
  createForecastSource(null).forecastsFor(rowsWith(rulesText), false, 'local' as never);

describe('rules of the service without its model', () => {
  test('hold where they are bound beside limits', () => {
    const rules = { ...DEFAULT_RULES, coverage: 0.95, minimumRelative: 0.2, needed: 2, among: 3 };
    expect(forecasts(JSON.stringify(rules))).toMatchObject({ rules, notices: [] });
  });

  test('that cannot be read are told, and the usual ones hold', () => {
    for (const text of ['{"coverage": 3}', 'none', '7']) {
      expect(forecasts(text)).toMatchObject({
        rules: DEFAULT_RULES,
        notices: [{ key: 'Notice_UnreadRules', values: [text] }],
      });
    }
    expect(forecasts(null)).toMatchObject({ rules: DEFAULT_RULES, notices: [] });
  });
});
