import type { Catalogue } from '../../../intents/catalogue.ts';
import { exactKey } from '../../../intents/resolve/known-example.ts';
import {
  type ConfusedPair,
  type Contradiction,
  confusedPairs,
  contradictions,
  type Suspect,
  suspects,
} from '../../../intents/resolve/measure/suspects.ts';
import { type WorthAdding, worthAdding } from '../../../intents/resolve/measure/worth-adding.ts';
import { setupOrExplain } from '../check.ts';
import type { paint as Paint } from '../terminal.ts';
import { catalogueTiers, examplesOf, withExamples } from './catalogue-tiers.ts';
import { heldOut } from './cross-validate.ts';
import { decimal, percent, shown } from './format.ts';
import { hearLog } from './hear-log.ts';
import { readLabelledFile } from './labelled-file.ts';
import { learnBuiltin, learnLike } from './learner.ts';
import type { RunOptions } from './run.ts';
import { type BuiltTier, buildTiers } from './tiers.ts';
import { trainingSet } from './training-set.ts';

export interface Suggestions {
  readonly examples: number;
  readonly confused: readonly ConfusedPair[];
  readonly mislabelled: readonly Suspect[];
  readonly contradictory: readonly Contradiction[];
  /** null where there is no log to read. */
  readonly worth_adding: readonly WorthAdding[] | null;
}

export interface SuggestionOptions extends Pick<RunOptions, 'dir' | 'progress' | 'now' | 'micros'> {
  readonly train: string | undefined;
  readonly log: boolean;
  readonly limit: number;
}

/** An example is suspect from this confidence on in another intent: at less, it may just be a hard one. */
const sureOfAnother = 0.8;
/** What was done at less confidence is worth an example. */
const sureEnough = 0.8;
/** What one caller does so soon after not being understood belongs to it. */
const withinMs = 120_000;

export const findSuggestions = async (how: SuggestionOptions): Promise<Suggestions> => {
  const { dir, train, log, limit, progress } = how;
  try {
    if (train !== undefined) {
      const { texts } = trainingSet(readLabelledFile(train));
      progress.stage('learning from all examples …');
      const whole = await learnBuiltin(texts, {});
      const learn = async (places: readonly number[]) => {
        const known = places.flatMap((place) => texts[place] ?? []);
        const set = trainingSet(known.map(({ text, label }) => ({ text, intent: label })));
        return buildTiers({ ...how, train: set, tiers, learn: learnLike(whole), progress: quiet, signal: never });
      };
      return { ...(await aboutExamples(how, texts, learn)), worth_adding: null };
    }
    const setup = await setupOrExplain(dir, process.env);
    const { catalogue } = setup;
    progress.stage('learning from all examples …');
    const [whole] = await catalogueTiers(setup, { ...how, tiers });
    const learn = (places: readonly number[]) => {
      const kept = new Set(places);
      const fewer = withExamples(catalogue, (place) => kept.has(place));
      return catalogueTiers({ ...setup, catalogue: fewer }, { ...how, tiers }, undefined, whole?.learned);
    };
    const about = await aboutExamples(how, examplesOf(catalogue), learn);
    const heard = log ? await hearLog(setup) : undefined;
    const found = heard && worthAdding(heard, { withinMs, sure: sureEnough, takes: takesOf(catalogue) });
    return { ...about, worth_adding: found?.slice(0, limit) ?? null };
  } finally {
    progress.end();
  }
};

const tiers = ['builtin'] as const;
const quiet = { stage() {}, to() {}, end() {} };
const never = new AbortController().signal;

const aboutExamples = async (
  how: SuggestionOptions,
  examples: readonly { readonly text: string; readonly label: string }[],
  learn: (places: readonly number[]) => Promise<readonly BuiltTier[]>,
) => {
  const { judged } = await heldOut(examples, learn, how);
  const contradictory = contradictions(examples);
  const known = new Set(contradictory.map(({ text }) => exactKey(text)));
  return {
    examples: examples.length,
    confused: confusedPairs(judged, how.limit),
    mislabelled: suspects(
      judged.filter(({ text }) => !known.has(exactKey(text))),
      sureOfAnother,
      how.limit,
    ),
    contradictory: contradictory.slice(0, how.limit),
  };
};

const takesOf = ({ intents }: Catalogue) => {
  const known = new Map(
    intents.map(({ name, examples }) => [name, new Set(examples.map(({ text }) => exactKey(text)))]),
  );
  return (intent: string, words: string): boolean => known.get(intent)?.has(exactKey(words)) === false;
};

const whys: Readonly<Record<WorthAdding['why'], string>> = {
  typed: 'not understood; called typed next',
  confirmed: 'hardly understood; confirmed with a yes',
  rephrased: 'not understood; said otherwise next',
  unsure: 'done, but not surely understood',
};

export const drawSuggestions = (
  { examples, confused, mislabelled, contradictory, worth_adding: worth }: Suggestions,
  paint: typeof Paint,
): string[] => {
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines];
  const parts = [
    ...part(
      'Intents that are taken for one another: tell them apart in their examples, or make them one',
      confused.flatMap(({ labels, count, share, texts }) => [
        `  ${labels.map((label) => shown(label, 40)).join(' and ')}: ${count} examples (${percent(share)})`,
        ...texts.map(({ text, expected, answer }) =>
          paint('dim', `    "${shown(text)}" stands under ${shown(expected, 40)}, reads like ${shown(answer, 40)}`),
        ),
      ]),
    ),
    ...part(
      'Examples that look as if they stood under the wrong intent',
      mislabelled.map(
        ({ text, label, looksLike, confidence }) =>
          `  "${shown(text)}" stands under ${shown(label, 40)}, reads like ${shown(looksLike, 40)} (${decimal(confidence, 2)})`,
      ),
    ),
    ...part(
      'The same words under more than one intent: such a text can only be asked back',
      contradictory.map(
        ({ text, labels }) => `  "${shown(text)}": ${labels.map((label) => shown(label, 40)).join(', ')}`,
      ),
    ),
    ...part(
      'What people said that is worth an example',
      (worth ?? []).map(
        ({ words, intent, why, times }) =>
          `  ${shown(intent, 40)}: "${shown(words)}" ${paint('dim', `(${whys[why]}${times > 1 ? `, ${times} times` : ''})`)}`,
      ),
    ),
  ];
  const looked = `Looked at ${examples} examples${worth === null ? '' : ' and the audit log'}.`;
  return parts.length === 0 ? [`${looked} Nothing to change.`] : [looked, ...parts];
};
