import { workerData } from 'piscina';
import type { ThreadData, Work } from './threads.ts';

type AnyWork = Pick<Work<unknown, unknown, unknown>, 'start'>;

const { module, shared } = workerData as ThreadData;
const started = import(module).then(({ start }: AnyWork) => start(shared));

/** Thread of `onThreads`: does one task after the other. */
export default async (task: unknown): Promise<unknown> => (await started)(task);
