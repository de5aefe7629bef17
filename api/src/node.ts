import { UserError } from '@tidemark/shared';
import { processEnvironment } from './env.ts';
import { startNode } from './start-node.ts';

try {
  const server = await startNode({ environment: processEnvironment() });
  const stop = () => void server.stop().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  const userError = error instanceof UserError;
  process.stderr.write(userError ? `api: ${error.message}\n` : `api: this is a bug\n${(error as Error).stack}\n`);
  process.exitCode = userError ? 2 : 1;
}
