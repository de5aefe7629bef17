export { DARK, EITHER, LIGHT } from '../palette.ts';
