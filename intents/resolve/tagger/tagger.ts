import { cutOf } from './cut.ts';
import type { Setting } from './evidence.ts';
import { featuresOf } from './features.ts';
import { knowledgeOf, listsOf } from './knowledge.ts';
import { bestPath, marginalsOf } from './lattice.ts';
import { bindFeatures, latticeOf, type Weights } from './model.ts';
import { type Settings, train } from './train.ts';
import type { AnnotatedText, TaggedSpan, Tagger, TaggerOptions } from './types.ts';

const longestAllowed = 12;

/** Defaults, chosen on a development split of SNIPS. */
export const settingsFor = (examples: number): Omit<Settings, 'seed'> => ({
  epochs: examples < 30 ? 40 : examples < 300 ? 25 : 12,
  rate: 0.2,
  decay: 1,
  dropout: 0.2,
});

/**
 * Learns to find slot values in texts from texts in which they are marked.
 * @param examples texts with their spans; spans that begin or end inside a word are left out
 */
export const trainTagger = (
  examples: readonly AnnotatedText[],
  options: TaggerOptions = {},
  settings: Partial<Settings> = {},
): Tagger => {
  const values = options.values ?? {};
  const slots = [
    ...new Set([...examples.flatMap(({ spans }) => spans.map(({ slot }) => slot)), ...Object.keys(values)]),
  ].sort();
  const labelOf = new Map(slots.map((slot, index) => [slot, index + 1]));
  const labels = slots.length + 1;
  const cuts = examples.map(({ text, spans }) => cutOf(text, spans, labelOf, options.types?.(text) ?? []));
  const lists = listsOf(slots, values);
  const seen = Math.max(lists.longest, ...cuts.flatMap(({ segments }) => segments.map(({ from, to }) => to - from)), 1);
  const longest = Math.min(longestAllowed, seen + 2);
  const knowledge = knowledgeOf(cuts, labels);
  const setting: Setting = {
    labels,
    longest,
    knowledge,
    own: undefined,
    lists,
    bitsOf: bits(options.vectorOf),
  };
  const learning = cuts
    .map((cut) => ({ ...cut, segments: cut.segments.filter(({ from, to }) => to - from <= longest) }))
    .map((cut) => ({ cut, features: featuresOf(cut, { ...setting, own: knowledgeOf([cut], labels) }) }));
  const weights = train(learning, labels, longest, {
    ...settingsFor(examples.length),
    seed: options.seed ?? 1,
    ...settings,
  });
  return taggerFrom(slots, weights, setting, options);
};

const taggerFrom = (slots: readonly string[], weights: Weights, setting: Setting, options: TaggerOptions): Tagger => ({
  slots,
  tag(text) {
    const cut = cutOf(text, [], new Map(), options.types?.(text) ?? []);
    const n = cut.tokens.length;
    if (n === 0 || slots.length === 0) return [];
    const lattice = latticeOf(bindFeatures(featuresOf(cut, setting), weights, false), n, weights);
    const path = bestPath(lattice);
    if (path.length === 0) return [];
    const { segment } = marginalsOf(lattice);
    return path.map(({ from, length, label }): TaggedSpan => {
      const p = segment[(from * weights.longest + length - 1) * (weights.labels - 1) + label - 1] ?? 0;
      return {
        start: cut.tokens[from]?.start ?? 0,
        end: cut.tokens[from + length - 1]?.end ?? 0,
        slot: slots[label - 1] ?? '',
        confidence: Math.min(1, p),
      };
    });
  },
  toBytes: () => new Uint8Array(),
});

/** Signs of the first dimensions of a word's vector: words alike share most of them. */
const bits = (vectorOf: TaggerOptions['vectorOf'], size = 12) => {
  const known = new Map<string, readonly number[]>();
  return (word: string): readonly number[] => {
    const cached = known.get(word);
    if (cached !== undefined) return cached;
    const vector = vectorOf?.(word);
    const own =
      vector === undefined
        ? []
        : Array.from(vector.subarray(0, size), (value, at) => (value > 0 ? at * 2 + 1 : at * 2));
    if (known.size < 20_000) known.set(word, own);
    return own;
  };
};
