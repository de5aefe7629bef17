import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LEASE_MS, type LeaseStore, withLease } from './lease.ts';

/** A lease as the store keeps it, in memory. */
function leaseInMemory(): LeaseStore & { held: { owner: string | null; until: number } } {
  const held = { owner: null as string | null, until: 0 };
  return {
    held,
    async take(owner, now, lengthMs) {
      if (held.owner !== null && held.owner !== owner && held.until >= now) return false;
      Object.assign(held, { owner, until: now + lengthMs });
      return true;
    },
    async drop(owner) {
      if (held.owner === owner) Object.assign(held, { owner: null, until: 0 });
    },
    owner: async () => held.owner,
  };
}

const here = { name: 'here', isGone: () => false };
const never = () => new Promise<never>(() => undefined);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('work runs while the lease is owned, which is dropped when it ends or fails', async () => {
  const store = leaseInMemory();
  expect(await withLease(store, here, async () => store.held.owner)).toMatch(/^here /);
  expect(store.held.owner).toBe(null);
  await expect(withLease(store, here, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(store.held.owner).toBe(null);
});

test('the lease is renewed for as long as the work takes', async () => {
  const store = leaseInMemory();
  void withLease(store, here, never);
  await vi.advanceTimersByTimeAsync(20 * LEASE_MS);
  expect(store.held.until).toBeGreaterThan(Date.now());
});

test('the lease of an owner that renews it no longer is taken once it has run out, not before', async () => {
  const store = leaseInMemory();
  await store.take('elsewhere', Date.now(), LEASE_MS);
  let ran = false;
  const done = withLease(store, here, async () => {
    ran = true;
  });
  await vi.advanceTimersByTimeAsync(LEASE_MS - 1_000);
  expect(ran).toBe(false);
  await vi.advanceTimersByTimeAsync(4_000);
  await done;
  expect(ran).toBe(true);
});

test('the lease of an owner that is known to be gone is taken at once', async () => {
  const store = leaseInMemory();
  await store.take('killed', Date.now(), LEASE_MS);
  expect(await withLease(store, { name: 'here', isGone: (name) => name === 'killed' }, async () => 'ran')).toBe('ran');
});

test('whoever does not get the lease in time gets nothing, and the work never runs', async () => {
  const store = leaseInMemory();
  await store.take('elsewhere', Date.now(), 60 * LEASE_MS);
  let ran = false;
  const turn = withLease(
    store,
    here,
    async () => {
      ran = true;
    },
    { timeoutMs: 5_000 },
  );
  await vi.advanceTimersByTimeAsync(10_000);
  expect([await turn, ran, store.held.owner]).toEqual([null, false, 'elsewhere']);
});

test('whoever has to end waits for no other owner', async () => {
  const store = leaseInMemory();
  await store.take('elsewhere', Date.now(), 60 * LEASE_MS);
  const end = new AbortController();
  const turn = withLease(store, here, never, { signal: end.signal });
  await vi.advanceTimersByTimeAsync(1_000);
  end.abort(new Error('the service has to end now'));
  expect([await turn, store.held.owner]).toEqual([null, 'elsewhere']);
});

test('an error of the store is thrown, not waited out', async () => {
  const store = { ...leaseInMemory(), take: () => Promise.reject(new Error('database is gone')) };
  await expect(withLease(store, here, async () => 'ran')).rejects.toThrow('database is gone');
});
