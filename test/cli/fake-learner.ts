import type { Learn } from '../../gateway/cli/measure/tiers.ts';

const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? [];

/** Learns nothing but which words each label has: enough to test what is made of a learner. */
export const fakeLearn: Learn = async (texts, { vectors }) => {
  const labels = [...new Set(texts.map(({ label }) => label))];
  const known = new Map(labels.map((label) => [label, new Set<string>()]));
  for (const { text, label } of texts) for (const word of wordsOf(text)) known.get(label)?.add(word);
  // With vectors it is surer, so that tiers can be told apart.
  const lift = vectors === undefined ? 0 : 0.2;
  return {
    labels,
    report: {
      fitted: 'cross-validation',
      examples: texts.length,
      labels: labels.length,
      accuracy: 0.9,
      ece: 0.02,
      // Of so many that the points are what they seem.
      held: 1_000_000,
      points: [
        { confidence: 0.3, coverage: 1, precision: 0.9 },
        { confidence: 0.6, coverage: 0.5, precision: 0.991 },
      ],
      scopeAt: { '0.95': 0.25, '0.99': 0.1 },
    },
    rank(text, limit) {
      const words = wordsOf(text);
      const score = (label: string) =>
        words.filter((word) => known.get(label)?.has(word)).length / Math.max(1, words.length);
      const candidates = labels
        .map((label) => ({ label, confidence: Math.min(1, score(label) + lift) }))
        .sort((a, b) => b.confidence - a.confidence)
        .slice(0, limit);
      return { candidates, scope: candidates[0]?.confidence ?? 0 };
    },
    weigh: () => [],
  };
};
