import type { Random } from './random.ts';

/** What moves a business beside the calendar and chance: factors on the mean transactions of single buckets. */
export interface Disturbance {
  /** Log spread of good and bad days, and how much of one is left the next day. */
  readonly day: { readonly spread: number; readonly memory: number };
  /** Shape of the gamma factor of every bucket (mean 1, variance 1 ÷ shape); 0: none. */
  readonly burst: number;
  /** Log spread of moods of a few buckets, and how much is left a bucket later. */
  readonly mood: { readonly spread: number; readonly memory: number };
  /** Log spread of calm and nervous weeks, which make days, bursts and moods smaller or larger. */
  readonly nerves: number;
  /** Lasting changes of the level, a bucket. */
  readonly shifts: number;
  /** Drops and surges of up to eight buckets, a bucket. */
  readonly incidents: number;
}

/** Share of the nerves that is left a bucket later. */
const NERVES_MEMORY = 0.97;
/** Log spread of a lasting change of the level. */
const SHIFT_SPREAD = 0.4;

/** A disturbance drawn at random, for series that have to be unlike each other; each part of it is absent in some. */
export function drawDisturbance(random: Random): Disturbance {
  const daySpread = random.uniform() < 0.3 ? 0 : random.between(0.02, 0.3);
  const dayMemory = random.between(0, 0.6);
  const burst = random.uniform() < 0.3 ? 0 : Math.exp(random.between(Math.log(4), Math.log(400)));
  const moodSpread = random.uniform() < 0.4 ? 0 : random.between(0.02, 0.2);
  const moodMemory = random.between(0.2, 0.8);
  const nerves = random.uniform() < 0.4 ? 0 : random.between(0.2, 0.7);
  const shifts = random.uniform() < 0.5 ? 0 : random.between(0.2, 2) / (84 * 26);
  const incidents = random.uniform() < 0.5 ? 0 : random.between(0.2, 3) / 840;
  return {
    day: { spread: daySpread, memory: dayMemory },
    burst,
    mood: { spread: moodSpread, memory: moodMemory },
    nerves,
    shifts,
    incidents,
  };
}

/** Factors of that many buckets in a row, > 0. */
export function disturbanceFactors(
  { day, burst, mood, nerves, shifts, incidents }: Disturbance,
  { buckets, perDay }: { readonly buckets: number; readonly perDay: number },
  random: Random,
): Float64Array {
  const innovation = (memory: number) => Math.sqrt(1 - memory ** 2);
  let today = day.spread * random.normal();
  let now = 0;
  let nervous = 0;
  let level = 0;
  let incident = 0;
  let left = 0;
  return Float64Array.from({ length: buckets }, (_, index) => {
    if (index % perDay === 0) today = day.memory * today + day.spread * innovation(day.memory) * random.normal();
    nervous = NERVES_MEMORY * nervous + nerves * innovation(NERVES_MEMORY) * random.normal();
    const size = Math.exp(nervous - nerves ** 2);
    now = mood.memory * now + mood.spread * size * innovation(mood.memory) * random.normal();
    if (random.uniform() < shifts) level += SHIFT_SPREAD * random.normal();
    if (left > 0) left--;
    else if (random.uniform() < incidents) {
      left = 1 + random.below(8);
      incident = random.uniform() < 0.7 ? Math.log(random.between(0.05, 0.7)) : random.between(0.3, 1.1);
    }
    const factor = burst === 0 ? 1 : random.gamma(Math.max(1, burst / size));
    return factor * Math.exp(today * size + now + level + (left > 0 ? incident : 0));
  });
}
