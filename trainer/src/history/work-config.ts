import { type Config, loadConfig } from '../config.ts';
import { readManifest } from './manifest.ts';

/** The configuration of a work folder: the file given, else the one here, else the one beside its history. */
export async function workConfig(workFolder: string, file: string | undefined): Promise<Config> {
  const manifest = await readManifest(workFolder);
  return loadConfig(file, manifest?.source.kind === 'duckdb' ? manifest.source.place : undefined);
}
