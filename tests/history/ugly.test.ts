import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDuck } from '@tidemark/shared/warehouse/duckdb';
import { config, fetchInto } from '@tidemark/tools/payments/fetching';
import { duckdbSource, examine, type Finding, totalsOf } from '@tidemark/trainer/testing/history';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  centsOf,
  csvOf,
  dayFirst,
  decimal,
  groupedAmount,
  isoTime,
  plainAmount,
  type Sale,
  sales,
  writeHistory,
} from './ugly.ts';

let root: string;
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-ugly-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const folder = () => join(root, String(folders++));
const all = sales(240);

async function fetched(place: string, settings: object = {}) {
  const { manifest } = await fetchInto(`${place}-work`, await duckdbSource(place, config(settings)));
  return totalsOf(manifest);
}

async function examined(place: string, settings: object = {}): Promise<Finding[]> {
  const source = await duckdbSource(place, config(settings));
  const findings: Finding[] = [];
  try {
    for await (const found of examine(source, new AbortController().signal)) findings.push(found);
  } finally {
    await source.close();
  }
  return findings;
}

/** Findings of one check, as one text. */
const saidOf = (findings: readonly Finding[], state: Finding['state']) =>
  findings
    .filter((found) => found.state === state)
    .map(({ check, says }) => `${check}: ${says}`)
    .join('\n');

/** The configuration that findings propose. */
function proposed(findings: readonly Finding[]): object {
  const value: Record<string, unknown> = {};
  for (const { key, value: given } of findings.flatMap(({ proposals = [] }) => proposals)) {
    const steps = key.split('.');
    const last = steps.pop() as string;
    const at = steps.reduce<Record<string, unknown>>((into, step) => {
      into[step] ??= {};
      return into[step] as Record<string, unknown>;
    }, value);
    at[last] = given;
  }
  return value;
}

describe('a format is refused in one sentence, proposed with samples, and then read to the cent', () => {
  test.each([
    [
      'decimal comma',
      { amount: groupedAmount(',', ''), delimiter: ';' },
      { transactions: { amountFormat: { decimal: ',', thousands: '', currency: '' } } },
    ],
    [
      'decimal comma, thousands dot',
      { amount: groupedAmount(',', '.'), delimiter: ';' },
      { transactions: { amountFormat: { decimal: ',', thousands: '.', currency: '' } } },
    ],
    [
      'thousands comma',
      { amount: groupedAmount('.', ',') },
      { transactions: { amountFormat: { decimal: '.', thousands: ',', currency: '' } } },
    ],
    [
      'thousands blank',
      { amount: groupedAmount(',', ' '), delimiter: '\t' },
      { transactions: { amountFormat: { decimal: ',', thousands: ' ', currency: '' } } },
    ],
    [
      'thousands apostrophe',
      { amount: groupedAmount('.', "'") },
      { transactions: { amountFormat: { decimal: '.', thousands: "'", currency: '' } } },
    ],
    [
      'thousands typographic apostrophe',
      { amount: groupedAmount('.', '’') },
      { transactions: { amountFormat: { decimal: '.', thousands: "'", currency: '' } } },
    ],
    [
      'Indian groups',
      { amount: (cents: number) => `${String(10 * cents).replace(/\B(?=(\d{2})*\d{3}$)/g, ',')}.00` },
      { transactions: { amountFormat: { decimal: '.', thousands: ',', currency: '' } } },
    ],
    [
      'the Arabic decimal sign',
      { amount: groupedAmount('٫', '٬') },
      { transactions: { amountFormat: { decimal: '٫', thousands: '٬', currency: '' } } },
    ],
    [
      'a currency sign before',
      { amount: (cents: number) => `R$ ${plainAmount(cents)}` },
      { transactions: { amountFormat: { decimal: '.', thousands: '', currency: 'R$' } } },
    ],
    [
      'a currency code after',
      { amount: (cents: number) => `${groupedAmount(',', '.')(cents)} EUR`, delimiter: '|' },
      { transactions: { amountFormat: { decimal: ',', thousands: '.', currency: 'EUR' } } },
    ],
    ['epoch milliseconds', { time: String }, { transactions: { time: { type: 'epoch-ms' } } }],
    // The last of a day is of that day, though no floating-point number holds it.
    ['epoch nanoseconds', { time: (ms: number) => `${ms}999999` }, { transactions: { time: { type: 'epoch-ns' } } }],
    ['epoch seconds', { time: (ms: number) => String(ms / 1000) }, { transactions: { time: { type: 'epoch-s' } } }],
    ['day first', { time: dayFirst }, { transactions: { time: { type: 'text', format: 'DD/MM/YYYY HH:mm' } } }],
    [
      'a name of the month',
      { time: (ms: number) => `${isoTime(ms).slice(8, 10)}-Jan-${isoTime(ms).slice(0, 4)} ${isoTime(ms).slice(11)}` },
      { transactions: { time: { type: 'text', format: 'DD-MMM-YYYY HH:mm' } } },
    ],
    [
      'digits only',
      { time: (ms: number) => isoTime(ms).replace(/\D/g, '') },
      { transactions: { time: { type: 'text', format: 'YYYYMMDDHHmmss' } } },
    ],
    [
      'an offset',
      { time: (ms: number) => `${isoTime(ms - 6 * 3_600_000)}-06:00` },
      { transactions: { time: { type: 'timestamptz' } } },
    ],
    [
      'a twelve-hour clock',
      { time: twelveHours },
      { transactions: { time: { type: 'text', format: 'MM/DD/YYYY hh:mm A' } } },
    ],
    [
      'a twelve-hour clock as browsers write it, with a blank that does not break',
      { time: (ms: number) => twelveHours(ms).replace(/ (?=[AP]M)/, '\u202f') },
      { transactions: { time: { type: 'text', format: 'MM/DD/YYYY hh:mm A' } } },
    ],
    [
      'a twelve-hour clock as Spanish Excel writes it',
      { time: (ms: number) => twelveHours(ms).replace('AM', 'a.\u00a0m.').replace('PM', 'p.\u00a0m.') },
      { transactions: { time: { type: 'text', format: 'MM/DD/YYYY hh:mm A' } } },
    ],
  ] as const)('%s', async (title, how, settings) => {
    const factor = title === 'Indian groups' ? 1_000 : 1;
    const january = sales(500);
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(january, how) });
    await expect(fetched(place)).rejects.toMatchObject({
      message: expect.stringMatching(/^transactions\.csv, line \d+: \w+ is ".*accepted are /),
    });
    const findings = await examined(place);
    expect(proposed(findings)).toEqual(settings);
    expect(saidOf(findings, 'fail')).toMatch(/format of .* holds "[^"]+", "[^"]+", "/);
    expect(await fetched(place, settings)).toMatchObject({
      transactions: january.length,
      grossTotal: decimal(factor * centsOf(january)),
    });
  });
});

