import { type Parts, partsFromBytes, partsToBytes } from './bytes.ts';
import { cutOf } from './cut.ts';
import type { Setting } from './evidence.ts';
import { featuresOf } from './features.ts';
import { knowledgeOf, listsOf } from './knowledge.ts';
import { bestPath, marginalsOf } from './lattice.ts';
import { bindFeatures, latticeOf } from './model.ts';
import { type Settings, train } from './train.ts';
import type { AnnotatedText, TaggedSpan, Tagger, TaggerOptions } from './types.ts';

/** In tokens; of 35,748 annotated values of SNIPS one in two thousand is longer. */
const longestAllowed = 12;

/** Chosen on a development split of SNIPS. */
const settingsFor = (examples: number): Omit<Settings, 'seed'> => ({
  epochs: examples < 30 ? 40 : examples < 300 ? 25 : 6,
  rate: 0.2,
  decay: 1,
  dropout: 0.4,
});

/**
 * Learns to find slot values in texts from texts in which they are marked. Same examples and seed, same tagger.
 * @param examples texts with their spans; spans that begin or end inside a word are left out
 * @param settings of the learning, for experiments
 */
export const trainTagger = (
  examples: readonly AnnotatedText[],
  options: TaggerOptions = {},
  settings: Partial<Settings> = {},
): Tagger => {
  const values = options.values ?? {};
  const annotated = examples.flatMap(({ spans }) => spans.map(({ slot }) => slot));
  const slots = [...new Set([...annotated, ...Object.keys(values)])].sort();
  const labelOf = new Map(slots.map((slot, index) => [slot, index + 1]));
  const labels = slots.length + 1;
  const cuts = examples
    .map(({ text, spans }) => cutOf(text, spans, labelOf, options.types?.(text) ?? []))
    .map((cut) => ({ ...cut, segments: cut.segments.filter(({ from, to }) => to - from <= longestAllowed) }));
  const longest = Math.min(
    longestAllowed,
    2 +
      Math.max(
        listsOf(slots, values).longest,
        ...cuts.map(({ segments }) => Math.max(0, ...segments.map(({ from, to }) => to - from))),
      ),
  );
  const knowledge = knowledgeOf(cuts, labels);
  const setting = settingOf({ slots, values, knowledge, weights: { labels, longest } }, options);
  const learning = cuts.map((cut) => ({
    cut,
    features: featuresOf(cut, { ...setting, own: knowledgeOf([cut], labels) }),
  }));
  const all = { ...settingsFor(examples.length), seed: options.seed ?? 1, ...settings };
  return taggerOver({ slots, values, knowledge, weights: train(learning, labels, longest, all) }, options);
};

/**
 * Reads what `toBytes` wrote.
 * @param options the `types` and `vectorOf` it was trained with; its values are in the bytes
 * @throws Error on bytes of anything else
 */
export const readTagger = (bytes: Uint8Array, options: Pick<TaggerOptions, 'types' | 'vectorOf'> = {}): Tagger =>
  taggerOver(partsFromBytes(bytes), options);

const settingOf = (
  {
    slots,
    values,
    knowledge,
    weights: { labels, longest },
  }: Omit<Parts, 'weights'> & { weights: { labels: number; longest: number } },
  { vectorOf }: TaggerOptions,
): Setting => ({ labels, longest, knowledge, own: undefined, lists: listsOf(slots, values), bitsOf: bitsOf(vectorOf) });

const taggerOver = (parts: Parts, options: TaggerOptions): Tagger => {
  const { slots, weights } = parts;
  const { labels, longest } = weights;
  const setting = settingOf(parts, options);
  return {
    slots,
    tag(text) {
      const cut = cutOf(text, [], new Map(), options.types?.(text) ?? []);
      const size = cut.tokens.length;
      if (size === 0 || slots.length === 0) return [];
      const lattice = latticeOf(bindFeatures(featuresOf(cut, setting), weights, false), size, weights);
      const path = bestPath(lattice);
      if (path.length === 0) return [];
      const { segment } = marginalsOf(lattice);
      return path.map(({ from, length, label }): TaggedSpan => {
        const likely = segment[(from * longest + length - 1) * (labels - 1) + label - 1] ?? 0;
        return {
          start: cut.tokens[from]?.start ?? 0,
          end: cut.tokens[from + length - 1]?.end ?? 0,
          slot: slots[label - 1] ?? '',
          confidence: Math.min(1, likely),
        };
      });
    },
    toBytes: () => partsToBytes(parts),
  };
};

/** Signs of the first dimensions of a word's vector: words of like meaning share most of them. */
const bitsOf = (vectorOf: TaggerOptions['vectorOf'], dimensions = 12, remembered = 5_000) => {
  const known = new Map<string, readonly number[]>();
  return (word: string): readonly number[] => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const vector = vectorOf?.(word)?.subarray(0, dimensions) ?? [];
    const bits = Array.from(vector, (value, at) => (value > 0 ? at * 2 + 1 : at * 2));
    if (known.size < remembered) known.set(word, bits);
    return bits;
  };
};
