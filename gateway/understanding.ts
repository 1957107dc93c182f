import type { Catalogue } from '../intents/catalogue.ts';
import type { Encoder } from '../intents/ports.ts';
import { builtinTier } from '../intents/resolve/builtin.ts';
import { catalogueTexts } from '../intents/resolve/catalogue-texts.ts';
import { encoderTier } from '../intents/resolve/encoder-tier.ts';
import type { CalibrationReport, LabelledText, Learned } from '../intents/resolve/learn/types.ts';
import { type Lines, linesFor, type Targets } from '../intents/resolve/lines.ts';
import type { Mask } from '../intents/resolve/mask.ts';
import { rankerOf } from '../intents/resolve/ranker.ts';
import type { Classifier } from '../intents/resolve/types.ts';
import type { Config } from './config-document.ts';
import { bandKept } from './kept-band.ts';
import { type Keeping, learnKept } from './kept-learning.ts';

/** What a catalogue's own words teach, tier by tier. */
export interface Understanding {
  readonly classifiers: readonly Classifier[];
  readonly mask: Mask;
  readonly lines: Lines;
  /** Of the built-in tier. */
  readonly report: CalibrationReport;
  readonly learned: Learned;
}

/** So many texts go to an encoder at once. */
const batch = 32;

/** Learns from a catalogue, or takes up what was learned from the same texts before. */
export const understand = async (
  { intents, library }: Catalogue,
  { resolve: { targets, lines } }: Pick<Config, 'resolve'>,
  encoder: Encoder | undefined,
  keeping?: Keeping,
  calibratedLike?: Learned,
): Promise<Understanding> => {
  const { resolveRef } = library;
  const words = catalogueTexts(intents, resolveRef);
  const learned = await learnKept(words.texts, keeping, undefined, calibratedLike);
  const classifiers: Classifier[] = [builtinTier(words, rankerOf(intents, words, learned, resolveRef), learned)];
  if (encoder !== undefined) {
    // A remote encoder that is down at the start costs its tier, not the gateway.
    const encoded = await behind(words.texts, encoder, learned, keeping).catch((error: unknown) => {
      keeping?.say('warn', 'the encoder is left out', { cause: (error as Error).message });
      return undefined;
    });
    if (encoded !== undefined)
      classifiers.push(encoderTier(words, encoder, rankerOf(intents, words, encoded, resolveRef)));
  }
  return {
    classifiers,
    mask: words.mask,
    lines: { ...linesFor(learned.report, targetsOf(targets)), ...definedOnly(lines) },
    report: learned.report,
    learned,
  };
};

/** What is learned of the same texts with an encoder, as it is to be believed where the built-in tier was not sure. */
const behind = async (
  texts: readonly LabelledText[],
  encoder: Encoder,
  first: Learned,
  keeping: Keeping | undefined,
): Promise<Learned> => {
  let vectors: Promise<Float32Array[]> | undefined;
  const encoded = { encoderId: encoder.id, vectors: () => (vectors ??= encodeAll(texts, encoder)) };
  const second = await learnKept(texts, keeping, encoded);
  return bandKept(texts, keeping, encoded, { first, second });
};

const encodeAll = async (texts: readonly LabelledText[], encoder: Encoder): Promise<Float32Array[]> => {
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += batch) {
    const some = texts.slice(at, at + batch).map(({ text }) => text);
    vectors.push(...(await encoder.encode(some, new AbortController().signal)));
  }
  return vectors;
};

const targetsOf = ({ refused, ...right }: Config['resolve']['targets']): Targets => ({ refused, right });

const definedOnly = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