/** `01/31/2026 01:45 PM`, without seconds. */
function twelveHours(ms: number): string {
  const [year, month, day, hour = '0', minute] = isoTime(ms).split(/\D/);
  const half = Number(hour) < 12 ? 'AM' : 'PM';
  return `${month}/${day}/${year} ${String(Number(hour) % 12 || 12).padStart(2, '0')}:${minute} ${half}`;
}

describe('whole amounts', () => {
  test('are told by doctor and fetch, and are cents or not as configured', async () => {
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all, { amount: String }) });
    const says =
      /each of 240 amounts in tpv is a whole number; set transactions\.amountUnit to minor if 12345 stands for 123\.45/;
    expect(saidOf(await examined(place), 'warn')).toMatch(says);
    expect((await fetched(place)).grossTotal).toBe(`${centsOf(all)}.00`);
    for (const amountUnit of ['minor', 'major']) {
      expect(saidOf(await examined(place, { transactions: { amountUnit } }), 'warn')).not.toMatch(/whole/);
    }
    const minor = await fetched(`${place}`, { transactions: { amountUnit: 'minor' } });
    expect(minor.grossTotal).toBe(decimal(centsOf(all)));
  });

  test('in one of several files are told with their days', async () => {
    const half = all.length / 2;
    const place = await writeHistory(folder(), {
      'transactions/a.csv': csvOf(all.slice(0, half), { amount: String }),
      'transactions/b.csv': csvOf(all.slice(half)),
    });
    const says = /each of 1[12]\d amounts in tpv from 2026-01-01 to 2026-01-0\d is a whole number, but only \d of/;
    expect(saidOf(await examined(place), 'warn')).toMatch(says);
    const { events } = await fetchInto(`${place}-work`, await duckdbSource(place, config()));
    expect(JSON.stringify(events)).toMatch(says);
    expect(saidOf(await examined(place, { transactions: { amountUnit: 'major' } }), 'warn')).not.toMatch(/whole/);
  });

  test('of a currency without decimals are as they stand', async () => {
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all, { amount: String }) });
    const settings = { transactions: { decimals: 0, amountUnit: 'minor' } };
    expect(saidOf(await examined(place, settings), 'warn')).not.toMatch(/whole/);
    expect((await fetched(place, settings)).grossTotal).toBe(String(centsOf(all)));
  });

  test('called cents that have decimals stop a fetch, and are told where most are whole', async () => {
    const settings = { transactions: { amountUnit: 'minor' } };
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all) });
    await expect(fetched(place, settings)).rejects.toThrow(/of 240 amounts in tpv are no whole numbers, .* to major$/);
    const findings = await examined(place, settings);
    expect(await fetched(place, proposed(findings))).toMatchObject({ grossTotal: decimal(centsOf(all)) });

    const third = all.length / 3;
    const mixed = await writeHistory(folder(), {
      'transactions/a.csv': csvOf(all.slice(0, third)),
      'transactions/b.csv': csvOf(all.slice(third), { amount: String }),
    });
    const says = /of 240 amounts are no whole numbers and are rounded one by one; check transactions\.amountUnit/;
    expect(saidOf(await examined(mixed, settings), 'warn')).toMatch(says);
    const { events } = await fetchInto(`${mixed}-work`, await duckdbSource(mixed, config(settings)));
    expect(JSON.stringify(events)).toMatch(says);
  });

  test('that arithmetic left with more decimals are told by none: they are what they round to', async () => {
    const amount = (cents: number) => String(cents / 100 + 7e-12);
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all, { amount }) });
    expect(saidOf(await examined(place), 'warn')).not.toMatch(/amounts/);
    expect((await fetched(place)).grossTotal).toBe(decimal(centsOf(all)));
  });
});

