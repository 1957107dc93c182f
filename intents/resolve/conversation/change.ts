import { schemaAt } from '../../check-schema.ts';
import type { Intent, Provenance } from '../../contract.ts';
import { type Input, type Json, pointerPath, pointerSegment, toPointer } from '../../json.ts';
import { plain, type Span, stopwords, words } from '../text.ts';
import { type Hearing, otherWords, readAll, readMembers, withValue } from './reading.ts';
import { allCarried, type Turn } from './state.ts';
import { type Turned, unanswered } from './turned.ts';

/** What begins or ends a sentence that changes what was just said. */
const leads =
  /^\W*(?:(?:and|but|or|oh|sorry|wait|hmm?|well|actually|no|nope|nein|non)\b[\s,;:.!–-]*)*(?:(?:please )?(?:make|change|set|turn|switch) (?:it|that|this|them|the [\p{L} ]{1,40}?)(?: to| into)?\b|i (?:meant|mean|said)\b|(?:rather|better|better make it|let'?s (?:say|make it))\b|lieber|doch)/iu;
const ends = /\b(?:instead|rather|stattdessen|lieber)\W*$/iu;
const corrects = /^\W*(?:no|nope|sorry|wait|actually|oh no|nein|non)\b[\s,;:.!–-]+\S/iu;

/**
 * Understands "make it 20 instead": what came before, with other values. Everything that is not named stays, and counts as
 * brought along; what comes of it is decided on anew.
 * @returns undefined where the words do not change what came before
 */
export const changeOf = async (turn: Turn, intent: Intent, hearing: Hearing): Promise<Turned | undefined> => {
  const { text, resolveRef } = hearing;
  const even = plain(text);
  const strong = leads.test(even) || ends.test(even);
  if (!strong && !corrects.test(even)) return undefined;
  if (/\b(?:don'?t|do not|never|not)\b/iu.test(even)) return undefined;

  const { changes, unread } = changesIn(turn, intent, hearing);
  const about =
    intent.input.properties === undefined ? [] : Object.keys(intent.input.properties).map((name) => toPointer([name]));
  const rest = otherWords(
    intent,
    about,
    changes.map(({ span }) => span),
    hearing,
  ).filter((word) => !cueWords.has(word) && !namesIntent(word, intent));
  const resolution = rest.length > 0 || changes.length === 0 ? await hearing.resolve(text) : undefined;
  // "Show order A-1002 instead" says all by itself.
  if (resolution?.kind === 'proposal' && (rest.length > 0 || resolution.proposal.intent.id !== intent.id))
    return undefined;
  if (!strong && (changes.length === 0 || rest.length > 0)) return undefined;
  if (turn.done)
    return unanswered(
      'done',
      `${intent.title}: this has been carried out already, and is not changed by saying so. Ask for what is to be done now in one sentence.`,
    );
  if (changes.length === 0 || unread.length > 0 || rest.length > 2) {
    const names = about.map(
      (pointer) =>
        schemaAt(intent.input, pointerPath(pointer), resolveRef)?.title ?? pointer.slice(1).replaceAll(/[_-]+/g, ' '),
    );
    return unanswered(
      'does-not-fit',
      `${intent.title}: it is not clear what is to change. It has ${names.slice(0, 8).join(', ')}.`,
    );
  }
  let input: Input = turn.input;
  const provenance: Record<string, Provenance> = allCarried(turn.provenance);
  for (const { pointer, value } of changes) {
    input = withValue(input, pointerPath(pointer), value);
    provenance[pointer] = 'user';
  }
  for (const [name, value] of Object.entries(hearing.given)) {
    input = withValue(input, [name], value as Json);
    provenance[`/${pointerSegment(name)}`] = 'input';
  }
  return {
    kind: 'proposal',
    how: 'change',
    intent,
    input,
    provenance,
    resolution: turn.resolution,
    purpose: turn.purpose,
  };
};

/** A value that fits a member already given is a change of that member; what is left over may fill others. */
const changesIn = (turn: Turn, intent: Intent, { text, context, resolveRef }: Hearing) => {
  // "20 instead" is twenty, not twenty pieces of something: what follows a number says what it counts.
  const hearing = { text: text.replace(ends, (cue) => cue.replaceAll(/[^\s]/gu, ' ')), context, resolveRef };
  const overlap = (a: Span | undefined, b: Span | undefined) =>
    a !== undefined && b !== undefined && a.start < b.end && b.start < a.end;
  const present = Object.keys(turn.input).map((name) => toPointer([name]));
  const own = present.length === 0 ? [] : readMembers(intent, present, hearing).values;
  const whole = readAll(intent, hearing);
  const added = whole.values.filter(({ pointer, span }) =>
    own.every((one) => one.pointer !== pointer && !overlap(one.span, span)),
  );
  const changes = [...own, ...added];
  const unread = whole.unread.filter((span) => !changes.some((one) => overlap(one.span, span)));
  return { changes, unread: intent.effect === 'read' ? [] : unread };
};

const cueWords = new Set(
  'make change set turn switch instead rather actually sorry wait oh mean meant said say better lets let better lieber doch stattdessen nein non too also'.split(
    ' ',
  ),
);

const namesIntent = (word: string, { title, name }: Intent): boolean =>
  words(`${title} ${name.replaceAll(/[.-]/g, ' ')}`).some(({ fold }) => !stopwords.has(fold) && fold === word);
