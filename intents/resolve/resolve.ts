import type { Intent } from '../contract.ts';
import type { Input, JsonSchema } from '../json.ts';
import type { Model } from '../ports.ts';
import { answerCache } from './answer-cache.ts';
import { askModel, type Choice } from './ask-model.ts';
import { fromExamples, toResolution } from './conclude.ts';
import { type Draft, draftOf, type Filling } from './draft.ts';
import { type Judgement, judge, judgeChoice } from './judge.ts';
import { exactKey, examplesByWords, type KnownExample, readExample } from './known-example.ts';
import type { Weighed } from './learn/types.ts';
import { defaultLines, type Lines, mayAsk, mayRun } from './lines.ts';
import type { Mask } from './mask.ts';
import { checkAnswer, toModelCandidate } from './model-answer.ts';
import { newestMajors } from './newest.ts';
import { partsOf } from './parts.ts';
import { severalIn } from './several.ts';
import { compileSlotReader, type SlotReader } from './slots/read.ts';
import type { ReadingContext } from './slots/utterance.ts';
import type { Tagger } from './tagger/types.ts';
import type { Candidate, Classifier, Progress, RequestPart, Resolution, Tier, Visit } from './types.ts';

export { defaultLines, type Lines };

export interface ResolverOptions {
  readonly intents: readonly Intent[];
  /** In the order they are asked: each only where the one before was not sure. At least one. */
  readonly classifiers: readonly Classifier[];
  /** Makes a text comparable: says which of its words are values. */
  readonly mask: Mask;
  /** Looks through `$ref` of the shared schemas. */
  readonly resolveRef: (schema: JsonSchema) => JsonSchema;
  /** Left out, the classifiers alone decide. */
  readonly model?: Model;
  readonly lines: Lines;
  /** How many candidates a model is shown, and at most are answered. */
  readonly topCandidates: number;
  /** Reads free text that the words around it do not bound; left out, or undefined for an intent, it stays unread. */
  readonly taggerOf?: (intent: Intent) => Tagger | undefined;
}

export interface ResolveContext extends ReadingContext {
  /** Whether the caller may know of an intent. What is hidden is ranked, but never named to the caller or to a model. */
  readonly visible: (intent: Intent) => boolean;
  readonly signal: AbortSignal;
  /** Typed values beside the words. */
  readonly given?: Input;
  /** Who asks. Answers that cost are kept for the same caller, and for nobody else; left out, they are not kept. */
  readonly caller?: string;
  /** Whose budget a language model is asked on. */
  readonly tenant?: string;
  /** Told how far it is, for whoever waits; what it throws is lost. */
  readonly progress?: (so: Progress) => void;
}

export interface Resolver {
  /** Never rejects for a tier that fails; what the tiers before it said stands then. */
  resolve(text: string, context: ResolveContext): Promise<Resolution>;
  /** Which words mattered for an intent, in the order of the text. */
  weigh(text: string, intent: Intent): readonly Weighed[];
  /** What the words may mean, best first, by the first tier alone: to look around, where nothing is run. */
  rank(text: string, context: Pick<ResolveContext, 'visible' | 'signal'>): Promise<readonly Candidate[]>;
}

/** Nobody asks for one thing in more than this, and reading values takes longer than its share. */
const longestText = 20_000;
/** What is ranked beyond the candidates shown, so that what a caller may not see does not crowd out what it may. */
const deeper = 20;

/**
 * The cascade: an example word for word, the classifiers, a language model where these are not sure, else a question back.
 * The cheapest sure answer wins.
 */
