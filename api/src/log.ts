/** Writes one JSON line per event; nothing secret may be among the fields. */
export type Log = (level: 'info' | 'warn' | 'error', event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** A log of JSON lines, e.g. `{"time":"…","level":"info","event":"cycle","series":40}`. */
export function jsonLog(write: (line: string) => void, wall: () => number = Date.now): Log {
  return (level, event, fields = {}) => {
    write(JSON.stringify({ time: new Date(wall()).toISOString(), level, event, ...fields }));
  };
}

export const silentLog: Log = () => undefined;
