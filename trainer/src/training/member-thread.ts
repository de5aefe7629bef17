import { parentPort } from 'node:worker_threads';
import { type FromThread, learnMember, type ToThread } from './ensemble.ts';

/** The thread of one member of the ensemble: told its task, later perhaps to stop, it answers with what it learned. */
const stopping = new AbortController();
parentPort?.on('message', async (message: ToThread) => {
  if (message === 'stop') return stopping.abort();
  const member = await learnMember(message, { signal: stopping.signal });
  parentPort?.postMessage({ member } satisfies FromThread);
});
