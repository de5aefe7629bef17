export * from './alarm/verdict.ts';
export * from './errors.ts';
export * from './forecast/fan.ts';
export * from './forecast/forecaster.ts';
export * from './series/series.ts';
export * from './time/bucket.ts';
