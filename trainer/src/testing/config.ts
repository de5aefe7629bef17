export { type Config, parseConfig, stepMsOf } from '../config.ts';
