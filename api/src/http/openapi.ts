import { openApiOf } from '../routes/docs.ts';
import { createApp } from './app.ts';
import type { AppDeps } from './deps.ts';

/** The OpenAPI document without a database: routes are described, not run. */
export function describeApi(): unknown {
  return openApiOf(createApp({ compress: false, keys: [] as const } as unknown as AppDeps));
}
