import { LANGUAGES, type Language } from '@tidemark/shared/vocabulary';
import type { RouteContext } from './route.ts';

/**
 * The language of an answer's sentences: the parameter first, else what `Accept-Language` prefers among those there are,
 * else the one that is set. An answer is in one language throughout.
 */
export function languageOf(c: RouteContext, asked: Language | undefined, otherwise: Language): Language {
  return asked ?? preferred(c.req.header('accept-language') ?? '') ?? otherwise;
}

/** The language with the greatest weight (RFC 9110, 12.5.4); `pt-BR` is `pt`. Of equal weights, the one named first. */
function preferred(header: string): Language | undefined {
  const wanted = header
    .slice(0, 500)
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return {
        language: LANGUAGES.find((one) => one === tag.toLowerCase().split('-')[0]),
        weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0,
      };
    });
  return wanted
    .filter(({ language, weight }) => language !== undefined && weight > 0)
    .sort((one, other) => other.weight - one.weight)[0]?.language;
}
