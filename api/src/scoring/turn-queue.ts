import pTimeout from 'p-timeout';

/** Turns within one process: work that asked first goes first, one at a time. */
export interface TurnQueue {
  /**
   * Waits for a turn.
   * @param timeoutMs how long to wait at most; without it, as long as it takes.
   * @returns how to end the turn, or `null` when it had not come in time.
   */
  take(timeoutMs?: number): Promise<(() => void) | null>;
  /** Resolves once nobody has a turn or waits for one. */
  idle(): Promise<void>;
}

/** A queue in which nobody waits yet. */
export function createTurnQueue(): TurnQueue {
  const state: { last: Promise<unknown> } = { last: Promise.resolve() };
  return {
    async take(timeoutMs) {
      let end: () => void = () => undefined;
      const mine = new Promise<void>((resolve) => {
        end = resolve;
      });
      const before = state.last;
      // Whoever gives up still lets those behind it wait for those before it.
      state.last = Promise.all([before, mine]);
      if (await endsWithin(before, timeoutMs)) return end;
      end();
      return null;
    },
    async idle() {
      await state.last;
    },
  };
}

/** Turns that come at once, for platforms where a promise of one request must not wait for that of another. */
export const noTurns: TurnQueue = {
  take: async () => () => undefined,
  idle: async () => undefined,
};

async function endsWithin(work: Promise<unknown>, timeoutMs: number | undefined): Promise<boolean> {
  const ended = work.then(() => true);
  if (timeoutMs === undefined) return ended;
  return pTimeout(ended, { milliseconds: timeoutMs, fallback: () => false });
}
