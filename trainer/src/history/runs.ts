import type { PendingWindow } from './source.ts';

/** Consecutive windows together, so that an unsorted file is read once and not once a month. */
export function runsOf(windows: readonly PendingWindow[]): PendingWindow[][] {
  const runs: PendingWindow[][] = [];
  for (const window of windows) {
    const last = runs.at(-1);
    if (last?.at(-1)?.toMs === window.fromMs) last.push(window);
    else runs.push([window]);
  }
  return runs;
}
