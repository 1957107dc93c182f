import type { Encoder, Model } from '../../../intents/ports.ts';
import type { CalibrationReport, LabelledText, Learned, Ranking } from '../../../intents/resolve/learn/types.ts';
import { candidatesKept, linesOf, scopeLineOf, type Tier } from '../../../intents/resolve/measure/judge-texts.ts';
import type { LabelledLine } from '../../../intents/resolve/measure/labelled-lines.ts';
import { shownExamples } from '../../../intents/resolve/model-answer.ts';
import { nearestExamples } from '../../../intents/resolve/nearest-examples.ts';
import type { Progress } from './progress.ts';
import type { TrainingSet } from './training-set.ts';

export const tierNames = ['builtin', 'encoder', 'model'] as const;
export type TierName = (typeof tierNames)[number];

/** What to learn with: the built-in learner, or another in a test. */
export type Learn = (
  texts: readonly LabelledText[],
  options: {
    /** One a text, where an encoder made them. */
    readonly vectors?: readonly Float32Array[];
    /** Called now and then with the share done, in [0, 1]. */
    readonly onProgress?: (share: number) => void;
  },
) => Promise<Learned>;

export type Believe = (
  texts: readonly LabelledText[],
  vectors: readonly Float32Array[],
  tiers: { readonly first: Learned; readonly second: Learned },
) => Promise<Learned>;

export interface TierSetup {
  readonly train: TrainingSet;
  readonly tiers: readonly TierName[];
  readonly learn: Learn;
  /** Says how far a second tier is to be believed where the first was not sure; left out, as far as everywhere. */
  readonly believe?: Believe;
  readonly encoder?: Encoder;
  readonly model?: Model;
  /** Whose budget it is asked on. */
  readonly tenant?: string;
  readonly progress: Progress;
  /** Milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export interface BuiltTier {
  readonly tier: Tier;
  /** Of a tier that learns. */
  readonly report: CalibrationReport | undefined;
  readonly learned?: Learned;
  /** The scope score under which a text is taken to be out of scope, where there is one line for all. */
  readonly scopeLine: number | undefined;
  readonly trainMs: number;
}

/** So many texts go to an encoder at once. */
const batch = 32;
/** Texts that are ranked before the clock runs, so that what is measured is a gateway that has been up for a moment. */
export const warmUps = 200;

const aboutLearned = (learned: Learned) => ({ learned, report: learned.report, scopeLine: scopeLineOf(learned) });

export const percentTo = (progress: Progress) => (share: number) => progress.to(Math.round(share * 100));

/** Learns what each tier needs. The tiers are asked in the order of `tierNames`, whatever order they are named in. */
export const buildTiers = async (setup: TierSetup): Promise<BuiltTier[]> => {
  const built: BuiltTier[] = [];
  for (const name of tierNames) if (setup.tiers.includes(name)) built.push(await builders[name](setup, built));
  return built;
};

const builders: Readonly<Record<TierName, (setup: TierSetup, before: readonly BuiltTier[]) => Promise<BuiltTier>>> = {
  async builtin({ train, learn, progress, now }) {
    progress.stage(`learning from ${train.texts.length} examples`, 100);
    const start = now();
    const learned = await learn(train.texts, { onProgress: percentTo(progress) });
    const trainMs = now() - start;
    for (const { text } of train.texts.slice(0, warmUps)) learned.rank(text, candidatesKept);
    const rank = (text: string) => learned.rank(text, candidatesKept);
    return { tier: { name: 'builtin', ...linesOf(learned), rank }, ...aboutLearned(learned), trainMs };
  },

  async encoder({ train, learn, believe, encoder, progress, now, signal }, before) {
    if (encoder === undefined) throw new Error('the encoder tier has no encoder');
    const start = now();
    const vectors: Float32Array[] = [];
    const texts = train.texts.map(({ text }) => text);
    progress.stage('encoding the examples', texts.length);
    for (let at = 0; at < texts.length; at += batch) {
      vectors.push(...(await encoder.encode(texts.slice(at, at + batch), signal)));
      progress.to(vectors.length);
    }
    progress.stage('learning from their vectors', 100);
    const second = await learn(train.texts, { vectors, onProgress: percentTo(progress) });
    const first = before.at(-1)?.learned;
    const learned =
      first === undefined || believe === undefined ? second : await believe(train.texts, vectors, { first, second });
    const rank = async (text: string): Promise<Ranking> => {
      const [vector] = await encoder.encode([text], signal);
      return learned.rank(text, candidatesKept, vector);
    };
    return { tier: { name: 'encoder', ...linesOf(learned), rank }, ...aboutLearned(learned), trainMs: now() - start };
  },

  async model({ train, model, tenant, now, signal }) {
    if (model === undefined) throw new Error('the model tier has no model');
    const examples = Map.groupBy(train.texts, ({ label }) => label);
    const describe = (label: string, text: string) => ({
      id: label,
      title: label.replaceAll(/[_.-]+/g, ' '),
      description: '',
      examples: nearestExamples(
        (examples.get(label) ?? []).map((example) => example.text),
        text,
        shownExamples,
      ),
      input: { type: 'object', properties: {} },
    });
    const rank = async (text: string, before: Ranking | undefined): Promise<Ranking> => {
      const candidates = before?.candidates ?? [...train.labels].map((label) => ({ label, confidence: 0 }));
      const question = {
        text,
        candidates: candidates.map(({ label }) => describe(label, text)),
        now: new Date(now()).toISOString(),
        ...(tenant === undefined ? {} : { tenant }),
      };
      const answer = await model.propose(question, signal);
      if (!answer.ok) return before ?? { candidates: [], scope: 0 };
      if (answer.intent === null) return { candidates, scope: 0 };
      // What a model says of its own confidence is not asked for: the tier below says how likely its choice is.
      const chosen = candidates.find(({ label }) => label === answer.intent);
      if (chosen === undefined) return before ?? { candidates: [], scope: 0 };
      return { candidates: [chosen, ...candidates.filter((other) => other !== chosen)], scope: 1 };
    };
    const lines = { isSure: () => true, refuses: ({ scope }: Ranking) => scope < 0.5 };
    return { tier: { name: 'model', ...lines, rank }, report: undefined, scopeLine: undefined, trainMs: 0 };
  },
};

/** Labels of a test that no example has: nothing can get them right. */
export const unknownLabels = (
  test: readonly LabelledLine[],
  train: TrainingSet,
): { label: string; texts: number }[] => {
  const counts = new Map<string, number>();
  for (const { intent } of test)
    if (intent !== null && !train.labels.has(intent)) counts.set(intent, (counts.get(intent) ?? 0) + 1);
  return [...counts].map(([label, texts]) => ({ label, texts })).sort((a, b) => b.texts - a.texts);
};
