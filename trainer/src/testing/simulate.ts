export { simulateCounts, simulateVolume } from '../simulate/buckets.ts';
export { random } from '../simulate/random.ts';
export { drawRhythm } from '../simulate/rhythm.ts';
