import { answerFields } from './answer-fields.ts';
import { changeOf } from './change.ts';
import { chooseIntent, choosePart } from './choose.ts';
import type { Hearing } from './reading.ts';
import { resolveReference } from './reference.ts';
import { placeNamed, shortAnswer } from './short-answers.ts';
import { type Turned, unanswered } from './turned.ts';

/** In characters. */
const longestAnswer = 2_000;

/**
 * Takes one turn of a conversation: an answer to what was asked, a change of what was said, words that point back, or a
 * request of its own, which drops the question. Whatever it comes to is a proposal like any other: it grants nothing.
 */
export const takeTurn = async (hearing: Hearing): Promise<Turned> => {
  const { text, state } = hearing;
  const { pending } = state;
  // No answer is that long, nor any change; what is said at such length says everything itself.
  if (text.length > longestAnswer) return { kind: 'resolved', resolution: await hearing.resolve(text), how: 'fresh' };
  const said = shortAnswer(text);
  if (pending?.kind === 'confirmation' && said !== undefined)
    return { kind: 'confirmation', id: pending.id, confirm: said === 'yes' };

  const base = pending?.kind === 'fields' ? pending.turn : state.last;
  const before = base === undefined ? undefined : hearing.find(base.intent, base.version);
  const change = base === undefined || before === undefined ? undefined : await changeOf(base, before, hearing);
  if (change !== undefined) return change;

  switch (pending?.kind) {
    case 'fields': {
      if (before !== undefined) return answerFields(pending, before, hearing);
      const resolution = await hearing.resolve(text);
      return resolution.kind === 'out-of-scope'
        ? unanswered('not-asked', 'What was asked has changed since, and is no longer open. Ask anew in one sentence.')
        : { kind: 'resolved', resolution, how: 'fresh' };
    }
    case 'intents':
      return chooseIntent(pending, hearing);
    case 'parts':
      return choosePart(pending, hearing);
  }
  if (said !== undefined || (placeNamed(text, 1) !== undefined && state.listed === undefined))
    return unanswered(
      'not-asked',
      'There is no open question that this could answer. Say in one sentence what you want.',
    );
  return (
    (await resolveReference(hearing)) ?? { kind: 'resolved', resolution: await hearing.resolve(text), how: 'fresh' }
  );
};
