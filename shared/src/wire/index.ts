export * from './band.ts';
export * from './problem.ts';
