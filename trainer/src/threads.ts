import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';

/** Fewer tasks than these for a thread take less time than starting it. */
const LEAST_TASKS = 2;
/** Each takes some 100 MB. */
const MOST_THREADS = 8;

/** What is done with each of many tasks that know nothing of each other. */
export interface Work<Shared, Task, Result> {
  /** The module that exports `start`, by which threads find it. */
  readonly module: URL;
  /** Gets ready once a thread; what all tasks share and what is asked and answered must be plain data. */
  readonly start: (shared: Shared) => (task: Task) => Result;
}

/**
 * The results of all tasks, in their order, worked out on as many threads as there are processors, eight at most; a few
 * tasks on this one. They do not depend on how many threads there are.
 * @param onDone is told of each task that is done, in any order.
 * @throws what the first task that fails throws, as an `Error`.
 */
export async function onThreads<Shared, Task, Result>(
  { module, start }: Work<Shared, Task, Result>,
  shared: Shared,
  tasks: readonly Task[],
  onDone: () => void = () => undefined,
): Promise<Result[]> {
  const maxThreads = Math.min(availableParallelism(), MOST_THREADS, Math.floor(tasks.length / LEAST_TASKS));
  if (maxThreads <= 1) {
    const run = start(shared);
    return tasks.map((task) => {
      const result = run(task);
      onDone();
      return result;
    });
  }
  const pool = new Piscina<Task, Result>({
    filename: new URL('./work-thread.ts', import.meta.url).href,
    workerData: { module: module.href, shared } satisfies ThreadData,
    minThreads: maxThreads,
    maxThreads,
  });
  try {
    return await Promise.all(
      tasks.map(async (task) => {
        const result = await pool.run(task);
        onDone();
        return result;
      }),
    );
  } finally {
    await pool.destroy();
  }
}

/** What a thread is given to begin with. */
export interface ThreadData {
  readonly module: string;
  readonly shared: unknown;
}
