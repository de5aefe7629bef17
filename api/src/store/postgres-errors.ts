import { UserError } from '@tidemark/shared/errors';
import { causesOf } from './causes.ts';
import type { PostgresAddress } from './postgres-url.ts';

/** Of a server that answers and lets nobody in at present: why, and what to do. */
const AT_PRESENT: Readonly<Record<string, string>> = {
  '53300':
    'the server takes no more connections (each process of this service uses up to 12); raise max_connections, or the limit of this user or database',
  '57P03': 'the server is starting or stopping; try again once it runs',
  '25006':
    'the server takes no writes: it is a copy, or read-only for this user; name the one that takes them in TIDEMARK_DATABASE',
};

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
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|.*timeout expired)/i;

/** Whether an error says that the connection to the server could not be made, or has ended. */
export function isUnreachable(error: unknown): boolean {
  return causesOf(error).some(
    ({ code, message }) => UNREACHABLE_CODES.has(code) || code.startsWith('08') || UNREACHABLE_SENTENCE.test(message),
  );
}

/** What callers are told while the database does not answer; sentences for people who have no say in it, without its address. */
export function unreachableSentence(error: unknown): string {
  const isFull = causesOf(error).some(({ code }) => code === '53300');
  return `the database ${isFull ? 'takes no more connections' : 'does not answer'}, so nothing could be read or stored; the service goes on by itself once it does: try again in a minute`;
}

const UNTRUSTED_CODES = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Why a server does not let this program in, or this program not trust it, for people; `null` for other errors. */
export function refusal(error: unknown): string | null {
  for (const { code, message, severity } of causesOf(error)) {
    const what = refusalOf(code, message) ?? (severity ? null : tlsFault(message));
    if (what !== null) return what;
  }
  return null;
}

function refusalOf(code: string, message: string): string | null {
  if (code === '28000' && message.includes('pg_hba.conf')) {
    const isPlain = message.includes('no encryption');
    return `the server does not let this user into this database from this machine${isPlain ? ' without encryption, or not at all: try ?sslmode=require' : ''}; see its pg_hba.conf`;
  }
  if (code === '28P01' || code === '28000') {
    return 'the server refuses the user or the password; check TIDEMARK_DATABASE';
  }
  if (/client password must be a/.test(message)) {
    return 'the server asks for a password, and none is given; write it into TIDEMARK_DATABASE, or set PGPASSWORD';
  }
  if (code === '3D000') return 'there is no such database; make it with `createdb`';
  if (code === '42501') {
    return `the user may not do what the service has to (${message}); make it the owner of the database and of its tables`;
  }
  if (UNTRUSTED_CODES.has(code)) {
    return "the server's certificate is signed by no authority that is trusted here; name the file of its authority, &sslrootcert=<file>";
  }
  if (code === 'CERT_HAS_EXPIRED') return "the server's certificate has expired";
  if (code === 'CERT_NOT_YET_VALID') return "the server's certificate does not hold yet; is the clock right?";
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return "the server's certificate is for another host; write the name that it is for, or sslmode=verify-ca to accept any";
  }
  return null;
}

/** What else may be wrong with a handshake; of an error that no server has told, whose words may be anybody's. */
function tlsFault(message: string): string | null {
  return /SSL|TLS|certificate/i.test(message) ? `no encrypted connection: ${message}` : null;
}

/** What went wrong on opening a database, as a sentence for people where it is a matter of the setting or the server. */
export function openingError(error: unknown, { name }: PostgresAddress): unknown {
  if (error instanceof UserError) return error;
  const told = (kind: 'database-unreachable' | 'invalid-database', what: string) =>
    new UserError(kind, `${name}: ${what}`, { cause: error });
  const { code } = error as { code?: unknown };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return told('database-unreachable', 'no host of that name is known; check TIDEMARK_DATABASE');
  }
  const atPresent = causesOf(error).find((cause) => cause.code in AT_PRESENT);
  if (atPresent) return told('database-unreachable', String(AT_PRESENT[atPresent.code]));
  if (isUnreachable(error)) {
    return told('database-unreachable', 'nothing answers there; is the server running, and may this machine reach it?');
  }
  const refused = refusal(error);
  return refused === null ? error : told('invalid-database', refused);
}
