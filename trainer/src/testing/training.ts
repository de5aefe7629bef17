export { unbias } from '../training/learning.ts';
export { completeLength, splitOf } from '../training/split.ts';
export { train } from '../training/train.ts';
