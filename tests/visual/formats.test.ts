import { dataViewOf, type FormatObjects } from '@tidemark/tools/power-bi-host/data-view';
import type { OpenVisual } from '@tidemark/tools/power-bi-host/harness';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { describe, expect, test } from 'vitest';
import { freshVisuals, stageOfFile } from './stage.ts';

const stage = await stageOfFile();
const fresh = await freshVisuals(stage);

const bindings = { time: 'bucket_start_local', actual: 'actual' };
const size = { width: 960, height: 480 };

/** Shows one value in three rows, without limits: the header says it in short, the table in full. */
async function show(visual: OpenVisual, value: number, format?: string, objects: FormatObjects = {}) {
  const rows = bandRows({ buckets: 3, future: 0 }).map((row) => ({ ...row, actual: value }));
  const view = dataViewOf(rows, { bindings, objects, ...(format === undefined ? {} : { format }) });
  await visual.update({ ...size, view });
  const plain = (text: string | null) => (text ?? '').replaceAll(/[\u00a0\u202f]/g, ' ');
  if ((await visual.frame.locator('table tbody td').count()) === 0) {
    await visual.frame.locator('g.panel').focus();
    await visual.page.keyboard.press('t');
    await visual.frame.locator('table tbody td').first().waitFor();
  }
  const detail = plain(await visual.frame.locator('.headline .detail').textContent());
  return {
    short: detail.replace(/ as of .*/, ''),
    full: plain(await visual.frame.locator('table tbody td').nth(1).textContent()),
    time: plain(await visual.frame.locator('table tbody td').first().textContent()),
  };
}

test('volumes in full have the separators of the reader’s country, also where the visual is not translated for it', async () => {
  const told: Record<string, string> = {};
  for (const [locale, format] of [
    ['es-CL', '\\$#,0.00'],
    ['es-MX', '\\$#,0.00'],
    ['pt-PT', '#,0.00 €'],
    ['en-IN', '"₹"#,0'],
    ['pl-PL', '#,0.00 "zł"'],
    ['ar-EG', '#,0'],
  ] as const) {
    told[locale] = (await show(await fresh({ locale }), 1_678_409.28, format)).full;
  }
  expect(told).toEqual({
    'es-CL': '$1.678.409,28',
    'es-MX': '$1,678,409.28',
    'pt-PT': '1 678 409,28 €',
    'en-IN': '₹16,78,409',
    'pl-PL': '1 678 409,28 zł',
    'ar-EG': '1,678,409',
  });
});

test('an author’s date format names months in the reader’s language', async () => {
  const objects = { numbers: { dateFormat: 'dd MMMM yyyy' } };
  const { time } = await show(await fresh({ locale: 'es-AR' }), 5, undefined, objects);
  expect(time).toBe('02 marzo 2026');
});

describe('format strings of the model', () => {
  test('one that leaves out thousands is written so in full, and names them once in short', async () => {
    const visual = await fresh();
    const told: Record<string, unknown> = {};
    for (const format of [
      '#,0,"K"',
      '\\$#,0,K',
      '#,0,.0K',
      '#,##0.00,,"M";(#,##0.00,,"M")',
      '0,,.00 M',
      '#,0,"K €"',
      '#,0,',
    ]) {
      const { full, short } = await show(visual, 678_409.28, format);
      told[format] = [full, short];
    }
    expect(told).toEqual({
      '#,0,"K"': ['678K', '678K'],
      '\\$#,0,K': ['$678K', '$678K'],
      '#,0,.0K': ['678.4K', '678K'],
      '#,##0.00,,"M";(#,##0.00,,"M")': ['0.68M', '678K'],
      '0,,.00 M': ['0.68 M', '678K'],
      '#,0,"K €"': ['678K €', '678K €'],
      '#,0,': ['678', '678K'],
    });
  });

  test('names stand for what DAX means by them; signs in quotes, escaped or of the locale are in short, too', async () => {
    const visual = await fresh();
    const told: Record<string, unknown> = {};
    for (const format of ['General Number', 'Currency', 'Standard', 'C2', '\\##,0', '"#"#,0', '#,0 "m2"', '0000000']) {
      const { full, short } = await show(visual, 678_409.28, format);
      told[format] = [full, short];
    }
    expect(told).toEqual({
      'General Number': ['678409.28', '678K'],
      Currency: ['$678,409.28', '$678K'],
      Standard: ['678,409.28', '678K'],
      C2: ['$678,409.28', '$678K'],
      '\\##,0': ['#678,409', '#678K'],
      '"#"#,0': ['#678,409', '#678K'],
      '#,0 "m2"': ['678,409 m2', '678K m2'],
      '0000000': ['0678409', '678K'],
    });
  });

  test('zero has no sign, whatever it was before rounding', async () => {
    const visual = await fresh();
    for (const [value, format] of [
      [-0, undefined],
      ...[-0, -0.0001].flatMap((value) => [[value, '#,0'] as const, [value, '\\$#,0.00'] as const]),
    ] as const) {
      const { full } = await show(visual, value, format);
      expect(full, `${value} as ${format}`).not.toMatch(/[-−]/);
    }
    expect((await show(visual, -20, undefined, { numbers: { units: 'thousand', decimals: 0 } })).short).toBe('0K');
    expect((await show(visual, -20, undefined, { numbers: { units: 'thousand' } })).short).toBe('−0.02K');
    expect((await show(visual, -0.0001)).full).toBe('−0.0001');
    expect((await show(visual, -999.96)).short).toBe('−1K');
  });
});

test('how long there has been no data is never a day and 24 hours', async () => {
  const visual = await fresh();
  const rows = bandRows({ from: '2026-03-02T00:00:00', buckets: 12, future: 0 });
  const told = [];
  for (const now of ['2026-03-04T23:45:00', '2026-03-04T01:10:00', '2026-03-03T23:59:00']) {
    await visual.update({ ...size, view: dataViewOf(rows), now });
    told.push((await visual.frame.locator('.headline .detail').textContent())?.split(' · ')[0]);
  }
  expect(told).toEqual(['for 2d', 'for 1d 1h', 'for 1d']);
});
