import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { askTrino } from './client.ts';

/** A running Trino. */
export interface Trino {
  readonly url: string;
  /** Folder of files that its catalog `hive` reads as `local:///`. */
  readonly lake: string;
  stop(): Promise<void>;
}

const START_MS = 300_000;

/**
 * Starts an unpacked Trino server on loopback, with one catalog `hive` over a folder, and waits until it answers.
 * @param home the unpacked `trino-server-<version>`.
 * @param java a Java that this version runs on.
 * @param folder an empty one for its settings, files and log (`trino.log`).
 * @throws Error where it ends or does not answer within five minutes.
 */
export async function startTrino(home: string, java: string, folder: string): Promise<Trino> {
  const lake = join(folder, 'lake');
  const catalogs = join(folder, 'catalog');
  for (const one of [lake, catalogs, join(folder, 'plugin')]) await mkdir(one, { recursive: true });
  // Plugins take most of the time of a start; this one is enough.
  await symlink(join(home, 'plugin', 'hive'), join(folder, 'plugin', 'hive'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(
    join(folder, 'config.properties'),
    [
      'coordinator=true',
      'node-scheduler.include-coordinator=true',
      `http-server.http.port=${port}`,
      'node.bind-ip=127.0.0.1',
      'node.internal-address=127.0.0.1',
      `discovery.uri=${url}`,
      '',
    ].join('\n'),
  );
  await writeFile(
    join(catalogs, 'hive.properties'),
    [
      'connector.name=hive',
      'hive.metastore=file',
      'hive.metastore.catalog.dir=local:///metastore',
      'hive.security=allow-all',
      'fs.native-local.enabled=true',
      `local.location=${lake}`,
      '',
    ].join('\n'),
  );
  const child = spawn(
    java,
    [
      ...['-server', '-Xmx2G', '-Duser.timezone=UTC', '-Djdk.attach.allowAttachSelf=true'],
      '--enable-native-access=ALL-UNNAMED',
      ...['-Dnode.environment=test', '-Dnode.id=one', `-Dnode.data-dir=${join(folder, 'data')}`],
      `-Dconfig=${join(folder, 'config.properties')}`,
      `-Dplugin.dir=${join(folder, 'plugin')}`,
      `-Dcatalog.config-dir=${catalogs}`,
      ...['-cp', join(home, 'lib', '*'), 'io.trino.server.TrinoServer'],
    ],
    // It writes into the folder it is started in.
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = createWriteStream(join(folder, 'trino.log'));
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  try {
    await answers(child, url, join(folder, 'trino.log'));
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { url, lake, stop: () => stopped(child) };
}

async function answers(child: ChildProcess, url: string, log: string): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) {
      const last = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join('\n');
      throw new Error(`Trino ended with exit code ${child.exitCode}:\n${last}`);
    }
    const info = (await fetch(`${url}/v1/info`)
      .then((response) => response.json())
      .catch(() => null)) as { starting?: boolean } | null;
    if (info?.starting === false) {
      await askTrino(url, 'information_schema', 'SELECT 1');
      return;
    }
    await wait(500);
  }
  throw new Error(`Trino does not answer at ${url}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(patience);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
