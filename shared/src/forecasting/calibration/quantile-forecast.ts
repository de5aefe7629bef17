/** Forecasts made of five quantiles: the network's, the base forecast and last week's value, each with their spread. */
export const QUANTILE_FORECASTS = 3;
export const NETWORK = 0;
export const BASE = 1;
export const LAST_WEEK = 2;
/** One of them, by its place. */
export type QuantileForecast = 0 | 1 | 2;
