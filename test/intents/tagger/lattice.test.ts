import { describe, expect, it } from 'vitest';
import { bestPath, type Lattice, marginalsOf, type Segment } from '../../../intents/resolve/tagger/lattice.ts';
import { generator } from '../../../intents/resolve/tagger/train.ts';

const [tokens, labels, longest] = [4, 3, 2];

const randomLattice = (seed: number): Lattice => {
  const random = generator(seed);
  const scores = (length: number) => Float64Array.from({ length }, () => 4 * random() - 2);
  return {
    tokens,
    labels,
    longest,
    outside: scores(tokens),
    segment: scores(tokens * longest * (labels - 1)),
    moves: scores((labels + 1) * labels),
  };
};

/** Every segmentation with its score, outside included, one by one. */
const all = (lattice: Lattice, from = 0, last = labels): { path: Segment[]; score: number }[] => {
  if (from === tokens) return [{ path: [], score: 0 }];
  const found: { path: Segment[]; score: number }[] = [];
  for (let label = 0; label < labels; label++)
    for (let length = 1; length <= (label === 0 ? 1 : longest) && from + length <= tokens; length++) {
      const own =
        label === 0 ? lattice.outside[from] : lattice.segment[(from * longest + length - 1) * (labels - 1) + label - 1];
      const step = (own as number) + (lattice.moves[last * labels + label] as number);
      for (const { path, score } of all(lattice, from + length, label))
        found.push({ path: [{ from, length, label }, ...path], score: step + score });
    }
  return found;
};

describe('the lattice agrees with counting every segmentation one by one', () => {
  it.each([1, 2, 3, 4, 5])('seed %i', (seed) => {
    const lattice = randomLattice(seed);
    const paths = all(lattice);
    const best = paths.reduce((a, b) => (b.score > a.score ? b : a));
    expect(bestPath(lattice)).toEqual(best.path.filter(({ label }) => label > 0));
    const z = paths.reduce((sum, { score }) => sum + Math.exp(score), 0);
    const { logZ, segment, outside, moves } = marginalsOf(lattice);
    expect(logZ).toBeCloseTo(Math.log(z), 8);
    const share = (holds: (path: Segment[]) => boolean) =>
      paths.reduce((sum, { path, score }) => sum + (holds(path) ? Math.exp(score) / z : 0), 0);
    for (let from = 0; from < tokens; from++) {
      expect(outside[from]).toBeCloseTo(
        share((path) => path.some((part) => part.from === from && part.label === 0)),
        8,
      );
      for (let label = 1; label < labels; label++)
        for (let length = 1; length <= longest && from + length <= tokens; length++)
          expect(segment[(from * longest + length - 1) * (labels - 1) + label - 1]).toBeCloseTo(
            share((path) => path.some((part) => part.from === from && part.length === length && part.label === label)),
            8,
          );
    }
    // Each text is entered once, from the start.
    expect(moves.subarray(labels * labels).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 8);
  });
});
