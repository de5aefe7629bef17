import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UserError } from '@tidemark/shared/errors';
import { listed } from '@tidemark/shared/vocabulary';

/** Where a database is, checked. */
export interface PostgresAddress {
  /** With the password: for the driver alone. */
  readonly connectionString: string;
  /** Without the password, for people: `postgres://tidemark@db.example:5432/tidemark`. */
  readonly name: string;
}

/** What is said of encryption by parameters of the address; the driver passes over others in silence. */
const SSL_PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl', 'sslnegotiation'];

const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/** Whether a setting names a database of a PostgreSQL server, not a file. */
export function isPostgres(setting: string): boolean {
  return /^postgres(ql)?:/i.test(setting);
}

/**
 * Where `TIDEMARK_DATABASE=postgres://…` is. `sslmode` means what it does for `psql`; unless given, the connection is not
 * encrypted, and `verify-full` without `sslrootcert` trusts the authorities that Node knows.
 * @throws UserError `invalid-setting`, without the password.
 */
export function postgresAddress(url: string): PostgresAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  // More than a name behind the host is the rest of an address that was begun otherwise, its password among it.
  if (parsed === null || !/^\/[^/:@]+$/.test(parsed.pathname)) {
    throw new UserError(
      'invalid-setting',
      'invalid TIDEMARK_DATABASE (not shown, it may hold a password); expected a file, or postgres://user:password@host:5432/database with special characters of the password as %40 and so on',
    );
  }
  const unknown = [...parsed.searchParams.keys()].find((name) => /^ssl/i.test(name) && !SSL_PARAMETERS.includes(name));
  if (unknown !== undefined) {
    throw new UserError(
      'invalid-setting',
      `invalid TIDEMARK_DATABASE: unknown parameter ${unknown}; expected sslmode, sslrootcert, sslcert or sslkey`,
    );
  }
  const mode = parsed.searchParams.get('sslmode');
  if (mode !== null && !(SSL_MODES as readonly string[]).includes(mode)) {
    throw new UserError(
      'invalid-setting',
      `invalid sslmode of TIDEMARK_DATABASE: ${mode}; expected ${listed(SSL_MODES)}`,
    );
  }
  checkFiles(parsed.searchParams, mode);
  const user = parsed.username === '' ? '' : `${parsed.username}@`;
  const name = `postgres://${user}${parsed.host || 'localhost'}${parsed.pathname}`;
  if (mode !== null) parsed.searchParams.set('uselibpqcompat', 'true');
  return { connectionString: parsed.href, name };
}

/** Refuses files of an encrypted connection that would not be used, or cannot be. */
function checkFiles(parameters: URLSearchParams, mode: string | null): void {
  const refuse = (what: string) => new UserError('invalid-setting', `invalid TIDEMARK_DATABASE: ${what}`);
  if (mode === 'verify-ca' && !parameters.get('sslrootcert')) {
    throw refuse('sslmode=verify-ca needs &sslrootcert=<file of the authority>; verify-full does not');
  }
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const file = parameters.get(name);
    if (!file) continue;
    if (mode === null || mode === 'disable') {
      throw refuse(
        `${name} needs an encrypted connection; expected sslmode=require, verify-ca or verify-full beside it`,
      );
    }
    try {
      const text = readFileSync(file);
      if (name !== 'sslkey') new X509Certificate(text);
    } catch (error) {
      throw refuse(
        `${name} ${file} cannot be read as ${name === 'sslkey' ? 'a key' : 'a certificate'}: ${(error as Error).message}`,
      );
    }
  }
}
