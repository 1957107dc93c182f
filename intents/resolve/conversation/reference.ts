import type { Entity } from '../../catalogue.ts';
import type { Intent, Provenance } from '../../contract.ts';
import { type Input, pointerSegment } from '../../json.ts';
import { nameWords, plain, type Span } from '../text.ts';
import type { Candidate, Proposal, Resolution } from '../types.ts';
import { placePointedAt } from './listed.ts';
import { entityOf, type Hearing, withValue } from './reading.ts';
import type { Mention } from './state.ts';
import { type Turned, unanswered } from './turned.ts';

/** As many things of the last turns are tried for one "it". */
const mostTried = 3;

/**
 * Understands words that point back: "and cancel it", "where is that order". What was spoken of last takes the place of
 * the pronoun, and the whole is resolved like any other text; it counts only where the intent takes it as what it is, so
 * that a pronoun inside a note stays a pronoun.
 * @returns undefined where the words do not point back, or make no sense so
 */
export const resolveReference = async (hearing: Hearing): Promise<Turned | undefined> => {
  const { text } = hearing;
  const listed = entryPointedAt(hearing);
  if (listed === 'none')
    return unanswered(
      'does-not-fit',
      'The list that was shown has no such entry, or none that can be told by its place.',
    );
  const found: { readonly mention: Mention; readonly resolution: Resolution }[] = [];
  let ask: Resolution | undefined;
  for (const { mention, span } of listed === undefined ? pointedAt(hearing).slice(0, mostTried) : [listed]) {
    const name = `${mention.entity.toLowerCase()} ${mention.value}${owns(text, span) ? "'s" : ''}`;
    const resolution = await hearing.resolve(text.slice(0, span.start) + name + text.slice(span.end));
    const put: Span = { start: span.start, end: span.start + name.length };
    if (resolution.kind === 'ask' && (resolution.why === 'negated' || listed !== undefined)) ask ??= resolution;
    if (resolution.kind !== 'proposal') continue;
    const proposal = tracedBack(resolution.proposal, mention, put, span);
    if (proposal !== undefined) found.push({ mention, resolution: { ...resolution, proposal } });
  }
  const [first] = found;
  if (first === undefined) {
    if (ask !== undefined) return { kind: 'resolved', resolution: ask, how: 'reference' };
    return listed === undefined
      ? undefined
      : unanswered('does-not-fit', `Say what is to be done with ${listed.mention.value}.`);
  }
  const meant = new Set(
    found.map(({ resolution }) => (resolution.kind === 'proposal' ? resolution.proposal.intent.id : '')),
  );
  // "Cancel it", right after a refund: the order or the refund? That is for the caller to say.
  const resolution = meant.size === 1 ? first.resolution : between(found.map((one) => one.resolution));
  return { kind: 'resolved', resolution, how: 'reference' };
};

/** The entry of the last list that the words name by its place; `none` where the list has no such entry. */
const entryPointedAt = ({
  text,
  state: { listed = [] },
  entities,
}: Pick<Hearing, 'text' | 'state' | 'entities'>): { mention: Mention; span: Span } | 'none' | undefined => {
  for (const list of listed) {
    const named = placePointedAt(text, list, entities);
    if (named === undefined) continue;
    const value = list.values[named.place] ?? '';
    return value === ''
      ? 'none'
      : { mention: { entity: list.entity, value, from: 'backend', age: 0 }, span: named.span };
  }
  return undefined;
};

const between = (resolutions: readonly Resolution[]): Resolution => {
  const candidates = new Map<string, Candidate>();
  for (const resolution of resolutions)
    if (resolution.kind === 'proposal') {
      const { intent, confidence } = resolution.proposal;
      if (!candidates.has(intent.id)) candidates.set(intent.id, { intent, confidence });
    }
  return {
    kind: 'ask',
    why: 'near',
    candidates: [...candidates.values()],
    best: undefined,
    notes: ['session: the words may point back at more than one thing'],
  };
};