test('parentheses and a sign behind are negative', async () => {
  const amount = (cents: number) =>
    cents > 100_000 ? `(${groupedAmount('.', ',')(cents)})` : `${groupedAmount('.', ',')(cents)}-`;
  const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all, { amount }) });
  const settings = { transactions: { amountFormat: { thousands: ',' }, negativeSales: 'subtract' } };
  expect((await fetched(place, settings)).grossTotal).toBe(decimal(-centsOf(all)));
});

describe('what can be read in two ways is not guessed', () => {
  test('amounts such as 1.234 stop a fetch, unless the format or a third decimal is configured', async () => {
    const amount = (cents: number) => `${1 + (cents % 9)}.${String(cents % 1000).padStart(3, '0')}`;
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all, { amount }) });
    await expect(fetched(place)).rejects.toThrow(
      /240 of 240 amounts in tpv have exactly three digits after the dot.*transactions\.amountFormat/,
    );
    const findings = await examined(place);
    expect(saidOf(findings, 'fail')).toMatch(/transactions\.amountFormat/);
    expect(proposed(findings)).toEqual({});
    const thousands = await fetched(place, { transactions: { amountFormat: { decimal: ',', thousands: '.' } } });
    const thirds = await fetched(place, { transactions: { decimals: 3 } });
    expect(Number(thousands.grossTotal)).toBeCloseTo(1000 * Number(thirds.grossTotal), 3);
  });

  test('03/04 names both formats and proposes none', async () => {
    const few = sales(200, '2026-04-01T00:07:00Z');
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(few, { time: dayFirst }) });
    const findings = await examined(place);
    expect(saidOf(findings, 'fail')).toMatch(/DD\/MM\/YYYY HH:mm.* or .*MM\/DD\/YYYY HH:mm/);
    expect(proposed(findings)).toEqual({});
  });

  test('one file that tells which number is the day decides, and the one that does not is named', async () => {
    const place = await writeHistory(folder(), {
      'transactions/2026-01.csv': csvOf(sales(500), { time: dayFirst }),
      'transactions/2026-04.csv': csvOf(sales(100, '2026-04-01T00:07:00Z'), { time: dayFirst }),
    });
    const findings = await examined(place);
    expect(saidOf(findings, 'fail')).toMatch(
      /transactions\/2026-04\.csv alone could be read both ways, transactions\/2026-01\.csv cannot/,
    );
    expect(proposed(findings)).toEqual({ transactions: { time: { type: 'text', format: 'DD/MM/YYYY HH:mm' } } });
  });

  test('two files that only unlike formats read are named', async () => {
    const monthFirst = (ms: number) => dayFirst(ms).replace(/^(\d+)\/(\d+)/, '$2/$1');
    const place = await writeHistory(folder(), {
      'transactions/a.csv': csvOf(sales(500), { time: dayFirst }),
      'transactions/b.csv': csvOf(sales(500, '2026-03-01T00:07:00Z'), { time: monthFirst }),
    });
    expect(saidOf(await examined(place), 'fail')).toMatch(
      /transactions\/a\.csv and transactions\/b\.csv are not written alike/,
    );
  });

  test('two currencies in one column are named and not added up', async () => {
    const amount = (cents: number) => `${cents % 2 === 0 ? '$' : '€'}${plainAmount(cents)}`;
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all, { amount }) });
    const findings = await examined(place);
    expect(saidOf(findings, 'fail')).toMatch(/more than one unit/);
    expect(proposed(findings)).toEqual({});
  });

  test('a column of currencies is told by doctor and fetch where it holds more than one', async () => {
    const place = folder();
    const [header, ...lines] = csvOf(all).trim().split('\n');
    const of = (code: (line: number) => string) =>
      writeHistory(place, {
        'transactions.csv': [`${header},moneda`, ...lines.map((line, k) => `${line},${code(k)}`)].join('\n'),
      });
    await of((line) => (line % 3 === 0 ? 'MXN' : 'USD'));
    const says = 'moneda holds "MXN", "USD": unless tpv is converted already';
    expect(saidOf(await examined(place), 'warn')).toContain(says);
    const { events } = await fetchInto(`${place}-work`, await duckdbSource(place, config()));
    expect(JSON.stringify(events.map((event) => ('says' in event ? event.says : '')))).toContain(
      JSON.stringify(says).slice(1, -1),
    );
    await of(() => 'MXN');
    expect(saidOf(await examined(place), 'ok')).toContain('moneda is "MXN" throughout');
  });
});

