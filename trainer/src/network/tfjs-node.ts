import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';

/** Whether tfjs-node's native library was installed: importing it only to find out takes a second. */
export function hasTfjsNode(): boolean {
  try {
    const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json');
    return existsSync(join(manifest, '..', 'lib'));
  } catch {
    return false;
  }
}

/**
 * Registers tfjs-node as tfjs's backend `tensorflow`.
 * @throws Error without a code when its native library is missing or does not load.
 */
export async function importTfjsNode(): Promise<void> {
  // Node 24 no longer has what tfjs-node 4.22 calls in its first operation.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  await import('@tensorflow/tfjs-node');
}
