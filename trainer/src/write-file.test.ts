import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeText } from './write-file.ts';

test('a file that cannot be put in its place leaves no half of it behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-write-'));
  try {
    await mkdir(join(folder, 'report.html', 'full'), { recursive: true });
    await expect(writeText(join(folder, 'report.html'), 'text')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['report.html']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
