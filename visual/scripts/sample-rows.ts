/** Buckets of two hours in a day. */
const PER_DAY = 12;
/** Days before today that the sample holds, and days from today on. */
const DAYS = { before: 27, after: 2 } as const;

/** The clients of the sample and their usual volume in a bucket at noon. */
const CLIENTS = [
  ['Acme', 480_000],
  ['Borealis', 125_000],
  ['Cobre', 62_000],
] as const;

/** What went wrong in the sample: a client, a day counted from today, buckets of the day, and what was left of the volume. */
const TROUBLES = [
  { client: 'Borealis', day: -1, buckets: [7, 8, 9], share: 0.35, severity: 'critical' },
  { client: 'Acme', day: -6, buckets: [6], share: 0.72, severity: 'warning' },
  { client: 'Cobre', day: -12, buckets: [5, 6], share: 1.75, severity: 'critical' },
] as const;

/** Columns of the sample's rows; the day is counted from the one on which the report is refreshed. */
export const SAMPLE_COLUMNS = [
  'Client',
  'Day',
  'Hour',
  'Volume',
  'Expected',
  'Minimum',
  'Maximum',
  'Severity',
] as const;

/** The rows of the sample report, all as text, the same on every machine: volumes with the rhythm of a day, and three troubles. */
export function sampleRows(): string[][] {
  return CLIENTS.flatMap(([client, level], n) =>
    Array.from({ length: (DAYS.before + DAYS.after) * PER_DAY }, (_, k) => {
      const day = Math.floor(k / PER_DAY) - DAYS.before;
      const bucket = k % PER_DAY;
      const expected = level * (0.62 - 0.4 * Math.cos((2 * Math.PI * (bucket - 1)) / PER_DAY));
      const width = 0.1 * expected + 0.05 * level;
      const trouble = TROUBLES.find(
        (one) => one.client === client && one.day === day && (one.buckets as readonly number[]).includes(bucket),
      );
      const volume = trouble === undefined ? expected + 0.55 * width * noise(n, k) : expected * trouble.share;
      const amounts = [volume, expected, expected - width, expected + width];
      return [
        client,
        String(day),
        String((24 / PER_DAY) * bucket),
        ...amounts.map((amount) => amount.toFixed(2)),
        trouble?.severity ?? '',
      ];
    }),
  );
}

/** Noise in [−1, 1] that is the same whenever it is asked for. */
function noise(series: number, k: number): number {
  const turned = Math.sin((series + 1) * 127.1 + k * 311.7) * 43758.5453;
  return 2 * (turned - Math.floor(turned)) - 1;
}
