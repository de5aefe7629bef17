/**
 * A sentence to be said in the reader's language: a key of the string resources and what fills its `{0}`, `{1}` …; a
 * value that begins with `@` is a key itself, such as the name of a well.
 */
export interface Phrase {
  readonly key: string;
  readonly values?: readonly string[];
}

/** Says a phrase in the reader's language. */
export type Translate = (key: string, ...values: readonly string[]) => string;

/** Words by the host's string resources. */
export function createTranslate(displayName: (key: string) => string): Translate {
  return (key, ...values) => {
    const text = displayName(key);
    return values.reduce((sentence, value, position) => sentence.replaceAll(`{${position}}`, () => value), text);
  };
}

/** A phrase as a sentence in the reader's language. */
export function sentenceOf(phrase: Phrase, translate: Translate): string {
  const values = (phrase.values ?? []).map((value) => (value.startsWith('@') ? translate(value.slice(1)) : value));
  return translate(phrase.key, ...values);
}

/** Each phrase once, in order of first appearance. */
export function distinct(phrases: readonly Phrase[]): Phrase[] {
  return [...new Map(phrases.map((phrase) => [JSON.stringify(phrase), phrase])).values()];
}
