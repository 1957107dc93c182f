import { LRUCache } from 'lru-cache';

const mostEntries = 5_000;
const keptMs = 10 * 60_000;

/** Keeps answers that cost time or money. */
export interface AnswerCache<Answer extends object> {
  /**
   * @param parts all that the answer depends on; among them who asks, since callers may see different catalogues
   * @param make not called where the answer is kept
   * @param keep whether an answer is worth keeping: a failure is not
   */
  get(
    parts: readonly unknown[],
    nowMs: number,
    make: () => Promise<Answer>,
    keep: (answer: Answer) => boolean,
  ): Promise<{ readonly answer: Answer; readonly cached: boolean }>;
}

/** One cache lives as long as the catalogue and the policies it was made for: a reload starts an empty one. */
export const answerCache = <Answer extends object>(): AnswerCache<Answer> => {
  const kept = new LRUCache<string, { readonly answer: Answer; readonly until: number }>({ max: mostEntries });
  return {
    async get(parts, nowMs, make, keep) {
      const key = JSON.stringify(parts);
      const found = kept.get(key);
      if (found !== undefined && found.until > nowMs) return { answer: found.answer, cached: true };
      const answer = await make();
      if (keep(answer)) kept.set(key, { answer, until: nowMs + keptMs });
      return { answer, cached: false };
    },
  };
};
