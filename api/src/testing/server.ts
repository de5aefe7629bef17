import { type NodeServer, startNode } from '../entry/start-node.ts';

/** The API on a free port of this machine, open, quiet, its clock at the newest bucket that was pushed. */
export function startTestServer(
  databaseFile: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<NodeServer> {
  return startNode({
    environment: {
      TIDEMARK_OPEN: 'true',
      TIDEMARK_CLOCK: 'newest',
      TIDEMARK_READ_WAIT_SECONDS: '60',
      TIDEMARK_THREADS: '0',
      ...environment,
    },
    port: 0,
    databaseFile,
    log: () => {},
  });
}
