import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Scorer } from './score-chunk.ts';
import type { ThreadAnswer, ThreadQuestion } from './score-thread.ts';

/** A scorer that spreads the series of a chunk over worker threads, and the way to end them. */
export interface ThreadScorer {
  readonly scorer: Scorer;
  stop(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  model: number | null;
}

/** What scoring makes lives shortly: a larger young generation would only hold more of it before it is freed. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 8 };

/** @param count threads, ≥ 1; each is started when first needed and holds the model once. */
export function threadScorer(count: number): ThreadScorer {
  const threads: Thread[] = [];
  const waiting = new Map<number, { resolve: (answer: ThreadAnswer) => void; reject: (reason: unknown) => void }>();
  let asked = 0;

  const start = (): Thread => {
    // What the process was started with (`pnpm api`) would hold for its threads, too, whatever their limits.
    setFlagsFromString('--max-semi-space-size=0');
    const worker = new Worker(new URL('./score-thread.ts', import.meta.url), { resourceLimits: THREAD_LIMITS });
    worker.unref();
    worker.on('message', (answer: ThreadAnswer) => {
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
    });
    // A dead thread fails what is under way; the next cycle starts another and goes on from what is stored.
    worker.on('error', (error) => void end(error));
    return { worker, model: null };
  };

  /** Ends all threads, at whatever they are; what is under way fails by the reason. */
  const end = async (reason: unknown) => {
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
    await Promise.all(threads.splice(0).map(({ worker }) => worker.terminate()));
  };

  const ask = (thread: Thread, question: Omit<ThreadQuestion, 'id'>) => {
    const id = ++asked;
    const answer = new Promise<ThreadAnswer>((resolve, reject) => waiting.set(id, { resolve, reject }));
    thread.worker.postMessage({ id, ...question } satisfies ThreadQuestion);
    return answer;
  };

  return {
    async scorer(model, terms, works, outOfTime) {
      const giveUp = () => void end(outOfTime?.reason);
      while (threads.length < count) threads.push(start());
      const whole = threads.some((thread) => thread.model !== model.key) ? await model.text() : null;
      outOfTime?.throwIfAborted();
      outOfTime?.addEventListener('abort', giveUp);
      const questions = threads.map((thread, index) => {
        const share = works.filter((_, at) => at % count === index);
        const text = thread.model === model.key ? null : whole;
        thread.model = model.key;
        return ask(thread, { model: { key: model.key, text }, terms, works: share });
      });
      const answers = await Promise.all(questions).finally(() => outOfTime?.removeEventListener('abort', giveUp));
      const parts = answers.map((answer) => {
        if ('error' in answer) throw new Error(answer.error);
        return answer;
      });
      return { scored: parts.flatMap(({ scored }) => scored), unscored: parts.flatMap(({ unscored }) => unscored) };
    },
    stop: () => end(new Error('the threads were ended')),
  };
}
