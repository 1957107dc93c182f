import { expect, test } from 'vitest';
import { memoryReputation } from '../../adapters/stores/memory-reputation.ts';
import { keptScores } from '../../gateway/kept-scores.ts';
import type { KeptScore, ScoreKeeper } from '../../policies/ports.ts';
import { observed, type Score, type Seen, unscored } from '../../policies/reputation/score.ts';

const now = 1_000_000;
const scored = (...seen: readonly Seen[]): Score =>
  seen.reduce((score, one, n) => observed(score, one, 'read', `r${n}`, now), unscored(now));

const keeper = (): ScoreKeeper & { readonly rows: Map<string, KeptScore>; fails: boolean } => {
  const rows = new Map<string, KeptScore>();
  return {
    rows,
    fails: false,
    load: async () => [...rows.values()],
    async save(scores) {
      if (this.fails) throw new Error('the store is gone');
      return scores.flatMap((one) => {
        const there = rows.get(one.key);
        if (there !== undefined && there.version !== one.version) return [there];
        rows.set(one.key, { ...one, version: one.version + 1 });
        return [];
      });
    },
  };
};
const begin = (store: ScoreKeeper) => keptScores(memoryReputation(), store, () => now);

test('what was put is written once, and restored by the next', async () => {
  const store = keeper();
  const first = await begin(store);
  first.inMemory.put('a', scored('denial'));
  await first.save();
  await first.save();
  expect(store.rows.get('a')?.version).toBe(1);
  first.inMemory.put('a', scored('denial', 'denial'));
  await first.save();
  const next = await begin(store);
  expect(next.inMemory.get('a')).toEqual(scored('denial', 'denial'));
  await next.save();
  expect(store.rows.get('a')?.version).toBe(2);
});

test('what could not be written is written when the store is back', async () => {
  const store = keeper();
  const scores = await begin(store);
  store.fails = true;
  scores.inMemory.put('a', scored('denial'));
  await expect(scores.save()).rejects.toThrow('gone');
  store.fails = false;
  scores.inMemory.put('b', scored('success'));
  await scores.save();
  expect([...store.rows.keys()].sort()).toEqual(['a', 'b']);
});

test.each([
  { mine: ['success'], theirs: ['strike'], worse: 'theirs' },
  { mine: ['strike'], theirs: ['success'], worse: 'mine' },
  { mine: ['denial'], theirs: ['success'], worse: 'mine' },
  { mine: ['success'], theirs: ['denial'], worse: 'theirs' },
] as const)(
  'of two replicas that saw $mine and $theirs of one caller, the worse stands for both',
  async ({ mine, theirs, worse }) => {
    const store = keeper();
    const [one, other] = [await begin(store), await begin(store)];
    other.inMemory.put('a', scored(...theirs));
    await other.save();
    one.inMemory.put('a', scored(...mine));
    await one.save();
    await one.save();
    const wanted = scored(...(worse === 'mine' ? mine : theirs));
    expect(one.inMemory.get('a')).toEqual(wanted);
    expect(store.rows.get('a')?.score).toEqual(wanted);
    // The other hears of it with the next thing that it sees of them.
    other.inMemory.put('a', scored(...theirs));
    await other.save();
    expect(other.inMemory.get('a')).toEqual(wanted);
  },
);
