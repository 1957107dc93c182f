import type { Intent } from '../contract.ts';
import type { Input, JsonSchema } from '../json.ts';
import type { Model } from '../ports.ts';
import { askModel } from './ask-model.ts';
import { fromExamples, toResolution } from './conclude.ts';
import { type Draft, draftOf, type Filling } from './draft.ts';
import { judge, judgeChoice } from './judge.ts';
import { exactKey, examplesByWords, readExample } from './known-example.ts';
import { defaultLines, type Lines, mayAsk } from './lines.ts';
import { checkAnswer } from './model-answer.ts';
import { newestMajors } from './newest.ts';
import { compileSlotReader, type SlotReader } from './slots/read.ts';
import type { Candidate, Classifier, Resolution, Tier } from './types.ts';

export { defaultLines, type Lines };

export interface ResolverOptions {
  readonly intents: readonly Intent[];
  readonly classifier: Classifier;
  /** Looks through `$ref` of the shared schemas. */
  readonly resolveRef: (schema: JsonSchema) => JsonSchema;
  /** Left out, the classifier alone decides. */
  readonly model?: Model;
  readonly lines: Lines;
  /** How many candidates a model is shown, and at most are answered. */
  readonly topCandidates: number;
}

export interface ResolveContext {
  readonly now: Date;
  /** Whether the caller may know of an intent. What is hidden is ranked, but never named to the caller or to a model. */
  readonly visible: (intent: Intent) => boolean;
  readonly signal: AbortSignal;
  /** Typed values beside the words. */
  readonly given?: Input;
}

export interface Resolver {
  /** Never rejects for a model that fails; the classifier's answer stands then. */
  resolve(text: string, context: ResolveContext): Promise<Resolution>;
}

/** The cascade: an example word for word, the classifier, a language model where these are not sure, else a question back. */
export const createResolver = (options: ResolverOptions): Resolver => {
  const { classifier, resolveRef, model, lines, topCandidates } = options;
  const intents = newestMajors(options.intents);
  const known = new Set(intents);
  const examples = examplesByWords(intents);
  const readers = new Map<Intent, SlotReader>();
  const readerOf = (intent: Intent): SlotReader => {
    const reader = readers.get(intent) ?? compileSlotReader(intent, resolveRef);
    readers.set(intent, reader);
    return reader;
  };

  return {
    async resolve(text, context) {
      const { now, visible, given = {} } = context;
      const draft = ({ intent, confidence }: Candidate, margin: number, tier: Tier, filling?: Filling): Draft =>
        draftOf({
          intent,
          confidence,
          margin,
          tier,
          text,
          reader: readerOf(intent),
          now,
          given,
          ...(filling && { filling }),
        });

      if (exactKey(text) === '') return { kind: 'out-of-scope', candidates: [], notes: ['words: there are none'] };
      const exact = examples.get(exactKey(text)) ?? [];
      if (exact.length > 0)
        return fromExamples(exact, visible, (one) => {
          const filling = readExample(one, text, readerOf(one.intent), now);
          return draft({ intent: one.intent, confidence: 1 }, 1, 'example', filling);
        });

      const ranked = classifier.classify(text, intents.length).filter(({ intent }) => known.has(intent));
      const shown = firstVisible(ranked, visible, topCandidates);
      const [best] = ranked;
      // What is asked for exists, but not for this caller: bending it into the next best thing would be a guess.
      if (best !== undefined && best.intent !== shown[0]?.intent && mayAsk(lines, best))
        return { kind: 'out-of-scope', candidates: shown, notes: ['classifier: nothing that can be asked is near'] };

      const local = judge(ranked, shown, lines, draft);
      const settled =
        local?.verdict === 'run' || local?.verdict === 'negated' || local?.near.some(({ intent }) => !visible(intent));
      if (model === undefined || settled === true) return toResolution(local, shown, visible, []);

      const offered = shown.length > 0 ? shown : firstVisible(intents.map(unranked), visible, topCandidates);
      if (offered.length === 0) return toResolution(local, shown, visible, []);
      const answer = await askModel(model, text, offered, resolveRef, context);
      if (answer.chosen === undefined) return toResolution(local, shown, visible, [answer.note]);

      const { chosen, input } = answer;
      const checked = checkAnswer(chosen.intent, input, text, readerOf(chosen.intent), now);
      const judged = judgeChoice(chosen, offered, lines, (candidate, margin) =>
        draft(candidate, margin, 'model', checked),
      );
      return toResolution(judged, shown, visible, ['model: asked', ...checked.notes]);
    },
  };
};

const unranked = (intent: Intent): Candidate => ({ intent, confidence: 0 });

const firstVisible = (
  ranked: readonly Candidate[],
  visible: (intent: Intent) => boolean,
  limit: number,
): Candidate[] => {
  const found: Candidate[] = [];
  for (const candidate of ranked) {
    if (found.length === limit) break;
    if (visible(candidate.intent)) found.push(candidate);
  }
  return found;
};
