// Apart from the statements, so that who only writes SQL does not load the SDK.
export * from './client.ts';
export * from './failure.ts';
export * from './patience.ts';
export * from './run.ts';
