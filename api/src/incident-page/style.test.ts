import { contrast } from '@tidemark/shared/palette';
import { expect, test } from 'vitest';
import { STYLE } from './style.ts';

test('links, chips and quiet words are read on the paper and the tint, in the light and in the dark', () => {
  const grounds = [...STYLE.matchAll(/:root\{([^}]*--paper[^}]*)\}/g)].map(([, rules = '']) =>
    Object.fromEntries([...rules.matchAll(/--(\w+):(#[0-9a-f]+)/g)].map(([, name, colour]) => [name, colour])),
  );
  expect(grounds).toHaveLength(2);
  for (const { paper = '', tint = '', ...colours } of grounds) {
    for (const name of ['ink', 'soft', 'band', 'info', 'warning', 'critical', 'ok'])
      expect(contrast(colours[name] ?? '', paper), `${name} on ${paper}`).toBeGreaterThanOrEqual(4.5);
    for (const name of ['ink', 'soft'])
      expect(contrast(colours[name] ?? '', tint), `${name} on ${tint}`).toBeGreaterThanOrEqual(4.5);
  }
});
