import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Proposal } from '@tidemark/shared/warehouse';
import { CONFIG_FILE } from './config.ts';
import { readJsonFile } from './json-file.ts';
import { writeJson } from './write-file.ts';

/**
 * Writes proposals into the configuration that `loadConfig` would read, or a new one beside the history, and leaves
 * everything else in it as it is.
 * @returns the file.
 */
export async function writeProposals(
  proposals: readonly Proposal[],
  file: string | undefined,
  historyFolder: string | undefined,
): Promise<string> {
  const beside = historyFolder === undefined ? CONFIG_FILE : join(historyFolder, CONFIG_FILE);
  const target = file ?? [CONFIG_FILE, beside].find((candidate) => existsSync(candidate)) ?? beside;
  const value: Record<string, unknown> = existsSync(target) ? (readJsonFile(target) as Record<string, unknown>) : {};
  for (const { key, value: proposed } of proposals) put(value, key.split('.'), proposed);
  await writeJson(target, value);
  return target;
}

function put(into: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const inner = into[key];
  const object = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  into[key] = object;
  put(object, rest, value);
}