describe('files', () => {
  test('packed and plain ones are read together, each by its own delimiter, header and encoding', async () => {
    const [one, two, three] = [all.slice(0, 100), all.slice(100, 180), all.slice(180)];
    const place = await writeHistory(folder(), {
      'transactions/a.csv.gz': csvOf(one),
      'transactions/b.csv': `sep=;\n${csvOf(two, { delimiter: ';', header: ['TXN_ID', 'Txn_Date', 'ID_MERCHANT', 'TPV', 'TXN_TYPE', 'Estatus'] })}`,
      'transactions/c.csv': Buffer.from(`\ufeff${csvOf(three)}`, 'utf16le'),
    });
    expect(await fetched(place)).toMatchObject({ transactions: 240, grossTotal: decimal(centsOf(all)) });
    expect(saidOf(await examined(place), 'fail')).toBe('');
  });

  test.each([
    ['of another kind', { 'transactions/old.xlsx': 'x' }, /would not be read: transactions\/old\.xlsx/],
    ['beside the tables', { 'transactions_2025.csv': 'x' }, /would not be read: transactions_2025\.csv/],
    ['under another name', { 'ventas.csv': 'txn_id,TXN_DATE,tpv' }, /would not be read: ventas\.csv/],
    ['twice', { 'transactions.parquet': 'x' }, /more than once: transactions\.csv, transactions\.parquet/],
  ])('a file of data %s stops a fetch by name, until it is to be ignored', async (_, more, message) => {
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all), ...more });
    await expect(fetched(place)).rejects.toThrow(message);
    expect(await fetched(place, { files: { ignore: Object.keys(more) } })).toMatchObject({ transactions: 240 });
  });

  test('behind links are read, once: a mounted volume has links to folders and files, and one may lead back', async () => {
    const stored = await writeHistory(folder(), {
      'v2/one.csv': csvOf(all.slice(0, 100)),
      'rest.csv': csvOf(all.slice(100)),
    });
    const place = await writeHistory(folder(), {});
    await symlink(join(stored, 'v2'), join(place, 'transactions'));
    await symlink(join(stored, 'rest.csv'), join(stored, 'v2', 'two.csv'));
    await symlink(join(stored, 'v2'), join(stored, 'v2', 'back'));
    expect(await fetched(place)).toMatchObject({ transactions: 240, grossTotal: decimal(centsOf(all)) });
  });

  test('lines that end in two ways are read, whatever is in quoted cells', async () => {
    const [one, two] = [all.slice(0, 100), all.slice(100)];
    const windows = csvOf(one).replaceAll('\n', '\r\n');
    const place = await writeHistory(folder(), {
      'transactions.csv': `${windows}${csvOf(two).split('\n').slice(1).join('\n')}`,
      'merchants.csv': 'id_merchant,client\r\n1,"Alpha\n& Sons"\r\n2,Beta\r\n',
    });
    expect(await fetched(place)).toMatchObject({ transactions: 240, grossTotal: decimal(centsOf(all)) });
  });

  test('a file that breaks off a scan is a finding of doctor', async () => {
    const place = await writeHistory(folder(), { 'transactions.csv': `${csvOf(all)}Total rows: 240\n` });
    const { status, stdout } = spawnSync(
      process.execPath,
      [resolve(import.meta.dirname, '../../trainer/src/cli.ts'), 'doctor', '--history', place],
      { encoding: 'utf8' },
    );
    expect(stdout).toMatch(/✘ files +transactions\.csv, line 242: 1 columns where the header has 6/);
    expect(status).toBe(2);
  });

  test('a table of something else beside them stops nothing', async () => {
    const place = await writeHistory(folder(), {
      'transactions.csv': csvOf(all),
      'truth.csv': 'client,kind,start,end',
    });
    expect(await fetched(place)).toMatchObject({ transactions: 240 });
  });

  test('one that lacks a column which the others have is named', async () => {
    const place = await writeHistory(folder(), {
      'transactions/2026-01.csv': csvOf(all.slice(0, 100), {
        header: ['txn_id', 'txn_date', 'id_merchant', 'monto', 'txn_type', 'estatus'],
      }),
      'transactions/2026-02.csv': csvOf(all.slice(100)),
    });
    await expect(fetched(place)).rejects.toThrow(
      /column tpv of table transactions is absent in transactions\/2026-01\.csv.*set transactions\.amount/,
    );
    expect(saidOf(await examined(place), 'fail')).toMatch(/absent in transactions\/2026-01\.csv/);
  });

  test('one of Parquet that has a column twice but for case is named: the engine would take the first of them', async () => {
    const place = await writeHistory(folder(), {});
    const file = join(place, 'transactions.parquet');
    const duck = await openDuck();
    const nested = `{'tpv': 'x'} AS details`;
    const columns = `'1' AS txn_id, TIMESTAMP '2026-01-31 13:45:00' AS txn_date, 1 AS id_merchant, 'venta' AS txn_type, 'aprobada' AS estatus`;
    await duck.writeParquet(`SELECT ${nested}, ${columns}, 20.0 AS tpw, 10.0 AS tpv`, file);
    expect(await fetched(place)).toMatchObject({ transactions: 1 });
    // DuckDB writes no such file itself.
    await writeFile(file, (await readFile(file, 'latin1')).replaceAll('tpw', 'TPV'), 'latin1');
    duck.close();
    await expect(fetched(place)).rejects.toThrow(/transactions\.parquet has column tpv 2 times, as TPV and tpv/);
  });

  test('one of Parquet with more digits than DuckDB has is named: it would read other amounts', async () => {
    const place = await writeHistory(folder(), {
      'transactions.parquet': await readFile(join(import.meta.dirname, 'decimal-50.parquet')),
    });
    await expect(fetched(place)).rejects.toThrow(
      /transactions\.parquet has tpv as DECIMAL\(50, 2\); at most 38 digits are read: write it as DECIMAL\(38, 2\)/,
    );
  });

  test('one in another encoding is named with what it would hold, and read once that is configured', async () => {
    const merchants = Buffer.from('id_merchant,client\n1,Panadería Ñ\n2,Beta\n', 'latin1');
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all), 'merchants.csv': merchants });
    await expect(fetched(place)).rejects.toMatchObject({
      message: expect.stringMatching(/merchants\.csv is not UTF-8; as windows-1252 it holds "Panadería", "Ñ"/),
    });
    expect(await fetched(place, { files: { encoding: 'windows-1252' } })).toMatchObject({
      grossTotal: decimal(centsOf(all)),
    });
  });
});

