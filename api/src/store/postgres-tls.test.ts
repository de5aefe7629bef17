import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, postgresServer, queryOnce, WANTS_POSTGRES } from '../testing/postgres-server.ts';
import { type Certificates, hasOpenssl, makeCertificates } from '../testing/postgres-tls.ts';
import { until } from '../testing/until.ts';
import { openStore } from './open.ts';

/** Of the test's own database only: the server may be shared. */
const END_ALL = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name = 'tidemark' AND datname = current_database()`;
const ENCRYPTED = sql`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;

describe.runIf(WANTS_POSTGRES)('encrypted connections to a PostgreSQL server', () => {
  let server: PostgresServer;
  let certificates: Certificates;
  let administrator: string;
  /** The address of the database for a user with a password, under the name that the certificate is for. */
  let url: string;
  beforeAll(async () => {
    server = await postgresServer();
    administrator = await server.createDatabase();
    url = administrator.replace(/\/\/.*@[^:]+/, '//tidemark:hidden@localhost');
    if (!server.stop || !(await hasOpenssl())) return;
    certificates = await makeCertificates('localhost');
    await queryOnce(administrator, "CREATE ROLE tidemark LOGIN PASSWORD 'hidden'");
    await queryOnce(administrator, `ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO tidemark`);
    await certificates.serve(administrator, 'valid');
  });
  afterAll(async () => {
    certificates?.close();
    await server?.close();
  });

  const nameOf = (address: string) =>
    address.replace(/:(hidden|forgotten)@|\?.*/g, (part) => (part.endsWith('@') ? '@' : ''));

  /** Whether the connection is encrypted, or why there is none. */
  async function opening(address: string): Promise<unknown> {
    try {
      const { db, close } = await openStore(address);
      const [row] = await db.all<{ ssl: boolean }>(ENCRYPTED);
      await close();
      return row?.ssl;
    } catch (error) {
      expect(String(error)).not.toContain('hidden');
      return `${(error as { code?: string }).code} ${(error as Error).message}`;
    }
  }

  test('are made as `psql` would make them for the same address', async ({ skip }) => {
    if (!certificates) skip('it is not ours, or there is no `openssl`');
    const { authority } = certificates;
    const elsewhere = url.replace('localhost', '127.0.0.1');
    expect(await opening(`${url}?sslmode=require`)).toBe(true);
    expect(await opening(`${elsewhere}?sslmode=require`)).toBe(true);
    expect(await opening(`${elsewhere}?sslmode=require&sslrootcert=${authority}`)).toBe(true);
    expect(await opening(`${elsewhere}?sslmode=verify-ca&sslrootcert=${authority}`)).toBe(true);
    expect(await opening(`${url}?sslmode=verify-full&sslrootcert=${authority}`)).toBe(true);
  });

  test('that must not be made end with a sentence', async ({ skip }) => {
    if (!certificates) skip('it is not ours, or there is no `openssl`');
    const { folder, authority, stranger } = certificates;
    const elsewhere = url.replace('localhost', '127.0.0.1');
    const text = join(folder, 'text.pem');
    writeFileSync(text, 'no certificate');
    for (const [address, sentence] of [
      [url, 'without encryption, or not at all: try ?sslmode=require'],
      [`${url}?sslmode=disable`, 'without encryption, or not at all: try ?sslmode=require'],
      [`${url}?sslmode=require&sslrootcert=${stranger}`, 'by no authority that is trusted here'],
      [`${url}?sslmode=verify-ca&sslrootcert=${stranger}`, 'by no authority that is trusted here'],
      [`${url}?sslmode=verify-full&sslrootcert=${stranger}`, 'by no authority that is trusted here'],
      [`${url}?sslmode=verify-full`, 'name the file of its authority, &sslrootcert='],
      [`${elsewhere}?sslmode=verify-full&sslrootcert=${authority}`, 'certificate is for another host'],
      [`${url.replace('hidden', 'forgotten')}?sslmode=require`, 'refuses the user or the password'],
      [`${url.replace('tidemark:hidden', 'postgres')}?sslmode=require`, 'from this machine; see its pg_hba.conf'],
    ] as const) {
      expect(await opening(address)).toMatch(`invalid-database ${nameOf(address)}: `);
      expect(await opening(address)).toContain(sentence);
    }
  });

  test('are made anew once the server has a certificate and a password that are right again', async ({ skip }) => {
    if (!certificates) skip('it is not ours, or there is no `openssl`');
    const { db, close } = await openStore(`${url}?sslmode=verify-full&sslrootcert=${certificates.authority}`);
    const asking = () => db.all(ENCRYPTED);
    const change = async (work: () => Promise<unknown>) => {
      await work();
      await queryOnce(administrator, END_ALL);
      // The process learns of it a moment later, and then asks by a new connection.
      await until(
        () => asking().catch(({ message }) => message),
        (seen) => !String(seen).includes('does not answer'),
      );
    };
    await change(() => certificates.serve(administrator, 'expired'));
    await expect(asking()).rejects.toMatchObject({
      code: 'database-unreachable',
      message: "the database: the server's certificate has expired",
    });
    await certificates.serve(administrator, 'valid');
    await change(() => queryOnce(administrator, "ALTER ROLE tidemark PASSWORD 'changed'"));
    await expect(asking()).rejects.toMatchObject({ code: 'database-unreachable' });
    await queryOnce(administrator, "ALTER ROLE tidemark PASSWORD 'hidden'");
    expect(await asking()).toEqual([{ ssl: true }]);
    await close();
  });

  test('to a server whose certificate has expired are refused, but by who does not ask who answers', async ({
    skip,
  }) => {
    if (!certificates) skip('it is not ours, or there is no `openssl`');
    await certificates.serve(administrator, 'expired');
    expect(await opening(`${url}?sslmode=require`)).toBe(true);
    expect(await opening(`${url}?sslmode=verify-full&sslrootcert=${certificates.authority}`)).toContain('expired');
    await certificates.serve(administrator, 'valid');
  });
});
