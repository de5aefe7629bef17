import { UserError } from '../errors.ts';

/** ISO 8601 UTC to the second, e.g. `2026-03-01T14:00:00Z`; milliseconds only where there are some. */
export function utcText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}

/**
 * Writes instants as wall-clock time of a zone without offset, e.g. `2026-03-01T11:00:00`. Through a change of the
 * clocks a local time may repeat or be absent; the UTC column is the key.
 * @throws UserError `unknown-time-zone` unless `timeZone` is an IANA name.
 */
export function localClock(timeZone: string): (epochMs: number) => string {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  } catch (cause) {
    throw new UserError('unknown-time-zone', `unknown time zone; not an IANA name such as America/Lima: ${timeZone}`, {
      cause,
    });
  }
  const offsets = new Map<number, number>();
  // Offsets change on quarter hours only, so one look-up serves a whole quarter.
  const quarterMs = 900_000;
  const offsetAt = (epochMs: number) => {
    const quarter = Math.floor(epochMs / quarterMs);
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      const start = quarter * quarterMs;
      offset = Date.parse(`${format.format(start).replace(' ', 'T')}Z`) - start;
      offsets.set(quarter, offset);
    }
    return offset;
  };
  return (epochMs) => new Date(epochMs + offsetAt(epochMs)).toISOString().slice(0, 19);
}
