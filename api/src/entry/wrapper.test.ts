import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchWrapper } from './wrapper.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a package manager that is gone is told; files that cannot be opened for a while say nothing of it', () => {
  let failure = '';
  const WRAPPER = 999_999_999;
  const read = (file: string) => {
    if (failure !== '') throw Object.assign(new Error(failure), { code: failure });
    const isWrapper = file.includes(String(WRAPPER));
    if (file.endsWith('cmdline')) return isWrapper ? 'node\0/usr/bin/pnpm\0api' : 'sh';
    return `1 (sh) S ${isWrapper ? 1 : WRAPPER} 0`;
  };
  const gone = vi.fn();
  watchWrapper(true, gone, read);
  for (failure of ['EMFILE', '', 'ENFILE']) vi.advanceTimersByTime(2_000);
  expect(gone).not.toHaveBeenCalled();
  failure = 'ENOENT';
  vi.advanceTimersByTime(2_000);
  expect(gone).toHaveBeenCalledOnce();
});
