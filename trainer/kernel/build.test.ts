import { expect, test } from 'vitest';
import { kernelBytes } from './build.ts';

test('concurrent builds of the kernel give the same bytes', async () => {
  const builds = await Promise.all([1, 2, 3].map(() => kernelBytes()));
  expect(new Set(builds.map((bytes) => Buffer.from(bytes).toString('base64'))).size).toBe(1);
});

test('the kernel is plain SIMD, which every engine in use accepts', async () => {
  // f32x4.relaxed_madd: prefix 0xfd, opcode 0x105 in LEB128.
  const fused = Buffer.from([0xfd, 0x85, 0x02]);
  expect(Buffer.from(await kernelBytes()).includes(fused)).toBe(false);
});
