import { LRUCache } from 'lru-cache';

/** An answer in bytes, ready to be sent again. */
export interface CachedAnswer {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers by what they were asked, forgotten as soon as the state they tell of has changed. */
export interface AnswerCache {
  get(state: string, question: string): CachedAnswer | undefined;
  set(state: string, question: string, answer: CachedAnswer): void;
}

/** @param maxBytes of all bodies together; the longest unused go first, and a body above a quarter of it is not kept. */
export function answerCache(maxBytes: number): AnswerCache {
  const answers = new LRUCache<string, CachedAnswer>({
    maxSize: maxBytes,
    maxEntrySize: Math.floor(maxBytes / 4),
    sizeCalculation: ({ body }, question) => body.length + question.length,
  });
  let current = '';
  return {
    get: (state, question) => (state === current ? answers.get(question) : undefined),
    set(state, question, answer) {
      if (state !== current) answers.clear();
      current = state;
      answers.set(question, answer);
    },
  };
}
