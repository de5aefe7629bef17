import { describe, expect, test } from 'vitest';
import { kernelBytes } from './build.ts';

describe('the kernel build', () => {
  test('gives every asker the same bytes, however many ask at once', async () => {
    const builds = await Promise.all([1, 2, 3].map(() => kernelBytes('simd')));
    expect(new Set(builds.map((bytes) => Buffer.from(bytes).toString('base64'))).size).toBe(1);
  });

  test('has fused multiply-add in one flavour only', async () => {
    const [relaxed, plain] = await Promise.all([kernelBytes('relaxed-simd'), kernelBytes('simd')]);
    // f32x4.relaxed_madd: prefix 0xfd, opcode 0x105 in LEB128.
    const fused = Buffer.from([0xfd, 0x85, 0x02]);
    expect(Buffer.from(relaxed).includes(fused)).toBe(true);
    expect(Buffer.from(plain).includes(fused)).toBe(false);
  });
});
