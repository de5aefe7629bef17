import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that the environment names for a Trino and a Java, or `null` with what is missing. */
export function trinoHome(): { readonly home: string; readonly java: string } | { readonly missing: string } {
  const { TRINO_HOME: home, JAVA_HOME: java } = process.env;
  if (!home) return { missing: 'TRINO_HOME is not set' };
  if (!existsSync(join(home, 'lib')) || globSync(join(home, 'lib', 'io.trino_trino-main-*.jar')).length === 0) {
    return { missing: `TRINO_HOME holds no unpacked trino-server: ${home}` };
  }
  return { home, java: java ? join(java, 'bin', 'java') : 'java' };
}
