import { readFileSync } from 'node:fs';

/** Version of the trainer, for what it makes. */
export function trainerVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
