export { numberWithin, wholeNumber } from '../commands/options.ts';
