import { bandAt, DAY_MS } from '@tidemark/shared/forecasting';
import type { Judged } from '../evaluation/backtest.ts';
import { busyStarts, firstAlarm } from './outage.ts';
import { linear, path, picture, short, ticks } from './svg.ts';

const WIDTH = 310;
const HEIGHT = 190;
const EDGE = { left: 40, right: 6, top: 24, bottom: 24 };

/**
 * One day of a series had everything stopped for some hours in its busy time: what would have come in against the
 * bands issued before the outage began, and when it would have been noticed. Empty where there is no such day.
 */
export function outageChart(judged: readonly Judged[], hours: number, stepMs: number, coverage: number): string {
  const start = typicalStart(judged, hours, stepMs, coverage);
  if (start === undefined) return '';
  const perDay = DAY_MS / stepMs;
  const from = Math.max(0, start - perDay / 2);
  const rows = judged.slice(from, from + perDay + 1).map((one, k) => {
    // After the start the bands are those that were issued when it began: later ones would have seen it.
    const ahead = Math.max(0, from + k - start);
    const fan = (one.fans[Math.min(ahead, one.fans.length - 1)] ?? one.fans[0]) as Judged['fans'][number];
    const out = outShare(from + k - start, hours, stepMs);
    return { ...bandAt(fan, coverage), usual: one.actual, left: one.actual * (1 - out), out };
  });
  const low = Math.min(0, ...rows.map(({ lower }) => lower));
  const high = Math.max(...rows.map(({ upper, usual }) => Math.max(upper, usual)));
  const x = linear(0, rows.length - 1, EDGE.left, WIDTH - EDGE.right);
  const y = linear(low, high, HEIGHT - EDGE.bottom, EDGE.top);
  const at = (of: (row: (typeof rows)[number]) => number) => rows.map((row, k) => [x(k), y(of(row))] as const);
  const band = `${path(at(({ upper }) => upper))}${path(at(({ lower }) => lower).reverse()).replace('M', 'L')}Z`;
  const alarm = firstAlarm(judged, start, hours, stepMs, coverage);
  const noticed = alarm === null ? 'not noticed' : `noticed after ${((alarm + 1) * stepMs) / 3_600_000} h`;
  const hit = alarm === null ? undefined : start - from + alarm;
  const outage = rows.findIndex(({ out }) => out > 0);
  const lasting = rows.filter(({ out }) => out > 0).length;
  const shadeFrom = x(Math.max(0, outage - 0.5));
  const shadeTo = x(Math.min(rows.length - 1, outage + lasting - 0.5));
  const grid = ticks(low, high, 3)
    .map(
      (value) =>
        `<line class="grid" x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${y(value)}" y2="${y(value)}"/><text class="tick" x="${EDGE.left - 5}" y="${y(value) + 4}" text-anchor="end">${short(value)}</text>`,
    )
    .join('');
  const mark =
    hit === undefined
      ? ''
      : `<circle class="miss" cx="${x(hit).toFixed(1)}" cy="${y(rows[hit]?.left ?? 0).toFixed(1)}" r="5.5"/>`;
  return picture(
    WIDTH,
    HEIGHT,
    `An outage of ${hours} h: ${noticed}`,
    `<text class="says${hit === undefined ? '' : ' loud'}" x="${EDGE.left}" y="14">${noticed}</text>${grid}<rect class="out" x="${shadeFrom.toFixed(1)}" width="${(shadeTo - shadeFrom).toFixed(1)}" y="${EDGE.top}" height="${HEIGHT - EDGE.top - EDGE.bottom}"/><path class="band" d="${band}"/><path class="usual" d="${path(at(({ usual }) => usual))}"/><path class="actual" d="${path(at(({ left }) => left))}"/>${mark}<text class="tick" x="${(shadeFrom + shadeTo) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${hours} h without volume</text>`,
  );
}

function outShare(bucketsIn: number, hours: number, stepMs: number): number {
  if (bucketsIn < 0) return 0;
  const stepHours = stepMs / 3_600_000;
  return Math.max(0, Math.min(1, (hours - bucketsIn * stepHours) / stepHours));
}

/** Of the busy starts in the middle of the time, one whose outcome is the outcome of most. */
function typicalStart(judged: readonly Judged[], hours: number, stepMs: number, coverage: number): number | undefined {
  const perDay = DAY_MS / stepMs;
  const starts = busyStarts(judged).filter((start) => start >= perDay && start + perDay < judged.length);
  const outcome = new Map(starts.map((start) => [start, firstAlarm(judged, start, hours, stepMs, coverage)]));
  const counts = new Map<number | null, number>();
  for (const seen of outcome.values()) counts.set(seen, (counts.get(seen) ?? 0) + 1);
  const [usual] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  const typical = starts.filter((start) => outcome.get(start) === usual);
  return typical[typical.length >> 1];
}