describe('one cell that cannot be read is named by file, line and value', () => {
  const lines = csvOf(sales(3_000)).split('\n');
  test.each([
    [
      'a word as amount',
      2_000,
      'T2000,2026-01-01 00:00:00,1,N/A,venta,aprobada',
      /^transactions\.csv, line 2001: tpv is "N\/A"; accepted are numbers such as 1234\.56/,
    ],
    [
      'the header again',
      300,
      lines[0] as string,
      /^transactions\.csv, line 301: txn_date is "txn_date"; accepted are times/,
    ],
    [
      'a day that does not exist',
      50,
      'T50,2026-02-30 00:00:00,1,5,venta,aprobada',
      /^transactions\.csv, line 51: txn_date is "2026-02-30 00:00:00"/,
    ],
    [
      'an offset among wall clocks',
      50,
      'T50,2026-01-01T00:00:00+02:00,1,5,venta,aprobada',
      /^transactions\.csv, line 51: txn_date is .*without an offset/,
    ],
    [
      'an amount beyond sixteen digits',
      50,
      'T50,2026-01-01 00:00:00,1,12345678901234567890,venta,aprobada',
      /^transactions\.csv, line 51: tpv is "12345678901234567890"/,
    ],
    [
      'a cell too many',
      50,
      'T50,2026-01-01 00:00:00,1,1,234.50,venta,aprobada',
      /^transactions\.csv, line 51: 7 columns where the header has 6/,
    ],
    [
      'a quote that is never closed',
      2_990,
      'T50,2026-01-01 00:00:00,1,"5,venta,aprobada',
      /quote that is never closed/,
    ],
  ])('%s', async (_, nth, line, message) => {
    const place = await writeHistory(folder(), {
      'transactions.csv': [...lines.slice(0, nth), line, ...lines.slice(nth)].join('\n'),
    });
    await expect(fetched(place)).rejects.toMatchObject({ name: 'UserError', message: expect.stringMatching(message) });
  });

  test('lines are counted as an editor does, across cells with line ends', async () => {
    const merchants = 'id_merchant,client\n1,"Alpha\n& Sons"\n2,Beta\n';
    const broken = csvOf(all).replace('T1,', '"T\n1",').replace('T9,', 'T9x,').split('\n');
    const at = broken.findIndex((line) => line.startsWith('T9x,'));
    broken[at] = 'T9x,soon,1,5,venta,aprobada';
    const place = await writeHistory(folder(), { 'transactions.csv': broken.join('\n'), 'merchants.csv': merchants });
    await expect(fetched(place)).rejects.toThrow(new RegExp(`line ${at + 1}: txn_date is "soon"`));
  });
});

