import type powerbi from 'powerbi-visuals-api';
import { afterEach, describe, expect, test } from 'vitest';
import { readRows } from './rows.ts';

const HOUR = 3_600_000;

interface Column {
  readonly queryName: string;
  readonly values: readonly unknown[];
  readonly level?: string;
}

/** Rows of one measure over the columns of the Time well. */
function read(time: readonly Column[], actual: readonly unknown[] = (time[0] as Column).values.map((_, k) => 100 + k)) {
  const sources = time.map(({ queryName, level }) => ({
    queryName,
    displayName: queryName,
    roles: { time: true },
    ...(level === undefined ? {} : { expr: { level } }),
  }));
  const column = { source: { displayName: 'Net', queryName: 'Net', roles: { actual: true } }, values: actual };
  const categorical = {
    categories: sources.map((source, k) => ({ source, values: time[k]?.values })),
    values: Object.assign([column], { grouped: () => [{ values: [column] }] }),
  };
  return readRows({ metadata: { columns: [...sources, column.source] }, categorical } as unknown as powerbi.DataView);
}

const timesOf = (rows: ReturnType<typeof read>) => rows.series[0]?.rows.map(({ time }) => time);
const days = Array.from({ length: 4 }, (_, k) => Date.UTC(2026, 2, 30 + k));

describe('the time of rows', () => {
  test.each(['Calendar.Day', 'Calendar.Month', 'Sales.Hour', 'Calendar.Year', 'Calendario.Día'])(
    'dates in a column called %s are dates, and no level of a hierarchy',
    (queryName) => {
      const dates = days.map(
        (day) => new Date(new Date(day).getUTCFullYear(), 2, 30 + (day - (days[0] as number)) / (24 * HOUR)),
      );
      expect(timesOf(read([{ queryName, values: dates }]))).toEqual(days);
      expect(timesOf(read([{ queryName, values: [null, ...days.map((day) => new Date(day).toISOString())] }]))).toEqual(
        days,
      );
    },
  );

  test.each([
    ['es', ['Año', 'Trimestre', 'Mes', 'Día'], ['marzo', 'abril'], 'Trim. '],
    ['de', ['Jahr', 'Quartal', 'Monat', 'Tag'], ['März', 'April'], 'Quartal '],
    ['fr', ['Année', 'Trimestre', 'Mois', 'Jour'], ['mars', 'avril'], 'Trim '],
    ['pt', ['Ano', 'Trimestre', 'Mês', 'Dia'], ['março', 'abril'], 'Tri '],
    ['it', ['Anno', 'Trimestre', 'Mese', 'Giorno'], ['marzo', 'aprile'], 'Trim '],
    ['pl', ['Rok', 'Kwartał', 'Miesiąc', 'Dzień'], ['marzec', 'kwiecień'], 'Kw. '],
    ['ja', ['年', '四半期', '月', '日'], ['3月', '4月'], '四半期 '],
  ])('a hierarchy whose levels have names in %s is put together', (_, names, months, quarter) => {
    const parts = days.map((day) => new Date(day));
    const values = [
      parts.map((day) => day.getUTCFullYear()),
      parts.map((day) => quarter + (1 + Math.floor(day.getUTCMonth() / 3))),
      parts.map((day) => months[day.getUTCMonth() - 2]),
      parts.map((day) => day.getUTCDate()),
    ];
    const expression = names.map((level, k) => ({ queryName: 'a', level, values: values[k] as unknown[] }));
    const named = names.map((level, k) => ({
      queryName: `Ventas.Fecha.Variación.${level}`,
      values: values[k] as unknown[],
    }));
    for (const columns of [expression, named]) expect(timesOf(read(columns))).toEqual(days);
  });

  test('levels that are neither year, quarter, month, day nor hour are left out', () => {
    const values = days.map((day) => new Date(day));
    const columns = [
      { level: 'Year', values: values.map((day) => day.getUTCFullYear()) },
      { level: 'Week', values: [13, 13, 13, 14] },
      { level: 'Month', values: values.map((day) => day.getUTCMonth() + 1) },
      { level: 'Day', values: values.map((day) => day.getUTCDate()) },
    ];
    expect(timesOf(read(columns.map((column) => ({ queryName: 'Calendar.Fiscal', ...column }))))).toEqual(days);
    const named = columns.map(({ level, values: cells }) => ({
      queryName: `a.Variation.Date Hierarchy.${level}`,
      values: cells,
    }));
    expect(timesOf(read(named))).toEqual(days);
  });

  test('a text with the offset 0 says that it is in UTC, one with another does not', () => {
    const says = (text: string | null) => read([{ queryName: 'Sales.Start', values: [null, text] }]).saysUtc;
    expect(['2026-03-08T02:00:00+00:00', '2026-03-08T02:00:00Z', '2026-03-08 02:00:00-00:00'].map(says)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['2026-03-08T02:00:00-05:00', '2026-03-08T02:00:00+10:00', null].map(says)).toEqual([false, false, false]);
  });

  test('rows whose time another has are counted, and where they are most nothing is judged', () => {
    const hours = Array.from({ length: 24 }, (_, k) => k);
    const { faults, series } = read([
      { queryName: 'Calendar.Date', values: hours.map(() => new Date(2026, 2, 2)) },
      { queryName: 'Slots.Slot', values: hours.map((hour) => `${hour}:00`) },
    ]);
    expect(series[0]?.rows).toHaveLength(1);
    expect(faults).toEqual([{ phrase: { key: 'Fault_Repeated', values: ['23', '@Role_time'] }, blocks: true }]);
    const once = read([{ queryName: 'Calendar.Date', values: [0, 1, 1, 2].map((day) => new Date(2026, 2, 2 + day)) }]);
    expect(once.faults.map(({ phrase, blocks }) => [phrase.key, phrase.values?.[0], blocks])).toEqual([
      ['Fault_Repeated', '1', false],
    ]);
  });
});

