/** What is learned from and what is held out, by index. */
export interface Fold {
  readonly train: readonly number[];
  readonly held: readonly number[];
}

/**
 * Deals texts into folds so that each label is spread evenly, and the same texts, however often they are dealt, alike.
 * A label with one text is held out like any other: it cannot be learned then, and says so.
 * @param labels one a text
 * @param count at least 2
 */
export const stratifiedFolds = (labels: readonly string[], count: number): Fold[] => {
  const next = new Map<string, number>();
  const starts = new Map<string, number>();
  const foldOf = labels.map((label) => {
    // Labels begin at different folds, or the first would hold one text of each that has one only.
    const start = starts.get(label) ?? starts.size;
    starts.set(label, start);
    const dealt = next.get(label) ?? 0;
    next.set(label, dealt + 1);
    return (start + dealt) % count;
  });
  return Array.from({ length: count }, (_, fold) => ({
    train: labels.flatMap((_label, index) => (foldOf[index] === fold ? [] : [index])),
    held: labels.flatMap((_label, index) => (foldOf[index] === fold ? [index] : [])),
  })).filter(({ held, train }) => held.length > 0 && train.length > 0);
};
