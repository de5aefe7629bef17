export * from './band.ts';
export * from './cursor.ts';
export * from './problem.ts';
