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

/** @param maxBytes of all bodies together; the longest unused go first. */
export function answerCache(maxBytes: number): AnswerCache {
  let current = '';
  let held = 0;
  const answers = new Map<string, CachedAnswer>();
  const forget = () => {
    answers.clear();
    held = 0;
  };
  return {
    get(state, question) {
      if (state !== current) return undefined;
      const found = answers.get(question);
      if (found) {
        answers.delete(question);
        answers.set(question, found);
      }
      return found;
    },
    set(state, question, answer) {
      if (state !== current) forget();
      current = state;
      if (answer.body.length > maxBytes / 4) return;
      answers.set(question, answer);
      held += answer.body.length;
      for (const [oldest, { body }] of answers) {
        if (held <= maxBytes) break;
        answers.delete(oldest);
        held -= body.length;
      }
    },
  };
}