export const createResolver = (options: ResolverOptions): Resolver => {
  const { classifiers, mask, resolveRef, model, lines, topCandidates } = options;
  const intents = newestMajors(options.intents);
  const known = new Set(intents);
  const examples = examplesByWords(intents);
  const readers = new Map<Intent, SlotReader>();
  const readerOf = (intent: Intent): SlotReader => {
    const reader = readers.get(intent) ?? compileSlotReader(intent, resolveRef, () => options.taggerOf?.(intent));
    readers.set(intent, reader);
    return reader;
  };
  const answers = answerCache<Choice>();
  const isTimed = timedBy(resolveRef);

  const rank = async (
    classifier: Classifier,
    text: string,
    { signal, given = {} }: ResolveContext,
  ): Promise<readonly Candidate[]> =>
    (await classifier.classify(text, topCandidates + deeper, signal, Object.keys(given))).filter(({ intent }) =>
      known.has(intent),
    );

  const several = async (text: string, context: ResolveContext): Promise<readonly RequestPart[]> => {
    const { visible } = context;
    const [first] = classifiers;
    if (first === undefined) return [];
    const ranked = new Map<string, readonly Candidate[]>();
    for (const part of partsOf(text)) ranked.set(part.text, await rank(first, part.text, context));
    return severalIn(text, {
      mask,
      candidates(part) {
        const all = ranked.get(part) ?? [];
        const [best] = all;
        // A part that means something hidden is as if nobody knew what it means.
        if (best === undefined || !visible(best.intent)) return [];
        return firstVisible(all, visible, topCandidates).filter((candidate) => mayAsk(lines, candidate));
      },
      isSure: (candidate) => mayRun(lines, candidate),
    });
  };

  return {
    weigh: (text, intent) => classifiers[0]?.weigh?.(text, intent) ?? [],
    async rank(text, { visible, signal }) {
      const ranked = (await classifiers[0]?.classify(text.slice(0, longestText), intents.length, signal)) ?? [];
      return ranked.filter(({ intent }) => known.has(intent) && visible(intent));
    },
    async resolve(text, context) {
      const { now, visible, given = {}, caller } = context;
      const trail: Visit[] = [];
      const tell = (so: Progress) => {
        try {
          context.progress?.(so);
        } catch {
          // Who watches must not harm what is watched.
        }
      };
      const timed = async <T>(
        tier: Tier,
        work: () => T | Promise<T>,
        cost?: (found: T) => Partial<Visit>,
      ): Promise<T> => {
        tell({ tier });
        const start = performance.now();
        const found = await work();
        trail.push({ tier, ms: performance.now() - start, ...cost?.(found) });
        return found;
      };
      const drafting =
        (tier: Tier, filling?: Filling) =>
        ({ intent, confidence }: Candidate, margin: number): Draft =>
          draftOf({
            intent,
            confidence,
            margin,
            tier,
            text,
            reader: readerOf(intent),
            context,
            given,
            ...(filling && { filling }),
          });

      if (text.length > longestText)
        return { kind: 'out-of-scope', candidates: [], notes: [`words: more than ${longestText} characters`], trail };
      if (exactKey(text) === '')
        return { kind: 'out-of-scope', candidates: [], notes: ['words: there are none'], trail };
      const exact = examples.get(exactKey(text)) ?? [];
      if (exact.length > 0) {
        const draft = (one: KnownExample) => {
          const filling = readExample(one, text, readerOf(one.intent), context);
          return drafting('example', filling)({ intent: one.intent, confidence: 1 }, 1);
        };
        return { ...(await timed('example', () => fromExamples(exact, visible, draft))), trail };
      }

      const parts = await several(text, context);
      if (parts.length > 0)
        return {
          kind: 'several',
          parts,
          candidates: parts.flatMap(({ candidates }) => candidates.slice(0, 1)),
          notes: [],
          trail,
        };

      const notes: string[] = [];
      let local: Judgement | undefined;
      let shown: readonly Candidate[] = [];
      for (const classifier of classifiers) {
        const { tier } = classifier;
        const ranked = await timed(tier, async () => rank(classifier, text, context)).catch(() => undefined);
        if (ranked === undefined) {
          notes.push(`${tier}: not to be had now`);
          continue;
        }
        shown = firstVisible(ranked, visible, topCandidates);
        const [best] = ranked;
        // What is asked for exists, but not for this caller: bending it into the next best thing would be a guess.
        if (best !== undefined && best.intent !== shown[0]?.intent && mayAsk(lines, best))
          return {
            kind: 'out-of-scope',
            candidates: shown,
            notes: [...notes, `${tier}: nothing that can be asked is near`],
            trail,
          };
        local = judge(ranked, shown, lines, drafting(tier));
        if (
          local?.verdict === 'run' ||
          local?.verdict === 'negated' ||
          local?.near.some(({ intent }) => !visible(intent))
        )
          return { ...toResolution(local, shown, visible, notes), trail };
      }

      const offered = shown.length > 0 ? shown : firstVisible(intents.map(unranked), visible, topCandidates);
      if (model === undefined || offered.length === 0) return { ...toResolution(local, shown, visible, notes), trail };
      const watched = context.progress && { onTokens: (tokens: number) => tell({ tier: 'model', tokens }) };
      const ask = () => askModel(model, text, offered, resolveRef, { ...context, ...watched });
      const { answer, cached } = await timed(
        'model',
        async () => {
          if (caller === undefined) return { answer: await ask(), cached: false };
          const minute = offered.some(({ intent }) => isTimed(intent)) ? now.toISOString().slice(0, 16) : '';
          const { zone = '', locale = '', currency = '' } = context;
          const ids = offered.map(({ intent }) => intent.id);
          const parts = [caller, text, ids, minute, zone, locale, currency];
          return answers.get(parts, now.getTime(), ask, ({ chosen }) => chosen !== undefined);
        },
        ({ answer: { usage }, cached }) => {
          if (cached) return { cached: true };
          if (usage === undefined) return {};
          const { input, output, money } = usage;
          return { tokens: input + output, ...(money === undefined ? {} : { money }) };
        },
      );
      if (answer.chosen === undefined)
        return { ...toResolution(local, shown, visible, [...notes, answer.note]), trail };

      const { input } = answer;
      // An answer given before names its intent; how sure the tiers below are of it is said anew.
      const chosen = offered.find(({ intent }) => intent === answer.chosen.intent) ?? answer.chosen;
      const checked = checkAnswer(chosen.intent, input, text, readerOf(chosen.intent), context);
      const judged = judgeChoice(chosen, offered, lines, drafting('model', checked));
      const said = cached ? 'model: answered this before' : 'model: asked';
      return { ...toResolution(judged, shown, visible, [...notes, said, ...checked.notes]), trail };
    },
  };
};

/** Whether an intent takes a date or a time: what a model says of these holds for the minute only. */
const timedBy = (resolveRef: (schema: JsonSchema) => JsonSchema): ((intent: Intent) => boolean) => {
  const known = new Map<Intent, boolean>();
  return (intent) => {
    const timed =
      known.get(intent) ??
      /"format":"(?:date|time)/.test(JSON.stringify(toModelCandidate(intent, resolveRef, '').input));
    known.set(intent, timed);
    return timed;
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
