import { expect, test } from 'vitest';
import { postgresAddress } from './postgres-url.ts';

const DATABASE = 'postgres://tidemark:hidden@db.example:5432/tidemark';

test('files of an encrypted connection that would not be used, or cannot be, are refused by name', () => {
  for (const [parameters, sentence] of [
    ['sslmod=require', 'unknown parameter sslmod; expected sslmode, sslrootcert'],
    ['SSLMODE=require', 'unknown parameter SSLMODE'],
    ['sslmode=verify-ca', 'verify-ca needs &sslrootcert='],
    ['sslrootcert=/etc/ca.pem', 'sslrootcert needs an encrypted connection'],
    ['sslmode=disable&sslcert=/etc/client.pem', 'sslcert needs an encrypted connection'],
    [
      'sslmode=verify-full&sslrootcert=/no/such/file.pem',
      'sslrootcert /no/such/file.pem cannot be read as a certificate',
    ],
    ['sslmode=require&sslkey=/no/such/file.key', 'sslkey /no/such/file.key cannot be read as a key'],
    [`sslmode=verify-full&sslrootcert=${import.meta.filename}`, 'cannot be read as a certificate'],
  ] as const) {
    const refused = () => postgresAddress(`${DATABASE}?${parameters}`);
    expect(refused).toThrow(sentence);
    expect(refused).not.toThrow('hidden');
  }
});

test('an address that was begun otherwise is refused without showing its password', () => {
  for (const address of [
    'postgres:///me:hidden@db/x',
    'postgres://me:12/hidden@db/x',
    'postgres://me:12?hidden@db/x',
  ]) {
    expect(() => postgresAddress(address)).toThrow('invalid TIDEMARK_DATABASE (not shown, it may hold a password)');
  }
});
