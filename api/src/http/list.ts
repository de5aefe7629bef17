import type { Language } from '@tidemark/shared/vocabulary';
import type { AppDeps } from './deps.ts';
import { languageOf } from './language.ts';
import { type Format, formatOf, respond, type TextAnswer } from './reply.ts';
import type { RouteContext } from './route.ts';

/** How rows are asked for, whatever they are. */
interface ListQuery {
  readonly format?: Format | undefined;
  readonly language?: Language | undefined;
}

/**
 * Answers with rows in the format and the language asked for, once the cycle has seen to what is due; from the cache
 * where the same was asked of the same state.
 * @param name of the list, apart from others in the cache.
 * @param moment gives what the rows depend on beside the query and what is stored; nothing unless given.
 */
export async function respondRows(
  c: RouteContext,
  deps: AppDeps,
  { name, query, moment }: { readonly name: string; readonly query: ListQuery; readonly moment?: () => number },
  build: (format: Format, language: Language) => Promise<TextAnswer>,
): Promise<Response> {
  const revision = await deps.cycle.ensure();
  const format = formatOf(c, query.format);
  const language = languageOf(c, query.language, deps.settings.language);
  const { key: _key, ...asked } = query as typeof query & { key?: string };
  const question = JSON.stringify([name, format, { ...asked, language }]);
  const state = moment === undefined ? String(revision) : `${revision} ${moment()}`;
  return respond(c, deps.cache, { state, question }, () => build(format, language));
}
