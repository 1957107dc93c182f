import { stratifiedFolds } from '../../../intents/resolve/measure/folds.ts';
import { judgeTexts } from '../../../intents/resolve/measure/judge-texts.ts';
import type { Judged } from '../../../intents/resolve/measure/judged.ts';
import type { RunOptions } from './run.ts';
import type { BuiltTier } from './tiers.ts';

export const folds = 5;

/**
 * Every example judged by what was learned from the others.
 * @param learn what learns from the examples of these places
 */
export const heldOut = async (
  examples: readonly { readonly text: string; readonly label: string }[],
  learn: (places: readonly number[]) => Promise<readonly BuiltTier[]>,
  { progress, micros }: Pick<RunOptions, 'progress' | 'micros'>,
): Promise<{ judged: Judged[]; built: BuiltTier[] }> => {
  const judged: Judged[] = [];
  const built: BuiltTier[] = [];
  progress.stage('holding out each example in turn', examples.length);
  for (const { train, held } of stratifiedFolds(
    examples.map(({ label }) => label),
    folds,
  )) {
    const learned = await learn(train);
    built.push(...learned);
    const texts = held.flatMap((place) => {
      const example = examples[place];
      return example === undefined ? [] : [{ text: example.text, intent: example.label }];
    });
    const tiers = learned.map(({ tier }) => tier);
    const before = judged.length;
    judged.push(
      ...(await judgeTexts(texts, tiers, { refuses: false, micros, done: (count) => progress.to(before + count) })),
    );
  }
  return { judged, built };
};
