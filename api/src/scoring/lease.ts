import pRetry from 'p-retry';

/** Where the lease is kept, for all processes that share it. */
export interface LeaseStore {
  /** Takes the lease, or extends it for the same owner; says whether the owner has it now. */
  take(owner: string, now: number, lengthMs: number): Promise<boolean>;
  drop(owner: string): Promise<void>;
  owner(): Promise<string | null>;
}

/** Who takes the lease, and who among other owners is known to be gone (a killed process of this machine). */
export interface LeaseOwner {
  readonly name: string;
  isGone(name: string): boolean;
}

export const LEASE_MS = 15_000;
/** First and longest pause between two tries: a Worker may ask its database a thousand times a request only. */
const FIRST_POLL_MS = 15;
const LONGEST_POLL_MS = 2_000;

/** How long another owner is waited for, in milliseconds and until a signal. */
export interface WaitLimits {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Another owner has the lease. */
class LeaseTaken extends Error {}

/**
 * Runs work while owning the lease, which is renewed until the work ends and dropped then.
 * @param limits how long to wait for another owner at most; without them, as long as it takes.
 * @returns what the work gives, or `null` when the lease was not to be had in time.
 */
export async function withLease<T>(
  store: LeaseStore,
  owner: LeaseOwner,
  work: () => Promise<T>,
  { timeoutMs, signal }: WaitLimits = {},
): Promise<T | null> {
  // Several cycles of one process (or isolate) are told apart.
  const name = `${owner.name} ${crypto.randomUUID()}`;
  try {
    await pRetry(() => takeOnce(store, owner, name), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: FIRST_POLL_MS,
      factor: 1.5,
      maxTimeout: LONGEST_POLL_MS,
      maxRetryTime: timeoutMs ?? Number.POSITIVE_INFINITY,
      shouldRetry: ({ error }) => error instanceof LeaseTaken,
      signal,
    });
  } catch (error) {
    if (error instanceof LeaseTaken || (signal?.aborted && error === signal.reason)) return null;
    throw error;
  }
  // A renewal that fails once is made up for by the next: three fit into the lease's length.
  const renewal = setInterval(() => void store.take(name, Date.now(), LEASE_MS).catch(() => undefined), LEASE_MS / 4);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await store.drop(name);
  }
}

async function takeOnce(store: LeaseStore, owner: LeaseOwner, name: string): Promise<void> {
  if (await store.take(name, Date.now(), LEASE_MS)) return;
  const other = await store.owner();
  if (other !== null && owner.isGone(other)) {
    await store.drop(other);
    if (await store.take(name, Date.now(), LEASE_MS)) return;
  }
  throw new LeaseTaken(`the lease is ${other}'s`);
}
