export { parseAthena } from '../scoring/athena-setting.ts';
export { athenaSource } from '../scoring/athena-source.ts';
export { openSource } from '../scoring/open-source.ts';
export type { ActualsSource } from '../scoring/source.ts';
