import { UserError } from '@tidemark/shared/errors';
import { listed } from '@tidemark/shared/vocabulary';

/** Where a database is, checked. */
export interface PostgresAddress {
  /** With the password: for the driver alone. */
  readonly connectionString: string;
  /** Without the password, for people: `postgres://tidemark@db.example:5432/tidemark`. */
  readonly name: string;
}

const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/** Whether a setting names a database of a PostgreSQL server, not a file. */
export function isPostgres(setting: string): boolean {
  return /^postgres(ql)?:/i.test(setting);
}

/**
 * Where `TIDEMARK_DATABASE=postgres://…` is. `sslmode` means what it does for `psql`; unless given, the connection is not
 * encrypted.
 * @throws UserError `invalid-setting`, without the password.
 */
export function postgresAddress(url: string): PostgresAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || parsed.pathname.length < 2) {
    throw new UserError(
      'invalid-setting',
      'invalid TIDEMARK_DATABASE (not shown, it may hold a password); expected a file, or postgres://user:password@host:5432/database with special characters of the password as %40 and so on',
    );
  }
  const mode = parsed.searchParams.get('sslmode');
  if (mode !== null && !(SSL_MODES as readonly string[]).includes(mode)) {
    throw new UserError(
      'invalid-setting',
      `invalid sslmode of TIDEMARK_DATABASE: ${mode}; expected ${listed(SSL_MODES)}`,
    );
  }
  const user = parsed.username === '' ? '' : `${parsed.username}@`;
  const name = `postgres://${user}${parsed.host || 'localhost'}${parsed.pathname}`;
  if (mode !== null) parsed.searchParams.set('uselibpqcompat', 'true');
  return { connectionString: parsed.href, name };
}
