import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerStatement } from '@tidemark/shared/warehouse';
import { writeText } from '../write-file.ts';
import { historyFolder } from './manifest.ts';
import type { HistorySource } from './source.ts';

/** The client of each merchant that has one, by the merchant's key as text. */
export type Owners = ReadonlyMap<string, string>;

/** What has become of merchants since the last fetch. */
export interface OwnerChange {
  /** Merchants of another client than then. */
  readonly moved: readonly { readonly merchant: string; readonly before: string; readonly now: string }[];
  /** How many have a client that had none, or were not in the table. */
  readonly fresh: number;
}

/** The owners as the source has them now. */
export async function ownersOf(source: HistorySource, signal: AbortSignal): Promise<Owners> {
  const { rows } = await source.ask(ownerStatement(source.config), signal);
  return new Map(rows.map(([merchant, client]) => [merchant as string, client as string]));
}

/** The owners that a work folder's months were fetched by; `null` where that is not known. */
export async function readOwners(workFolder: string): Promise<Owners | null> {
  try {
    return new Map(JSON.parse(await readFile(ownersFile(workFolder), 'utf8')));
  } catch {
    return null;
  }
}

/** Keeps the owners beside the manifest, in the order of their keys: the same owners give the same bytes. */
export async function writeOwners(workFolder: string, owners: Owners): Promise<void> {
  await writeText(ownersFile(workFolder), `${JSON.stringify(inOrder(owners))}\n`);
}

/** Pairs of merchant and client, in the order of the merchants' keys. */
export function inOrder(owners: Owners): (readonly [string, string])[] {
  return [...owners].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What is different now; merchants that the table holds no longer keep what was fetched of them. */
export function ownerChange(before: Owners | null, now: Owners): OwnerChange {
  if (before === null) return { moved: [], fresh: 0 };
  const known = inOrder(now).map(([merchant, client]) => ({ merchant, before: before.get(merchant), now: client }));
  return {
    moved: known.flatMap((one) =>
      one.before === undefined || one.before === one.now ? [] : [{ ...one, before: one.before }],
    ),
    fresh: known.filter((one) => one.before === undefined).length,
  };
}

function ownersFile(workFolder: string): string {
  return join(historyFolder(workFolder), 'merchants.json');
}
