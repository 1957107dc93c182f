import type { Span } from '../text.ts';

/** A stretch of a text that is the value of a slot. */
export interface SlotSpan extends Span {
  readonly slot: string;
}
/** A text in which every slot value is marked. What is not marked is no value. */
export interface AnnotatedText {
  readonly text: string;
  readonly spans: readonly SlotSpan[];
}
/** What a finder saw: `text.slice(start, end)` has the form of `type`. */
export interface TypedSpan extends Span {
  readonly type: string;
}
export interface TaggedSpan extends SlotSpan {
  /** How likely just this span is a value of just this slot, in [0, 1]. */
  readonly confidence: number;
}

export interface TaggerOptions {
  /** Known values of a slot, as an enum lists them: slot -> values. A slot need not occur in any example. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Finders of values with a form (dates, numbers). The same function must be handed to `readTagger`. */
  readonly types?: (text: string) => readonly TypedSpan[];
  /** A vector of a folded word, any length, undefined where the word is unknown. The same must be handed to `readTagger`. */
  readonly vectorOf?: (word: string) => Float32Array | undefined;
  /** Same seed, same examples: same tagger. */
  readonly seed?: number;
}

/** Learned from annotated examples. Immutable. */
export interface Tagger {
  readonly slots: readonly string[];
  /** Spans in the order of the text, none overlapping another. Never throws, whatever the text. */
  tag(text: string): readonly TaggedSpan[];
  toBytes(): Uint8Array;
}
