import type { Intent, Provenance } from '../../contract.ts';
import { type Input, type Json, pointerPath, pointerSegment } from '../../json.ts';
import { type Hearing, readAll, withValue } from './reading.ts';
import { fillFromMentions } from './reference.ts';
import { namedAmong, placeNamed, shortAnswer } from './short-answers.ts';
import type { PendingQuestion } from './state.ts';
import { type Turned, unanswered } from './turned.ts';

type IntentsQuestion = Extract<PendingQuestion, { kind: 'intents' }>;
type PartsQuestion = Extract<PendingQuestion, { kind: 'parts' }>;

/** The person has chosen: nothing is left to be sure of. Policies see by the tier that it was in a conversation. */
const said = { tier: 'session', confidence: 1, margin: 1 } as const;

/** Takes a text as the choice among intents that were offered: by place, by name, or by a yes where there is just one. */
export const chooseIntent = async (question: IntentsQuestion, hearing: Hearing): Promise<Turned> => {
  const { text } = hearing;
  // What is not offered any more keeps its place, so that "the second one" stays the second one.
  const offered = question.candidates.map(({ intent, version }) => hearing.find(intent, version));
  const answer = shortAnswer(text);
  if (answer === 'no' || answer === 'dismissed') return { kind: 'dismissed' };
  if (answer === 'yes')
    return offered.length === 1
      ? chosen(offered[0], question, hearing)
      : unanswered('does-not-fit', `There are ${offered.length} to choose from: say which one.`);
  const place = placeNamed(text, offered.length);
  if (place !== undefined) return chosen(offered[place], question, hearing);
  const titles = offered.map((intent) => intent?.title ?? '');
  const byTitle = namedAmong(text, titles);
  const named =
    typeof byTitle === 'number'
      ? byTitle
      : namedAmong(
          text,
          offered.map((intent, index) => `${titles[index]} ${intent?.name ?? ''}`),
        );
  if (typeof named === 'number') return chosen(offered[named], question, hearing);
  if (named === 'many')
    return unanswered('does-not-fit', `"${text.slice(0, 60)}" fits more than one of them. Say its number.`);
  const resolution = await hearing.resolve(text);
  return resolution.kind === 'out-of-scope'
    ? unanswered('does-not-fit', `"${text.slice(0, 60)}" is none of what was offered.`)
    : { kind: 'resolved', resolution, how: 'fresh' };
};

const chosen = (intent: Intent | undefined, { text, given, purpose }: IntentsQuestion, hearing: Hearing): Turned => {
  if (intent === undefined) return unanswered('does-not-fit', 'There is nothing at that place to choose.');
  let input: Input = {};
  const provenance: Record<string, Provenance> = {};
  const { values } = readAll(intent, { ...hearing, text });
  // The words that led to the question were said in an earlier turn.
  for (const { pointer, value } of values) {
    input = withValue(input, pointerPath(pointer), value);
    provenance[pointer] = 'session';
  }
  const put = (values: Input, from: Provenance) => {
    for (const [name, value] of Object.entries(values)) {
      input = withValue(input, [name], value as Json);
      provenance[`/${pointerSegment(name)}`] = from;
    }
  };
  put(given, 'session');
  put(hearing.given, 'input');
  const filled = fillFromMentions({ intent, input, provenance, text }, hearing);
  const spoken = { text, spans: values.flatMap(({ span }) => span ?? []) };
  return { kind: 'proposal', how: 'choice', intent, ...filled, resolution: said, purpose, spoken };
};

/** Of several requests in one text the one that is to be first, taken as a request of its own. */
export const choosePart = async ({ texts }: PartsQuestion, hearing: Hearing): Promise<Turned> => {
  const { text } = hearing;
  const answer = shortAnswer(text);
  if (answer === 'no' || answer === 'dismissed') return { kind: 'dismissed' };
  const named = placeNamed(text, texts.length) ?? namedAmong(text, texts);
  const part = typeof named === 'number' ? texts[named] : undefined;
  if (part !== undefined) return { kind: 'resolved', resolution: await hearing.resolve(part), how: 'fresh' };
  if (answer === 'yes' || named !== undefined)
    return unanswered('does-not-fit', `There are ${texts.length} requests: say which one comes first.`);
  return { kind: 'resolved', resolution: await hearing.resolve(text), how: 'fresh' };
};
