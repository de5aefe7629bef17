import { UserError } from '@tidemark/shared/errors';

/** Whom a user of the visual turns to, as its package names them. */
export interface Contacts {
  /** Page on which users find help, https. */
  readonly supportUrl: string;
  /** Repository of the visual's sources, https. */
  readonly repositoryUrl: string;
  readonly email: string;
}

/** Command-line options of the contacts, for `parseArgs`. */
export const CONTACT_OPTIONS = {
  'support-url': { type: 'string' },
  'repository-url': { type: 'string' },
  email: { type: 'string' },
} as const;

/** Domains that nobody can own (RFC 2606, RFC 6761): an address in one of them is a placeholder. */
const NOBODYS = /(^|\.)(example|test|invalid|localhost|example\.(com|net|org))$/i;

/**
 * The contacts a command line gives; `null` where it gives none, as for a draft.
 * @throws UserError `invalid-arguments` when some are missing, or one is a placeholder or no address
 */
export function contactsOf(given: Readonly<Record<keyof typeof CONTACT_OPTIONS, string | undefined>>): Contacts | null {
  const missing = Object.keys(CONTACT_OPTIONS).filter(
    (name) => given[name as keyof typeof CONTACT_OPTIONS] === undefined,
  );
  if (missing.length === Object.keys(CONTACT_OPTIONS).length) return null;
  if (missing.length > 0)
    throw refusal(`missing: ${missing.map((name) => `--${name}`).join(', ')}`, 'all three or none');
  return {
    supportUrl: addressIn('support-url', given['support-url'] as string),
    repositoryUrl: addressIn('repository-url', given['repository-url'] as string),
    email: emailIn(given.email as string),
  };
}

function addressIn(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' || NOBODYS.test(url.hostname)) {
    throw refusal(`--${name} ${text}`, 'an https address of a page that exists');
  }
  return text;
}

function emailIn(text: string): string {
  const domain = /^[^\s@]+@([^\s@]+\.[^\s@]+)$/.exec(text)?.[1];
  if (domain === undefined || NOBODYS.test(domain)) throw refusal(`--email ${text}`, 'an e-mail address that is read');
  return text;
}

function refusal(what: string, accepted: string): UserError {
  return new UserError('invalid-arguments', `invalid contacts: ${what}; accepted is ${accepted}`);
}
