/**
 * How well a score tells two groups apart: the chance that one of the first lies above one of the second, a tie being
 * half of it. 1 is perfect, 0.5 is a coin.
 * @returns undefined where either group is empty
 * Source: the Mann-Whitney statistic with midranks, Hanley and McNeil 1982.
 */
export const auroc = (above: readonly number[], below: readonly number[]): number | undefined => {
  if (above.length === 0 || below.length === 0) return undefined;
  const all = [
    ...above.map((score) => ({ score, isAbove: true })),
    ...below.map((score) => ({ score, isAbove: false })),
  ].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.score === all[from]?.score) to++;
    const midrank = (from + 1 + to) / 2;
    for (let at = from; at < to; at++) if (all[at]?.isAbove) rankSum += midrank;
    from = to;
  }
  const lowest = (above.length * (above.length + 1)) / 2;
  return (rankSum - lowest) / (above.length * below.length);
};
