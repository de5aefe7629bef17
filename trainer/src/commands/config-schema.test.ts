import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configJsonSchema } from './config-schema.ts';

test('the published schema is the one the configuration is checked by', () => {
  const published = JSON.parse(readFileSync(new URL('../../tidemark.schema.json', import.meta.url), 'utf8'));
  expect(published, 'run: pnpm -s trainer config-schema > trainer/tidemark.schema.json && pnpm fix').toEqual(
    configJsonSchema(),
  );
});

test('everything has a default: an empty file is valid by the schema too', () => {
  expect(configJsonSchema()).not.toHaveProperty('required');
});
