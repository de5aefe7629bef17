import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { alarmFigures, type RaisedIncident, readTruth, rowsOf } from './figures.ts';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

const truth = readTruth(fixture('truth.csv'));

const incidents: RaisedIncident[] = rowsOf(fixture('incidents.csv')).map((row) => ({
  id: row.id ?? '',
  series: row.series ?? '',
  direction: row.direction ?? '',
  start: Date.parse(row.start ?? ''),
  end: Date.parse(row.end ?? ''),
  raised: Date.parse(row.raised_at ?? ''),
  cause: row.cause ?? '',
  causeValue: row.cause_value ?? '',
  storm: row.storm ?? '',
}));

// `fixtures` holds seven clients of a fleet made by another program, incidents raised on them, and what that program's scorer printed for both.
describe('figures of alarms', () => {
  test('are those of the other scorer', () => {
    const theirs = fixture('score.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { figure: string; ours: number | null; of?: number });
    const ours = alarmFigures(truth, incidents, 8);
    expect(ours.map(({ figure }) => figure)).toEqual(theirs.map(({ figure }) => figure));
    theirs.forEach((their, k) => {
      expect(ours[k]?.ours, their.figure).toBeCloseTo(their.ours as number, 4);
      if (their.of !== undefined) expect(ours[k]?.of, their.figure).toBe(their.of);
    });
  });

  test('see nothing in no incidents, and count no false alarm', () => {
    const figures = new Map(alarmFigures(truth, [], 8).map(({ figure, ours }) => [figure, ours]));
    expect(figures.get('fleet/recall')).toBe(0);
    expect(figures.get('fleet/false-per-series-week')).toBe(0);
    expect(figures.get('fleet/delay-hours-median')).toBeNull();
    expect(figures.get('fleet/storm-pages')).toBe(0);
  });

  test('count an incident without a trouble near it as false', () => {
    const client = truth[0]?.client ?? '';
    const first = Math.min(...truth.map(({ start }) => start));
    const early = { id: 'x', series: client, direction: 'low', cause: 'attempts', causeValue: '', storm: '' };
    const raised = first - 5 * 3_600_000;
    const [, false_] = alarmFigures(truth, [{ ...early, start: raised, end: raised, raised }], 1);
    expect(false_?.ours).toBeCloseTo(1 / 7, 9);
  });
});