/** The proposal with its values' true origin and place, where what was put in became an identifier of its own entity and nothing else. */
const tracedBack = (proposal: Proposal, mention: Mention, put: Span, pronoun: Span): Proposal | undefined => {
  const longer = put.end - pronoun.end;
  let taken = false;
  const slots: Proposal['slots'][number][] = [];
  for (const slot of proposal.slots) {
    const { span, pointer } = slot;
    if (span === undefined || span.end <= put.start) slots.push(slot);
    else if (span.start >= put.end)
      slots.push({ ...slot, span: { start: span.start - longer, end: span.end - longer } });
    else {
      const member = proposal.intent.input.properties?.[pointer.slice(1)];
      if (member === undefined || entityOf(member) !== mention.entity) return undefined;
      taken = true;
      slots.push({ pointer, provenance: mention.from, span: undefined });
    }
  }
  return taken ? { ...proposal, slots } : undefined;
};

/**
 * Fills required identifiers that are missing with what was spoken of last, where the words point back at it and only one
 * thing of that kind was spoken of.
 */
export const fillFromMentions = (
  {
    intent,
    input,
    provenance,
    text,
  }: {
    readonly intent: Intent;
    readonly input: Input;
    readonly provenance: Readonly<Record<string, Provenance>>;
    readonly text: string;
  },
  { state, entities }: Pick<Hearing, 'state' | 'entities'>,
): { input: Input; provenance: Readonly<Record<string, Provenance>> } => {
  const entry = entryPointedAt({ text, state, entities });
  let filled = input;
  const origins: Record<string, Provenance> = { ...provenance };
  for (const name of intent.input.required ?? []) {
    const entity = entityOf(intent.input.properties?.[name] ?? {});
    if (entity === undefined || Object.hasOwn(input, name)) continue;
    const [newest, rival] = newestOf(state.mentions.filter((one) => one.entity === entity));
    const spoken = rival !== undefined || pronounsIn(text, [entity], entities).length === 0 ? undefined : newest;
    const mention = typeof entry === 'object' && entry.mention.entity === entity ? entry.mention : spoken;
    if (mention === undefined) continue;
    filled = withValue(filled, [name], mention.value);
    origins[`/${pointerSegment(name)}`] = mention.from;
  }
  return { input: filled, provenance: origins };
};

const newestOf = (mentions: readonly Mention[]): Mention[] => mentions.filter(({ age }) => age === mentions[0]?.age);

/** What the text may point back at, likeliest first, with the words that do. */
const pointedAt = ({ text, state, entities }: Hearing): { mention: Mention; span: Span }[] => {
  const spoken = [...new Set(state.mentions.map(({ entity }) => entity))];
  const pronouns = pronounsIn(text, spoken, entities);
  // Two pronouns may mean two things.
  if (pronouns.length !== 1) return [];
  const [{ entity, span }] = pronouns as [Pronoun];
  const fitting = state.mentions.filter((one) => entity === undefined || one.entity === entity);
  return newestOf(fitting).map((mention) => ({ mention, span }));
};

interface Pronoun {
  readonly span: Span;
  /** Where the words say what kind of thing is meant. */
  readonly entity: string | undefined;
}

/** "it", a bare "that", and "that order", "the same parcel": in English, and the plainest of some other languages. */
const pronounsIn = (text: string, spoken: readonly string[], entities: readonly Entity[]): Pronoun[] => {
  const even = plain(text);
  const found: Pronoun[] = [];
  for (const name of spoken) {
    const { synonyms = [] } = entities.find((one) => one.name === name) ?? {};
    const called = [name, ...synonyms].flatMap((word) => nameWords(word).join(' ')).map(escaped);
    const named = new RegExp(
      `\\b(?:the same|that same|this|that|the|same|der|die|das|diese[rsn]?|cette|ce|esta?|ese) (?:${called.join('|')})\\b(?! [\\w-]*\\d)`,
      'giu',
    );
    for (const { 0: word, index } of even.matchAll(named))
      found.push({ span: { start: index, end: index + word.length }, entity: name });
  }
  if (found.length > 0) return found;
  const bare =
    /\b(?:it|(?:this|that)(?: one)?(?=\s*(?:$|[.,!?;]|\b(?:too|as well|now|please)\b))|(?:the )?same one|its|ihn|sie|es)\b/giu;
  for (const { 0: word, index } of even.matchAll(bare))
    found.push({ span: { start: index, end: index + word.length }, entity: undefined });
  return found;
};

const owns = (text: string, { start, end }: Span): boolean => /^its$/iu.test(text.slice(start, end));

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
