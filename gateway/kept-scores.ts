import type { KeptScore, ReputationStore, ScoreKeeper } from '../policies/ports.ts';
import { aged, bandAt, meanOf, type Score } from '../policies/reputation/score.ts';
import { bands } from '../policies/types.ts';

/** So many are read at a start: all that fit into memory. */
const maxScores = 100_000;
/** Half a year is thirteen half-lives: nothing is left of what was seen. */
const forgottenAfterMs = 180 * 86_400_000;

export interface KeptScores {
  /** Where they are while the process lives; restored. */
  readonly inMemory: ReputationStore;
  /** Writes down what changed since the last time. What fails is tried again by the next. */
  save(): Promise<void>;
}

/**
 * Scores that outlive a process. Each replica judges by its own memory and writes down what changed in it; where two of
 * them have seen the same caller, the worse of both scores stands for both, so that nobody is better off for being seen
 * by many.
 * @param inMemory empty
 * @throws Error (rejects) where the kept ones cannot be read
 */
export const keptScores = async (
  inMemory: ReputationStore,
  keeper: ScoreKeeper,
  now: () => number,
): Promise<KeptScores> => {
  const kept = await keeper.load(maxScores);
  inMemory.restore(kept.toReversed().map(({ key, score }) => [key, score]));
  const versions = new Map(kept.map(({ key, version }) => [key, version]));
  /** What could not be written yet. */
  let waiting = new Map<string, Score>();

  const written = (scores: readonly KeptScore[], others: readonly KeptScore[]) => {
    for (const { key, version } of scores) versions.set(key, version + 1);
    for (const { key, score, version } of others) {
      versions.set(key, version);
      const mine = inMemory.get(key);
      inMemory.put(key, mine === undefined ? score : worseOf(mine, score, now()));
    }
    if (versions.size <= 2 * maxScores) return;
    for (const key of versions.keys()) if (inMemory.get(key) === undefined) versions.delete(key);
  };
  return {
    inMemory,
    async save() {
      for (const [key, score] of inMemory.changed()) waiting.set(key, score);
      if (waiting.size === 0) return;
      const scores = [...waiting].map(([key, score]) => ({ key, score, version: versions.get(key) ?? 0 }));
      const others = await keeper.save(scores, now() - forgottenAfterMs);
      waiting = new Map();
      written(scores, others);
    },
  };
};

const worseOf = (one: Score, other: Score, now: number): Score => {
  const [here, there] = [one, other].map((score) => bands.indexOf(bandAt(score, now))) as [number, number];
  if (here !== there) return here > there ? one : other;
  return meanOf(aged(one, now)) <= meanOf(aged(other, now)) ? one : other;
};
