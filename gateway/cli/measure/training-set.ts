import type { LabelledText } from '../../../intents/resolve/learn/types.ts';
import type { LabelledLine } from '../../../intents/resolve/measure/labelled-lines.ts';
import { contradictions } from '../../../intents/resolve/measure/suspects.ts';

/** What a file of labelled lines gives to learn from. */
export interface TrainingSet {
  readonly texts: readonly LabelledText[];
  /** Texts that are about none of the labels. */
  readonly outside: readonly string[];
  readonly labels: ReadonlySet<string>;
  /** Lines that say again what another said. */
  readonly repeated: number;
  /** Texts that stand under more than one label. */
  readonly contradictory: number;
}

/** A line that is there twice counts once: twice in a fold and out of it, it would be its own proof. */
export const trainingSet = (lines: readonly Pick<LabelledLine, 'text' | 'intent'>[]): TrainingSet => {
  const seen = new Set<string>();
  const texts: LabelledText[] = [];
  const outside: string[] = [];
  for (const { text, intent } of lines) {
    const key = JSON.stringify([text, intent]);
    if (seen.has(key)) continue;
    seen.add(key);
    if (intent === null) outside.push(text);
    else texts.push({ text, label: intent, weight: 1 });
  }
  return {
    texts,
    outside,
    labels: new Set(texts.map(({ label }) => label)),
    repeated: lines.length - seen.size,
    contradictory: contradictions(texts).length,
  };
};
