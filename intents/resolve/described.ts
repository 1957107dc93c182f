import type { Entity } from '../catalogue.ts';
import type { Intent } from '../contract.ts';
import type { JsonSchema } from '../json.ts';
import { entityOf } from './conversation/reading.ts';
import { newestMajors } from './newest.ts';
import { leavesOf } from './slots/leaves.ts';
import { findPhrases, type Neighbours } from './slots/phrase.ts';
import { cut } from './slots/utterance.ts';
import { type Span, stopwords, words } from './text.ts';
import type { Proposal, Resolution } from './types.ts';

/** A phrase that may describe an entity, and an identifier that can stand there in its place. */
interface Described {
  readonly entity: string;
  readonly span: Span;
  readonly sample: string;
}

const mostTried = 3;

/**
 * Understands words that describe a thing instead of naming its identifier: "what does the desk lamp cost" is asked the way
 * "what does LMP-01 cost" is. A phrase that stands where examples have the identifier of an entity that can be looked up
 * is taken for one, and the rest of the words says what is wanted; the identifier itself stays missing.
 */
export const describedReader = (
  intents: readonly Intent[],
  entities: readonly Entity[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
) => {
  const places = placesOf(newestMajors(intents), entities, resolveRef);

  /**
   * @param plain what the words mean by themselves; a request that is understood, denied or several stays what it is
   * @returns the proposal with the words that describe what is missing, and `plain` for when nothing is found by them
   */
  return async (
    text: string,
    plain: Resolution,
    resolve: (text: string) => Promise<Resolution>,
  ): Promise<Resolution> => {
    if (places.length === 0 || plain.kind === 'proposal' || plain.kind === 'several') return plain;
    if (plain.kind === 'ask' && plain.why === 'negated') return plain;
    for (const { entity, span, sample } of phrasesIn(text, places).slice(0, mostTried)) {
      const resolution = await resolve(text.slice(0, span.start) + sample + text.slice(span.end));
      if (resolution.kind !== 'proposal') continue;
      const put = { start: span.start, end: span.start + sample.length };
      const proposal = withoutSample(resolution.proposal, entity, put, span);
      if (proposal === undefined) continue;
      const described = { pointer: proposal.pointer, words: text.slice(span.start, span.end), otherwise: plain };
      return { ...resolution, proposal: { ...proposal.rest, described } };
    }
    return plain;
  };
};

interface Place {
  readonly entity: string;
  readonly around: readonly Neighbours[];
  readonly sample: string;
}

/** How examples surround the identifiers of entities that can be looked up, with an identifier that they write there. */
const placesOf = (
  intents: readonly Intent[],
  entities: readonly Entity[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): Place[] => {
  const able = new Set(entities.flatMap(({ name, resolve }) => (resolve === undefined ? [] : [name])));
  return intents.flatMap((intent) =>
    able.size === 0
      ? []
      : leavesOf(intent, resolveRef).flatMap((leaf): Place[] => {
          const [name = ''] = leaf.path;
          const entity = leaf.path.length === 1 ? entityOf(intent.input.properties?.[name] ?? {}) : undefined;
          if (entity === undefined || !able.has(entity) || !leaf.required) return [];
          const written = intent.examples.flatMap(({ annotations }) => annotations.filter(({ slot }) => slot === name));
          const sample = written[0]?.value;
          return sample === undefined ? [] : [{ entity, around: leaf.neighbours, sample }];
        }),
  );
};

/** Phrases that stand where an identifier could, those between known words first, then the longest. */
const phrasesIn = (text: string, places: readonly Place[]): Described[] => {
  const said = cut(text, { now: new Date(0) });
  const values = said.chunks.filter((chunk) => /\d/.test(chunk.text));
  const found = new Map<string, Described & { readonly grade: number }>();
  for (const { entity, around, sample } of places)
    for (const { start, end, grade } of findPhrases(around, said, values)) {
      const span = withoutArticles(text, { start, end });
      if (span === undefined) continue;
      const key = `${entity} ${span.start} ${span.end}`;
      if ((found.get(key)?.grade ?? 0) < grade) found.set(key, { entity, span, sample, grade });
    }
  return [...found.values()].sort(
    (a, b) => b.grade - a.grade || b.span.end - b.span.start - (a.span.end - a.span.start),
  );
};

const withoutArticles = (text: string, { start, end }: Span): Span | undefined => {
  const telling = words(text.slice(start, end)).filter(({ fold }) => !stopwords.has(fold));
  const [first, last] = [telling[0], telling.at(-1)];
  return first === undefined || last === undefined ? undefined : { start: start + first.start, end: start + last.end };
};

/** The proposal without the identifier that was put in, where it became just that and nothing else. */
const withoutSample = (
  proposal: Proposal,
  entity: string,
  put: Span,
  phrase: Span,
): { pointer: string; rest: Proposal } | undefined => {
  const longer = put.end - phrase.end;
  let pointer: string | undefined;
  const slots: Proposal['slots'][number][] = [];
  for (const slot of proposal.slots) {
    const { span } = slot;
    if (span === undefined || span.end <= put.start) slots.push(slot);
    else if (span.start >= put.end)
      slots.push({ ...slot, span: { start: span.start - longer, end: span.end - longer } });
    else if (entityOf(proposal.intent.input.properties?.[slot.pointer.slice(1)] ?? {}) === entity)
      pointer = slot.pointer;
    else return undefined;
  }
  if (pointer === undefined) return undefined;
  const { [pointer.slice(1)]: _sample, ...input } = proposal.input;
  return { pointer, rest: { ...proposal, input, slots } };
};
