import { isWellFormed } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';

/** Control characters other than tab and line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** A text without the control characters that none may have: colours of a terminal, pasted with its lines. */
export function withoutControls(text: string): string {
  return text.replaceAll(CONTROL, '');
}

/**
 * Checks every text in a value, keys of objects included, before anything is stored: a database in UTF-8 cannot give
 * back half of a surrogate pair, and cuts texts at NUL.
 * @param what the value, for the message, e.g. `body`.
 * @throws UserError `invalid-text` naming where the text is.
 */
export function checkTexts(what: string, value: unknown): void {
  const visit = (at: unknown, path: string): void => {
    if (typeof at === 'string') checkText(path === '' ? what : `${what} "${path}"`, at);
    else if (Array.isArray(at)) for (let i = 0; i < at.length; i++) visit(at[i], `${path}${path && '.'}${i}`);
    else if (typeof at === 'object' && at !== null) {
      for (const [key, inner] of Object.entries(at)) {
        checkText(`a key of ${what}`, key);
        visit(inner, `${path}${path && '.'}${key}`);
      }
    }
  };
  visit(value, '');
}

function checkText(what: string, text: string): void {
  const shown = () => JSON.stringify(text.slice(0, 40));
  if (!isWellFormed(text)) {
    throw new UserError('invalid-text', `invalid ${what}: ${shown()}; it holds half of a surrogate pair`);
  }
  if (text.search(CONTROL) >= 0) {
    throw new UserError('invalid-text', `invalid ${what}: ${shown()}; expected no control characters`);
  }
}
