import { UserError } from '@tidemark/shared/errors';
import { zoneClock } from '@tidemark/shared/forecasting';
import type { Clock } from './options.ts';

/** The present, as a clock beside the rows would show it. */
export interface Present {
  /** Wall-clock instant in ms, read as if it were UTC, as the rows' times are. */
  readonly now: number;
  /** Name of the zone the clock is in; `null` where it is the reader's own. */
  readonly zone: string | null;
  /** The zone the author asked for, where there is no such zone. */
  readonly unknownZone: string | null;
}

/** What tells the zone of the rows' times. */
export interface ZoneHints {
  /** IANA zone from the format pane; empty for none. */
  readonly timeZone: string;
  readonly clock: Clock;
  readonly saysUtc: boolean;
  /** Zone of the model bound or packaged; `null` without one. */
  readonly modelZone: string | null;
}

/**
 * The present on the clock of the rows: the author's zone, else UTC where the column says so, else the model's zone,
 * else the clock of the reader's computer.
 * @param instant ms since the epoch
 * @param readerOffsetMs local minus UTC of the reader's computer at that instant
 */
export function presentOf(instant: number, readerOffsetMs: number, hints: ZoneHints): Present {
  const asked = hints.timeZone.trim();
  if (asked !== '') {
    const offset = offsetIn(asked, instant);
    if (offset !== null) return { now: instant + offset, zone: asked, unknownZone: null };
  }
  const unknownZone = asked === '' ? null : asked;
  if (hints.clock === 'utc' || (hints.clock === 'auto' && hints.saysUtc)) {
    return { now: instant, zone: 'UTC', unknownZone };
  }
  const modelOffset = hints.modelZone === null ? null : offsetIn(hints.modelZone, instant);
  if (modelOffset !== null) return { now: instant + modelOffset, zone: hints.modelZone, unknownZone };
  return { now: instant + readerOffsetMs, zone: null, unknownZone };
}

function offsetIn(timeZone: string, instant: number): number | null {
  try {
    return zoneClock(timeZone).offsetMs(instant);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