describe('nothing counts by luck', () => {
  const with1 = (change: Partial<Sale>, nth = 7) =>
    all.map((sale, index) => (index === nth ? { ...sale, ...change } : sale));

  test.each([
    [
      'APROBADA',
      /1 transaction with estatus "APROBADA", which differs from "aprobada" by case or blanks only \(transactions\.csv, line 9\)/,
    ],
    ['aprobada ', /"aprobada ", which differs from "aprobada"/],
    ['aprobáda', /"aprobáda", which differs from "aprobada" by accents only/],
  ])('a status %j stops a fetch, and is proposed as accepted', async (status, message) => {
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(with1({ status })) });
    await expect(fetched(place)).rejects.toThrow(message);
    const settings = proposed(await examined(place));
    expect(settings).toEqual({ transactions: { status: { accepted: ['aprobada', status] } } });
    expect(await fetched(place, settings)).toMatchObject({ transactions: 240 });
  });

  test('a type that differs by case stops a fetch', async () => {
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(with1({ type: 'Venta' })) });
    await expect(fetched(place)).rejects.toThrow(/txn_type "Venta", which differs from "venta"/);
  });

  test('an amount that is not there is no zero: it is set aside, and its bucket is missing', async () => {
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(with1({ cents: null })) });
    const totals = await fetched(place);
    expect(totals).toMatchObject({ transactions: 239, setAside: { 'without-amount': { transactions: 1 } } });
    expect(saidOf(await examined(place), 'warn')).toMatch(/1 of 240 transactions have no amount; they are set aside/);
  });

  test('what is delivered twice stops a fetch, and counts once by its id', async () => {
    const place = await writeHistory(folder(), {
      'transactions/a.csv': csvOf(all),
      'transactions/b.csv': csvOf(all.slice(0, 80)),
    });
    await expect(fetched(place)).rejects.toThrow(
      /80 transactions with the txn_id and type of another; set transactions\.id to txn_id/,
    );
    const settings = proposed(await examined(place));
    expect(await fetched(place, settings)).toMatchObject({
      transactions: 240,
      grossTotal: decimal(centsOf(all)),
      setAside: { repeated: { transactions: 80, gross: decimal(centsOf(all.slice(0, 80))) } },
    });
    expect(await fetched(place, { transactions: { id: null } })).toMatchObject({ transactions: 320 });
  });

  test('sales below zero are told with their sum, and read as configured', async () => {
    const negative = all.map((sale, nth) => (nth % 10 === 0 ? { ...sale, cents: -(sale.cents as number) } : sale));
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(negative) });
    const below = centsOf(negative.filter(({ cents }) => (cents ?? 0) < 0));
    expect(saidOf(await examined(place), 'fail')).toContain(
      `24 of 240 sales are below zero, ${decimal(below)} together`,
    );
    const read = async (negativeSales: string) => fetched(place, { transactions: { negativeSales } });
    expect(await read('subtract')).toMatchObject({ grossTotal: decimal(centsOf(negative)), refundTotal: '0.00' });
    expect(await read('absolute')).toMatchObject({
      grossTotal: decimal(centsOf(all)),
      netTotal: decimal(centsOf(all)),
    });
    expect(await read('refund')).toMatchObject({
      grossTotal: decimal(centsOf(negative) - below),
      refundTotal: decimal(-below),
      netTotal: decimal(centsOf(negative)),
    });
  });

  test('clients equal but for case, blanks or Unicode form stop a fetch', async () => {
    const merchants = 'id_merchant,client\n1,Café \n2,CAFE\u0301\n3,Beta\n';
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all), 'merchants.csv': merchants });
    await expect(fetched(place)).rejects.toThrow(
      /equal but for case, blanks or Unicode form: "CAFÉ" and "Café "|equal but for case/,
    );
    expect(saidOf(await examined(place), 'fail')).toMatch(/client names/);
  });
});

