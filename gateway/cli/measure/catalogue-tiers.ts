import { type Catalogue, catalogueOf } from '../../../intents/catalogue.ts';
import type { Encoder } from '../../../intents/ports.ts';
import type { Learned, Ranking } from '../../../intents/resolve/learn/types.ts';
import { mayAsk, mayRun } from '../../../intents/resolve/lines.ts';
import { candidatesKept } from '../../../intents/resolve/measure/judge-texts.ts';
import { newestMajors } from '../../../intents/resolve/newest.ts';
import type { Candidate, Classifier } from '../../../intents/resolve/types.ts';
import type { Setup } from '../../setup.ts';
import { understand } from '../../understanding.ts';
import type { RunOptions } from './run.ts';
import { type BuiltTier, warmUps } from './tiers.ts';

/** Every example of a catalogue that words can mean, by the name of its intent. */
export const examplesOf = ({ intents }: Catalogue): { readonly text: string; readonly label: string }[] =>
  newestMajors(intents).flatMap(({ name, examples }) => examples.map(({ text }) => ({ text, label: name })));

/** A catalogue with some of its examples only. @param keep whether the example of that place in `examplesOf` stays */
export const withExamples = (
  { intents, entities, library }: Catalogue,
  keep: (index: number) => boolean,
): Catalogue => {
  let index = 0;
  const fewer = newestMajors(intents).map((intent) => ({
    ...intent,
    examples: intent.examples.filter(() => keep(index++)),
  }));
  return catalogueOf(fewer, entities, library);
};

/** The tiers of a gateway before its model: what they learned, where their lines are, as a test asks them. */
export const catalogueTiers = async (
  { config, catalogue }: Pick<Setup, 'config' | 'catalogue'>,
  { now, tiers }: Pick<RunOptions, 'now' | 'tiers'>,
  encoder?: Encoder,
  calibratedLike?: Learned,
): Promise<BuiltTier[]> => {
  const start = now();
  const { classifiers, lines, report, learned } = await understand(
    catalogue,
    config,
    encoder,
    undefined,
    calibratedLike,
  );
  const trainMs = now() - start;
  const byName = new Map(newestMajors(catalogue.intents).map((intent) => [intent.name, intent]));
  const first = (holds: (candidate: Candidate) => boolean, { candidates: [best] }: Ranking): boolean => {
    const intent = best && byName.get(best.label);
    return intent !== undefined && holds({ intent, confidence: best?.confidence ?? 0 });
  };
  const wanted = classifiers.filter(({ tier }) => (tiers as readonly string[]).includes(tier));
  for (const { text } of examplesOf(catalogue).slice(0, warmUps))
    await wanted[0]?.classify(text, candidatesKept, never);
  return wanted.map((classifier, at) => ({
    tier: {
      name: classifier.tier,
      isSure: (ranking) => first((candidate) => mayRun(lines, candidate), ranking),
      refuses: (ranking) => !first((candidate) => mayAsk(lines, candidate), ranking),
      rank: (text) => rankingOf(classifier, text),
    },
    report,
    ...(classifier.tier === 'builtin' && { learned }),
    scopeLine: undefined,
    trainMs: at === 0 ? trainMs : 0,
  }));
};

const never = new AbortController().signal;

/** What a gateway is sure of is also how surely it is about anything. */
const rankingOf = (classifier: Classifier, text: string): Ranking | Promise<Ranking> => {
  const found = classifier.classify(text, candidatesKept, never);
  return found instanceof Promise ? found.then(toRanking) : toRanking(found);
};

const toRanking = (found: readonly Candidate[]): Ranking => ({
  candidates: found.map(({ intent, confidence }) => ({ label: intent.name, confidence })),
  scope: found[0]?.confidence ?? 0,
});
