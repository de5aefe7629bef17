import { UserError } from '@tidemark/shared/errors';
import type { Series } from '@tidemark/shared/forecasting';
import type { Config } from '../config.ts';

type Named = Config['groups']['named'];

/** For each group of the configuration, which of the series it sums. */
export function membersOf(all: readonly Series[], named: Named): ReadonlyMap<string, readonly string[]> {
  const clients = all.map(({ id }) => id).filter((id) => !(id in named));
  return new Map(
    Object.entries(named).map(([group, wanted]) => [
      group,
      wanted === 'all' ? clients : clients.filter((id) => wanted.includes(id)),
    ]),
  );
}

/** @throws UserError `invalid-config` for a group with the name of a client, which has a series of that name. */
export function checkGroupNames(clients: readonly string[], { eachClient, named }: Config['groups']): void {
  const taken = eachClient ? Object.keys(named).find((group) => clients.includes(group)) : undefined;
  if (taken === undefined) return;
  throw new UserError('invalid-config', `group ${taken} has the name of a client; choose another in groups.named`);
}

/** What a person asked for by name; both absent: everything. */
export interface Choice {
  readonly series?: readonly string[];
  /** Groups: their sum and each of their members. */
  readonly group?: readonly string[];
}

/**
 * The series that are meant, in the order given.
 * @throws UserError `unknown-series` or `unknown-group` naming the first that is not there and those that are.
 */
export function chosenSeries(all: readonly Series[], { series, group }: Choice, named: Named): readonly Series[] {
  if (series === undefined && group === undefined) return all;
  const members = membersOf(all, named);
  const known = new Set(all.map(({ id }) => id));
  const absent = series?.find((id) => !known.has(id));
  if (absent !== undefined) {
    throw new UserError('unknown-series', `unknown series: "${absent}"; prepared are ${list([...known])}`);
  }
  const noGroup = group?.find((name) => !members.has(name));
  if (noGroup !== undefined) {
    const there = members.size > 0 ? `groups.named has ${list([...members.keys()])}` : 'groups.named has none';
    throw new UserError('unknown-group', `unknown group: "${noGroup}"; ${there}`);
  }
  const wanted = new Set([...(series ?? []), ...(group ?? []).flatMap((name) => [name, ...(members.get(name) ?? [])])]);
  return all.filter(({ id }) => wanted.has(id));
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => `"${name}"`);
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}
