import { setTimeout as delay } from 'node:timers/promises';
import { type Claim, claimOwners, claimSeries, dropClaims, extendClaims } from '../store/claims.ts';
import { planNow, planOf } from './current-plan.ts';
import type { CycleDeps } from './deps.ts';
import type { LeaseOwner } from './lease.ts';
import type { LiveModel } from './live-forecaster.ts';
import { chunksOf, type PlannedSeries } from './plan.ts';
import type { StateMemory } from './scorer.ts';

/** How long a claim holds unless it is extended: for so long others wait for a scorer that has died. */
export const CLAIM_MS = 15_000;
/** How often to look whether others are done that have claimed all that is left. */
const POLL_MS = 15;

/** Who scores: by which model, under which name, and what it remembers. */
interface Claimant {
  readonly model: LiveModel;
  readonly owner: LeaseOwner;
  readonly memory: StateMemory;
}

/**
 * Chunks of what the live model has to score, each claimed for this process while it is worked on: any number of
 * processes share a cycle so. Ends when nothing is left, also with others: what one that died had claimed is taken over.
 */
export async function* claimedChunks(
  deps: CycleDeps,
  { model, owner, memory }: Claimant,
): AsyncGenerator<readonly PlannedSeries[]> {
  const { db } = deps;
  // Several cycles of one process are told apart.
  const name = `${owner.name} ${crypto.randomUUID()}`;
  const claim = (): Claim => ({ owner: name, now: Date.now(), lengthMs: CLAIM_MS });
  const renewal = setInterval(() => void extendClaims(db, claim()).catch(() => undefined), CLAIM_MS / 4);
  const done = new Set<number>();
  try {
    for (;;) {
      const { planned, judgeable } = await planNow(deps, model);
      const left = planned.filter(({ stored }) => !done.has(stored.key));
      if (left.length === 0) return;
      let isIdle = true;
      for (const chunk of rememberedFirst(chunksOf(left, deps.settings.chunk), memory, model.key)) {
        const keys = await claimSeries(
          db,
          chunk.map(({ stored }) => stored),
          claim(),
        );
        if (keys.length === 0) continue;
        isIdle = false;
        // As it is now: others may have scored some of it since it was planned.
        const still = await planOf(deps, model, { keys, judgeable });
        if (still.length > 0) yield still;
        await dropClaims(db, name);
        for (const key of keys) done.add(key);
      }
      if (isIdle) await waitForOthers(deps, owner);
      if (deps.outOfTime?.aborted) return;
    }
  } finally {
    clearInterval(renewal);
    await dropClaims(db, name).catch(() => undefined);
  }
}

/**
 * Waits until nobody has a claim: each is given up, or runs out. What another process of this machine had claimed before
 * it was killed is free at once.
 */
async function waitForOthers({ db, outOfTime }: CycleDeps, owner: LeaseOwner): Promise<void> {
  for (;;) {
    const others = await claimOwners(db, Date.now());
    const gone = others.filter((other) => owner.isGone(other));
    for (const other of gone) await dropClaims(db, other);
    if (others.length === gone.length || outOfTime?.aborted) return;
    await delay(POLL_MS);
  }
}

/**
 * Chunks of series whose states this process has kept come first: another would have to read them. Then those at the far
 * end of the order in which another goes through its own.
 */
function rememberedFirst(chunks: PlannedSeries[][], memory: StateMemory, model: number): PlannedSeries[][] {
  const known = (chunk: PlannedSeries[]) =>
    chunk.filter(({ stored: { key, origin, corrections } }) => memory.has({ series: key, origin, corrections }, model))
      .length;
  const shares = chunks.map((chunk) => ({ chunk, share: known(chunk) / chunk.length }));
  const own = shares.filter(({ share }) => share > 0).sort((one, other) => other.share - one.share);
  const others = shares.filter(({ share }) => share === 0).reverse();
  return [...own, ...others].map(({ chunk }) => chunk);
}