describe('on a reader’s clock that skips an hour', () => {
  const own = process.env.TZ;
  afterEach(() => {
    if (own === undefined) delete process.env.TZ;
    else process.env.TZ = own;
  });

  /** Rows as Power BI gives them: wall-clock times as dates of the reader's clock. */
  const readOn = (zone: string, times: readonly number[]) => {
    process.env.TZ = zone;
    const dates = times.map((time) => {
      const wall = new Date(time);
      return new Date(
        wall.getUTCFullYear(),
        wall.getUTCMonth(),
        wall.getUTCDate(),
        wall.getUTCHours(),
        wall.getUTCMinutes(),
      );
    });
    return read([{ queryName: 'Bands.bucket_start', values: dates }]);
  };

  test.each([
    ['America/New_York', Date.UTC(2026, 2, 7)],
    ['Europe/Madrid', Date.UTC(2026, 2, 28)],
    ['America/Santiago', Date.UTC(2026, 8, 5)],
    ['Australia/Lord_Howe', Date.UTC(2026, 9, 3)],
    ['America/Lima', Date.UTC(2026, 2, 7)],
  ])('every row of another zone keeps its time: %s', (zone, start) => {
    for (const step of [HOUR / 4, HOUR / 2, HOUR, 2 * HOUR, 24 * HOUR]) {
      const times = Array.from({ length: Math.max(8, (72 * HOUR) / step) }, (_, k) => start + k * step);
      for (const given of [times, times.toReversed()]) {
        const rows = readOn(zone, given);
        expect(timesOf(rows), `${step / HOUR} h`).toEqual(times);
        expect(rows.faults).toEqual([]);
      }
    }
  });

  test('rows of the reader’s own zone, which has no such hour, stay as they are', () => {
    const times = Array.from({ length: 48 }, (_, k) => Date.UTC(2026, 2, 7) + k * HOUR).filter(
      (time) => time !== Date.UTC(2026, 2, 8, 2),
    );
    expect(timesOf(readOn('America/New_York', times))).toEqual(times);
  });
});
