import { UserError } from '@tidemark/shared/errors';
import type { PostgresAddress } from './postgres-url.ts';

/** What callers are told while the database does not answer. */
export const UNREACHABLE =
  'the database does not answer, so nothing could be read or stored; the service goes on by itself once it does: try again in a minute';

/** Of the operating system, and of a server that stops, starts or takes no more connections. */
const UNREACHABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  '25P03',
]);

/** Sentences of the driver that carry no code. */
const UNREACHABLE_SENTENCE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|.*timeout expired)/i;

/** Whether an error says that the connection to the server could not be made, or has ended. */
export function isUnreachable(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = String((at as { code?: unknown }).code ?? '');
    if (UNREACHABLE_CODES.has(code) || code.startsWith('08') || UNREACHABLE_SENTENCE.test(at.message)) return true;
  }
  return false;
}

/** What went wrong on opening a database, as a sentence for people where it is a matter of the setting or the server. */
export function openingError(error: unknown, { name }: PostgresAddress): unknown {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  const told = (kind: 'database-unreachable' | 'invalid-database', what: string) =>
    new UserError(kind, `${name}: ${what}`, { cause: error });
  if (error instanceof UserError) return error;
  if (code === '28P01' || code === '28000') {
    return told('invalid-database', 'the server refuses the user or the password; check TIDEMARK_DATABASE');
  }
  if (code === '3D000') return told('invalid-database', 'there is no such database; make it with `createdb`');
  if (code === '42501') {
    return told(
      'invalid-database',
      'the user may not make tables; grant it CREATE on the database and its schema public',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return told('database-unreachable', 'no host of that name is known; check TIDEMARK_DATABASE');
  }
  if (isUnreachable(error)) {
    return told('database-unreachable', 'nothing answers there; is the server running, and may this machine reach it?');
  }
  if (/SSL|TLS|certificate/i.test(message)) return told('invalid-database', `no encrypted connection: ${message}`);
  return error;
}
