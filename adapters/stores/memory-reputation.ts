import type { ReputationStore } from '../../policies/ports.ts';
import type { Score } from '../../policies/reputation/score.ts';

const maxScores = 100_000;

/** Scores in this process alone. Where there are too many, those go whose callers were not seen for the longest time. */
export const memoryReputation = (): ReputationStore => {
  /** In the order in which they were last written. */
  const scores = new Map<string, Score>();
  let changed = new Map<string, Score>();
  const put = (key: string, score: Score) => {
    scores.delete(key);
    scores.set(key, score);
    if (scores.size <= maxScores) return;
    // Whoever is restricted shall not get rid of it by sending others.
    for (const [oldest, { band }] of scores)
      if (band !== 'restricted') {
        scores.delete(oldest);
        return;
      }
    scores.delete(scores.keys().next().value ?? '');
  };
  return {
    get: (key) => scores.get(key),
    put(key, score) {
      changed.set(key, score);
      put(key, score);
    },
    changed() {
      const since = changed;
      changed = new Map();
      return [...since];
    },
    snapshot: () => [...scores],
    restore(entries) {
      scores.clear();
      for (const [key, score] of entries) put(key, score);
    },
  };
};
