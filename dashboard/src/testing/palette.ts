export { LIGHT } from '../palette.ts';