describe('nothing that counts', () => {
  test('no status that is accepted stops a fetch, as doctor says', async () => {
    const place = await writeHistory(folder(), {
      'transactions.csv': csvOf(all.map((sale) => ({ ...sale, status: 'ok' }))),
    });
    const message = /none of aprobada occurs in estatus; it holds ok; set transactions\.status/;
    await expect(fetched(place)).rejects.toThrow(message);
    expect(saidOf(await examined(place), 'fail')).toMatch(message);
  });

  test('no transaction that finds its merchant stops a fetch with keys of both tables', async () => {
    const merchants = 'id_merchant,client\n01,Alpha\n02,Beta\n';
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(all), 'merchants.csv': merchants });
    await expect(fetched(place)).rejects.toThrow(
      /no transaction finds its merchant: id_merchant of transactions holds "1", "2", id_merchant of merchants "01", "02"/,
    );
    expect(saidOf(await examined(place), 'fail')).toMatch(/no transaction finds its merchant/);
  });
});

describe('a time that cannot be sets neither range nor watermark', () => {
  test.each([
    ['2099-12-31T23:59:59Z', 'after-now', /1 transaction after now, the last at 2099-12-31/],
    ['1970-01-01T00:00:00Z', 'before-range', /1 transaction years before the rest, the first at 1970-01-01/],
  ])('%s is set aside and told', async (time, reason, message) => {
    const stray = { ...(all[0] as Sale), id: 'X', atMs: Date.parse(time) };
    const place = await writeHistory(folder(), {
      'transactions.csv': csvOf([...all.slice(0, 50), stray, ...all.slice(50)]),
    });
    const { manifest } = await fetchInto(`${place}-work`, await duckdbSource(place, config()));
    expect(Object.keys(manifest.windows)).toEqual(['2026-01']);
    expect(manifest.watermark).toBe(new Date(all.at(-1)?.atMs as number).toISOString().replace('.000', ''));
    expect(totalsOf(manifest)).toMatchObject({
      transactions: 240,
      setAside: { [reason]: { transactions: 1, gross: decimal(stray.cents as number) } },
    });
    expect(saidOf(await examined(place), 'fail')).toMatch(message);
  });

  test.each([
    ['epoch-ms', 1, '1970', 'epoch-s'],
    ['epoch-s', 1_000, '57', 'epoch-ms'],
    ['epoch-ms', 1_000_000, '57', 'epoch-us'],
  ])('seconds and milliseconds are not taken for each other: %s', async (type, factor, year, other) => {
    const place = await writeHistory(folder(), {
      'transactions.csv': csvOf(all, { time: (atMs) => String((atMs / 1_000) * factor) }),
    });
    const settings = { transactions: { time: { type } } };
    const message = new RegExp(`read as ${type}, txn_date ends in the year ${year}.*as ${other}, in 2026`);
    await expect(fetched(place, settings)).rejects.toThrow(message);
    const findings = await examined(place, settings);
    expect(saidOf(findings, 'fail')).toMatch(message);
    expect(await fetched(place, proposed(findings))).toMatchObject({ transactions: 240 });
  });

  test('files in unlike units are told by the year that one is read to be in, beyond what a machine dates', async () => {
    const half = all.length / 2;
    const place = await writeHistory(folder(), {
      'transactions/a.csv': csvOf(all.slice(0, half), { time: (ms: number) => String(ms / 1_000) }),
      'transactions/b.csv': csvOf(all.slice(half), { time: (ms: number) => `${ms}000` }),
    });
    const settings = { transactions: { time: { type: 'epoch-s' } } };
    expect(saidOf(await examined(place, settings), 'fail')).toMatch(/120 .* after now, .* in the year 560\d{5};/);
    expect(await fetched(place, settings)).toMatchObject({ transactions: half });
  });

  test('a log wholly after now is not called empty', async () => {
    const ahead = sales(24, '2099-01-01T00:07:00Z');
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf(ahead) });
    await expect(fetched(place)).rejects.toThrow('nothing is left to fetch: 24 transactions after now');
    expect(saidOf(await examined(place), 'fail')).not.toContain('empty');
  });

  test('a tenth of all rows at the beginning of the epoch is no part of the log, either', async () => {
    const zeros = all.slice(0, 24).map((sale) => ({ ...sale, atMs: 0 }));
    const place = await writeHistory(folder(), { 'transactions.csv': csvOf([...zeros, ...all.slice(24)]) });
    expect(await fetched(place)).toMatchObject({
      transactions: 216,
      setAside: { 'before-range': { transactions: 24, gross: decimal(centsOf(zeros)) } },
    });
  });

  test('a log that began years before and never ceased keeps all of it', async () => {
    const old = sales(240, '2023-05-01T00:00:00Z');
    const place = await writeHistory(folder(), {
      'transactions.csv': csvOf([...old, ...all]),
      'merchants.csv': 'id_merchant,client\n1,A\n2,B\n',
    });
    expect(await fetched(place, { transactions: { id: null } })).toMatchObject({ transactions: 480, setAside: {} });
  });
});

