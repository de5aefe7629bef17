import { ALARM_COLUMNS, BAND_COLUMNS, SERIES_COLUMNS, STORM_COLUMNS } from '@tidemark/shared/contract';
import { LRUCache } from 'lru-cache';
import type { CycleSettings } from '../scoring/deps.ts';

/** An answer in bytes, ready to be sent again. */
export interface CachedAnswer {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers by what they were asked, forgotten as soon as the state they tell of has changed. */
export interface AnswerCache {
  /** What answers depend on beside what is stored; the same in each process of the same program and settings. */
  readonly edition: string;
  get(state: string, question: string): CachedAnswer | undefined;
  set(state: string, question: string, answer: CachedAnswer): void;
}

/** The edition of the answers that this program gives under some settings. */
export function editionOf(settings: CycleSettings): string {
  return JSON.stringify([settings, BAND_COLUMNS, ALARM_COLUMNS, SERIES_COLUMNS, STORM_COLUMNS]);
}

/** @param maxBytes of all bodies together; the longest unused go first, and a body above a quarter of it is not kept. */
export function answerCache(maxBytes: number, edition: string): AnswerCache {
  const answers = new LRUCache<string, CachedAnswer>({
    maxSize: maxBytes,
    maxEntrySize: Math.floor(maxBytes / 4),
    sizeCalculation: ({ body }, question) => body.length + question.length,
  });
  let current = '';
  return {
    edition,
    get: (state, question) => (state === current ? answers.get(question) : undefined),
    set(state, question, answer) {
      if (state !== current) answers.clear();
      current = state;
      answers.set(question, answer);
    },
  };
}
