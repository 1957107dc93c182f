import type { LabelledText } from '../../../intents/resolve/learn/types.ts';
import { stratifiedFolds } from '../../../intents/resolve/measure/folds.ts';
import { judgeTexts } from '../../../intents/resolve/measure/judge-texts.ts';
import type { Judged } from '../../../intents/resolve/measure/judged.ts';
import { type EvalReport, reportOn } from './evaluate.ts';
import type { RunOptions } from './run.ts';
import { type BuiltTier, buildTiers, type Learn } from './tiers.ts';
import { trainingSet } from './training-set.ts';

const folds = 5;

type Quiet = Pick<RunOptions, 'progress' | 'now' | 'micros'>;

/** Every example judged by what was learned from the others. Names and descriptions are always learned from, never judged. */
export const heldOut = async (
  { progress, now, micros }: Quiet,
  texts: readonly LabelledText[],
  learn: Learn,
): Promise<{ judged: Judged[]; built: BuiltTier[] }> => {
  const examples = texts.filter(({ weight }) => weight === 1);
  const rest = texts.filter(({ weight }) => weight !== 1);
  const judged: Judged[] = [];
  const built: BuiltTier[] = [];
  for (const { train, held } of stratifiedFolds(
    examples.map(({ label }) => label),
    folds,
  )) {
    const known = [...train.map((index) => examples[index] as LabelledText), ...rest];
    const set = { ...setOf(known), texts: known };
    const signal = new AbortController().signal;
    const tiers = await buildTiers({ train: set, tiers: ['builtin'], learn, progress, now, signal });
    built.push(...tiers);
    const texts = held.map((index) => {
      const { text, label } = examples[index] as LabelledText;
      return { text, intent: label };
    });
    judged.push(
      ...(await judgeTexts(
        texts,
        tiers.map(({ tier }) => tier),
        { refuses: false, micros, done() {} },
      )),
    );
  }
  return { judged, built };
};

export const crossValidated = async (
  how: RunOptions,
  texts: readonly LabelledText[],
  learn: Learn,
): Promise<EvalReport> => {
  const { judged, built } = await heldOut(how, texts, learn);
  const train = { ...setOf(texts), texts };
  const test = judged.map(({ text, expected }, index) => ({ text, intent: expected, line: index + 1 }));
  return reportOn(judged, built, { train, test, refuses: false, examples: how.examples });
};

const setOf = (texts: readonly LabelledText[]) =>
  trainingSet(texts.map(({ text, label }) => ({ text, intent: label })));
