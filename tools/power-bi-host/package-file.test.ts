import { expect, test } from 'vitest';
import { readCommittedPackage } from './package-file.ts';

test('the committed package is a whole visual, so that the demo needs no packaging tools', async () => {
  const visual = await readCommittedPackage();
  expect(visual.guid).toMatch(/^tidemark[0-9A-F]{32}$/);
  expect(visual.js).toContain(visual.guid);
  expect(visual.css).not.toBe('');
  expect(Object.keys(visual.stringResources)).toContain('en-US');
  expect(visual.capabilities.dataRoles.length).toBeGreaterThan(0);
});
