export { readPackagedVisual } from '../packaged-visual.ts';
