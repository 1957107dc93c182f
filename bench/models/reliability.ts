/**
 * How far a language model is to be believed, learnt from texts whose intent is known: a choice is a witness, right with some
 * chance, and where it is wrong, wrong anyhow or towards what looks likely anyway. Tried here, and not in the cascade yet.
 * Source: the reliability of a witness as in Dawid and Skene 1979, on a grid.
 */
export interface Reliability {
  /**
   * @param prior confidences of the tiers below in what the model was offered, each in [0, 1]; what they leave is for none of it
   * @param chosen index into it
   * @returns how likely the choice is right, in [0, 1]
   */
  sure(prior: readonly number[], chosen: number): number;
  /** @param chosen and `right` as above; the length of `prior` for none of it */
  learn(prior: readonly number[], chosen: number, right: number): void;
  /** The chance of a right choice, as far as is known by now. */
  readonly rate: number;
}

/** Chances of a right choice, and what is believed of them at the start: as if some were seen, most of them right. */
const rates = [0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.86, 0.9, 0.94, 0.97];
const atFirst = { right: 9, wrong: 1 };
/** Share of wrong choices that go to what looks likely anyway. */
const drawn = [0, 0.5, 1];
/** What the tiers below say of all but their first counts for so much: where they are unsure, the truth is often none of it. */
const tails = [0.25, 0.4, 0.6, 1];
/** So many choices are remembered, about: a server may answer otherwise next week. */
const memory = 2_000;

export const learnReliability = (): Reliability => {
  const points = rates.flatMap((rate) => drawn.flatMap((towards) => tails.map((tail) => ({ rate, towards, tail }))));
  const start = points.map(({ rate }) => atFirst.right * Math.log(rate) + atFirst.wrong * Math.log(1 - rate));
  const seen = points.map(() => 0);
  const weights = (): number[] => {
    const logs = seen.map((log, at) => log + (start[at] as number));
    const most = Math.max(...logs);
    const shares = logs.map((log) => Math.exp(log - most));
    const sum = shares.reduce((one, other) => one + other, 0);
    return shares.map((share) => share / sum);
  };
  const mean = (of: (point: (typeof points)[number]) => number): number =>
    weights().reduce((sum, weight, at) => sum + weight * of(points[at] as (typeof points)[number]), 0);
  return {
    sure(prior, chosen) {
      return mean((point) => {
        const beliefs = beliefsOf(prior, point.tail);
        const right = (beliefs[chosen] as number) * point.rate;
        return right === 0 ? 0 : right / chanceOf(chosen, beliefs, beliefsOf(prior, 1), point);
      });
    },
    learn(prior, chosen, right) {
      points.forEach((point, at) => {
        const beliefs = beliefsOf(prior, point.tail);
        const chance = (beliefs[right] as number) * chanceGiven(right, chosen, beliefsOf(prior, 1), point);
        seen[at] = (seen[at] as number) * (1 - 1 / memory) + Math.log(chance);
      });
    },
    get rate() {
      return mean(({ rate }) => rate);
    },
  };
};

/** Nothing is wholly impossible, and nothing certain. */
const least = 1e-3;

/** With what is none of these as the last; sums to 1. Where nobody below said anything, all are equal. */
const beliefsOf = (prior: readonly number[], tail: number): number[] => {
  if (prior.every((confidence) => confidence === 0)) return [...prior, 0].map(() => 1 / (prior.length + 1));
  const scaled = prior.map((confidence, at) => (at === 0 ? confidence : confidence * tail));
  const said = scaled.reduce((sum, confidence) => sum + confidence, 0);
  const all = [...scaled, 1 - said].map((belief) => Math.max(belief, least));
  const sum = all.reduce((one, other) => one + other, 0);
  return all.map((belief) => belief / sum);
};

interface Point {
  readonly rate: number;
  readonly towards: number;
  readonly tail: number;
}

/** The chance that a model of this kind chooses so, whichever is right. @param likely what it may be drawn to */
const chanceOf = (chosen: number, beliefs: readonly number[], likely: readonly number[], point: Point): number =>
  beliefs.reduce((sum, belief, right) => sum + belief * chanceGiven(right, chosen, likely, point), 0);

const chanceGiven = (right: number, chosen: number, likely: readonly number[], { rate, towards }: Point): number => {
  if (chosen === right) return rate;
  const drawn = (likely[chosen] as number) / Math.max(least, 1 - (likely[right] as number));
  return (1 - rate) * ((1 - towards) / (likely.length - 1) + towards * drawn);
};