describe('the command line', () => {
  const CLI = resolve(import.meta.dirname, '../../trainer/src/cli.ts');
  const trainer = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: root });
    return { status, stdout, stderr };
  };

  test('a bad cell late in the file is exit code 2 and one sentence, on stdout too with --json', async () => {
    const text = `${csvOf(sales(3_000))}T9,2026-05-07 00:00:00,1,N/A,venta,aprobada\n`;
    const place = await writeHistory(folder(), { 'transactions.csv': text });
    const { status, stdout, stderr } = trainer('fetch', '--history', place, '--work', 'never', '--json');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^trainer: transactions\.csv, line 3002: tpv is "N\/A"[^\n]*\n$/);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) as string)).toEqual({
      error: { code: 'unfit-history', message: stderr.replace(/^trainer: /, '').trim() },
    });
  });

  test('doctor --fix writes what it proposes, leaves the rest of the file, and is content', async () => {
    const place = await writeHistory(folder(), {
      'transactions.csv': csvOf(all, { time: String, amount: groupedAmount(',', '.'), delimiter: ';' }),
      'tidemark.config.json': JSON.stringify({ timeZone: 'Europe/Madrid' }),
    });
    const { status, stderr } = trainer('doctor', '--history', place, '--fix');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(await readFile(join(place, 'tidemark.config.json'), 'utf8'))).toEqual({
      timeZone: 'Europe/Madrid',
      transactions: { amountFormat: { decimal: ',', thousands: '.', currency: '' }, time: { type: 'epoch-ms' } },
    });
  });

  test('a key that is none lists those that are', async () => {
    await writeFile(join(root, 'odd.json'), '{"transactions": {"tabel": "x"}}');
    const { status, stderr } = trainer('doctor', '--history', root, '--config', 'odd.json');
    expect(stderr).toMatch(/transactions: unrecognised "tabel"; accepted are table, time, .*refundsStored/);
    expect(status).toBe(2);
  });
});
