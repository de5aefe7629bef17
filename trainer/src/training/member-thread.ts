import { parentPort } from 'node:worker_threads';
import { type FromThread, learnMember, type ToThread } from './ensemble.ts';

/** Thread of one ensemble member: receives a task, possibly `stop` later, and answers with the trained member. */
const stopping = new AbortController();
parentPort?.on('message', async (message: ToThread) => {
  if (message === 'stop') return stopping.abort();
  const member = await learnMember(message, { signal: stopping.signal });
  parentPort?.postMessage({ member } satisfies FromThread);
});
