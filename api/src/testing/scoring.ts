export { askColumns } from '../explanation/ask-columns.ts';
export { athenaSource } from '../scoring/athena-source.ts';
export { folderSource } from '../scoring/folder-source.ts';
export { liveForecaster } from '../scoring/live-forecaster.ts';
export { openAthenaSource } from '../scoring/open-athena.ts';
export type { ActualsSource } from '../scoring/source.ts';
export { type AthenaSetting, parseAthena, parseFolder } from '../scoring/source-setting.ts';
