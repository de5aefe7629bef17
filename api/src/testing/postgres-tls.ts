import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { queryOnce } from './postgres-server.ts';

const run = promisify(execFile);

/** Certificates for one host, made with `openssl`, and an authority that signed none of them. */
export interface Certificates {
  readonly folder: string;
  /** Files of authorities: the one that signed the certificates, and another of the same name. */
  readonly authority: string;
  readonly stranger: string;
  /** Makes the server take encrypted connections only, by a certificate of its host, or one that has expired. */
  serve(url: string, certificate: 'valid' | 'expired'): Promise<void>;
  close(): void;
}

/** Whether certificates can be made here. */
export async function hasOpenssl(): Promise<boolean> {
  return run('openssl', ['version']).then(
    () => true,
    () => false,
  );
}

/** @param host the only name that the server's certificate holds for. */
export async function makeCertificates(host: string): Promise<Certificates> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-tls-'));
  const openssl = (...words: string[]) => run('openssl', words, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['authority', 'stranger']) {
    const subject = ['-subj', '/CN=Tidemark test authority', '-days', '2'];
    await openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...subject);
  }
  writeFileSync(join(folder, 'names'), `subjectAltName=DNS:${host}\n`);
  for (const [name, days] of [
    ['valid', '2'],
    ['expired', '0'],
  ] as const) {
    await openssl('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${host}`);
    const signer = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial'];
    await openssl(
      ...['x509', '-req', '-in', `${name}.csr`, ...signer],
      ...['-days', days, '-extfile', 'names', '-out', `${name}.pem`],
    );
  }
  return {
    folder,
    authority: join(folder, 'authority.pem'),
    stranger: join(folder, 'stranger.pem'),
    serve: (url, name) => serveEncrypted(url, join(folder, name)),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Puts a certificate and its key where the server may read them, and has it refuse what is not encrypted. */
async function serveEncrypted(url: string, certificate: string): Promise<void> {
  const [row] = await queryOnce<{ data: string; hba: string }>(
    url,
    "SELECT current_setting('data_directory') AS data, current_setting('hba_file') AS hba",
  );
  if (!row) throw new Error('the server does not say where it keeps its settings');
  const { uid, gid } = statSync(row.data);
  for (const [from, to] of [
    [`${certificate}.pem`, 'server.crt'],
    [`${certificate}.key`, 'server.key'],
  ] as const) {
    const file = join(row.data, to);
    writeFileSync(file, readFileSync(from), { mode: 0o600 });
    chownSync(file, uid, gid);
  }
  // The superuser as before, without encryption: tests end what they began.
  writeFileSync(row.hba, 'hostnossl all postgres all trust\nhostssl all tidemark all scram-sha-256\n');
  await queryOnce(url, 'ALTER SYSTEM SET ssl = on');
  await queryOnce(url, 'SELECT pg_reload_conf()');
}
