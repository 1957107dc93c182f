import { schemaAt } from '../../check-schema.ts';
import type { Intent, Provenance } from '../../contract.ts';
import { type Input, type Json, pointerPath, pointerSegment, valueAt } from '../../json.ts';
import { leavesOf } from '../slots/leaves.ts';
import { fold, type Span, words } from '../text.ts';
import {
  entityOf,
  type Hearing,
  isWithin,
  narrowed,
  otherWords,
  type Reading,
  readAll,
  readMembers,
  withValue,
} from './reading.ts';
import { fillFromMentions, resolveReference } from './reference.ts';
import { namedAmong, placeNamed, shortAnswer } from './short-answers.ts';
import { allCarried, type PendingQuestion } from './state.ts';
import { type Turned, unanswered } from './turned.ts';

/** Free text that reads like a request may be one: only from here on it is taken for one. */
const surely = 0.9;

type FieldsQuestion = Extract<PendingQuestion, { kind: 'fields' }>;

/**
 * Takes a text as the answer to a question for fields: it fills what was asked and nothing else. A text that is plainly a
 * request of its own is one; what is neither is said to be neither.
 */
export const answerFields = async (question: FieldsQuestion, intent: Intent, hearing: Hearing): Promise<Turned> => {
  const { text } = hearing;
  const said = shortAnswer(text);
  const leaf = loneLeaf(question, intent, hearing);
  if (leaf?.kind === 'switch' && (said === 'yes' || said === 'no'))
    return filled(question, intent, hearing, [{ pointer: leaf.pointer, value: said === 'yes', span: undefined }]);
  if (said === 'dismissed' || said === 'no') return { kind: 'dismissed' };
  const option = optionMeant(question, text);
  if (option !== undefined) return chosen(question, intent, hearing, option);

  const reading = readMembers(intent, question.fields, hearing);
  if (question.fields.some((pointer) => Object.hasOwn(hearing.given, pointerPath(pointer)[0] ?? '')))
    return filled(question, intent, hearing, denies(text, reading) ? [] : reading.values);
  const aside = besides(question, intent, reading, hearing);
  const fits = reading.values.length > 0 && !denies(text, reading);
  const spans = [...reading.values.map(({ span }) => span), ...aside.agreeing];
  const rest = otherWords(intent, question.fields, spans, hearing);
  if (fits && aside.others.length === 0 && rest.length === 0) return filled(question, intent, hearing, reading.values);

  // "That one", where just one such thing was spoken of.
  const meant = fillFromMentions({ intent, input: question.turn.input, provenance: {}, text }, hearing);
  if (!fits && rest.length === 0 && said === undefined && question.fields.some((pointer) => meant.provenance[pointer]))
    return brought(question, intent, hearing, meant);

  // Nothing but values and everyday words: no request of its own, whatever a classifier makes of it.
  if (
    !fits &&
    leaf?.kind !== 'text' &&
    otherWords(intent, question.fields, [...spans, ...aside.unread], hearing).length === 0
  )
    return misfit(question, intent, hearing);

  const pointing = fits ? undefined : await resolveReference(hearing);
  if (pointing !== undefined) return pointing;
  const resolution = await hearing.resolve(text);
  const fresh: Turned = { kind: 'resolved', resolution, how: 'fresh' };
  const proposed = resolution.kind === 'proposal' ? resolution.proposal : undefined;
  if (fits) {
    if (proposed !== undefined && (proposed.intent.id !== intent.id || aside.others.length > 0)) return fresh;
    if (resolution.kind === 'several' || (resolution.kind === 'ask' && resolution.why === 'negated')) return fresh;
    return aside.others.length === 0
      ? filled(question, intent, hearing, reading.values)
      : unanswered(
          'does-not-fit',
          `"${shown(aside.others[0] ?? text)}" is more than was asked. Answer the question, or ask anew with everything in one sentence.`,
        );
  }
  if (leaf?.kind === 'text') {
    const request = proposed !== undefined && (proposed.intent.effect !== 'read' || proposed.confidence >= surely);
    if (request && proposed.intent.effect === 'read') return fresh;
    if (request)
      return unanswered(
        'does-not-fit',
        'Is this the answer, or something new? Put the answer in quotation marks; to ask for something new, say "never mind" first.',
      );
    return filled(question, intent, hearing, [{ pointer: leaf.pointer, value: bare(text), span: undefined }]);
  }
  if (proposed !== undefined || resolution.kind === 'several') return fresh;
  const described = describedField(question, intent, hearing);
  if (
    described !== undefined &&
    !denies(text, { values: [] }) &&
    said === undefined &&
    placeNamed(text, 1) === undefined
  )
    return { ...filled(question, intent, hearing, []), described: { pointer: described, words: text } } as Turned;
  if (resolution.kind === 'ask' && rest.length > 1) return fresh;
  return misfit(question, intent, hearing);
};

const misfit = ({ fields }: FieldsQuestion, intent: Intent, { text, resolveRef }: Hearing): Turned => {
  const asked = fields.map((pointer) => nameOf(intent, pointer, resolveRef)).join(' and ');
  return unanswered('does-not-fit', `"${shown(text)}" does not answer what was asked: ${asked}.`);
};

/** The one member that was asked for, where it is one that can be read from words. */
const loneLeaf = ({ fields }: FieldsQuestion, intent: Intent, { resolveRef }: Hearing) => {
  const leaves = leavesOf(narrowed(intent, fields), resolveRef).filter(({ pointer }) =>
    fields.some((asked) => isWithin(pointer, asked)),
  );
  return fields.length === 1 && leaves.length === 1 ? leaves[0] : undefined;
};

const optionMeant = ({ options }: FieldsQuestion, text: string) => {
  if (options.length === 0) return undefined;
  const byValue = options.find(({ value }) => fold(value) === fold(text.trim()));
  if (byValue !== undefined) return byValue;
  const place = placeNamed(text, options.length);
  if (place !== undefined) return options[place];
  const named = namedAmong(
    text,
    options.map(({ title }) => title),
  );
  return typeof named === 'number' ? options[named] : undefined;
};

/** The value is one a backend named: choosing it does not make it the caller's own word. */
const chosen = (question: FieldsQuestion, intent: Intent, hearing: Hearing, { value }: { value: string }): Turned => {
  const [pointer = ''] = question.fields;
  const turned = filled(question, intent, hearing, [{ pointer, value, span: undefined }]);
  return { ...turned, provenance: { ...turned.provenance, [pointer]: 'backend' } };
};

/** What was spoken of fills what was asked, and counts as what it was when it was spoken of. */
const brought = (
  question: FieldsQuestion,
  intent: Intent,
  hearing: Hearing,
  meant: ReturnType<typeof fillFromMentions>,
): Turned => {
  const pointers = question.fields.filter((pointer) => meant.provenance[pointer] !== undefined);
  const values = pointers.flatMap((pointer) => {
    const value = valueAt(meant.input, pointerPath(pointer)) as Json | undefined;
    return value === undefined ? [] : [{ pointer, value, span: undefined }];
  });
  const turned = filled(question, intent, hearing, values);
  const origins = Object.fromEntries(pointers.map((pointer) => [pointer, meant.provenance[pointer] ?? 'model']));
  return { ...turned, provenance: { ...turned.provenance, ...origins } };
};

const filled = (
  { turn }: FieldsQuestion,
  intent: Intent,
  { given }: Hearing,
  values: Reading['values'],
): Extract<Turned, { kind: 'proposal' }> => {
  let input: Input = turn.input;
  const provenance: Record<string, Provenance> = allCarried(turn.provenance);
  for (const { pointer, value } of values) {
    input = withValue(input, pointerPath(pointer), value);
    provenance[pointer] = 'user';
  }
  for (const [name, value] of Object.entries(given)) {
    input = withValue(input, [name], value as Json);
    provenance[`/${pointerSegment(name)}`] = 'input';
  }
  const { resolution, purpose } = turn;
  return { kind: 'proposal', how: 'answer', intent, input, provenance, resolution, purpose };
};

/**
 * What else the words hold, read for the whole intent: an answer must not pass over it, nor may it change anything. What
 * only repeats what is known already ("20 euros" where euros are the usual) does no harm.
 */
const besides = (
  { turn, fields }: FieldsQuestion,
  intent: Intent,
  { values }: Reading,
  hearing: Hearing,
): { others: string[]; agreeing: Span[]; unread: readonly Span[] } => {
  const { text, resolveRef } = hearing;
  const whole = readAll(intent, hearing);
  const isOwn = ({ start, end }: Span) =>
    values.some(({ span }) => span !== undefined && start < span.end && span.start < end);
  const agreeing: Span[] = [];
  const others: string[] = [];
  for (const { pointer, value, span } of whole.values) {
    if (span === undefined || isOwn(span) || fields.some((asked) => isWithin(pointer, asked))) continue;
    const path = pointerPath(pointer);
    const known = valueAt(turn.input, path) ?? schemaAt(intent.input, path, resolveRef)?.default;
    if (JSON.stringify(known) === JSON.stringify(value)) agreeing.push(span);
    else others.push(text.slice(span.start, span.end));
  }
  if (intent.effect !== 'read')
    for (const span of whole.unread)
      if (!isOwn(span) && !agreeing.some((other) => span.start < other.end && other.start < span.end))
        others.push(text.slice(span.start, span.end));
  return { others, agreeing, unread: whole.unread };
};

/** "not A-1001", "anything but that one": a value in such words is not the answer. */
const denies = (text: string, { values }: Pick<Reading, 'values'>): boolean =>
  words(text).some(
    ({ fold: word, start, end }) =>
      (denials.has(word) || word.endsWith("n't")) &&
      !values.some(({ span }) => span !== undefined && span.start <= start && end <= span.end),
  );
const denials = new Set('no not never except without neither nor nicht kein keine nie pas sin'.split(' '));

/** A field that was asked for by its identifier and may be described instead. */
const describedField = ({ fields }: FieldsQuestion, intent: Intent, { entities }: Hearing): string | undefined => {
  const able = fields.filter((pointer) => {
    const [name = '', ...inner] = pointerPath(pointer);
    const entity = inner.length === 0 ? entityOf(intent.input.properties?.[name] ?? {}) : undefined;
    return entities.some((one) => one.name === entity && one.resolve !== undefined);
  });
  return fields.length === 1 ? able[0] : undefined;
};

const nameOf = (intent: Intent, pointer: string, resolveRef: Hearing['resolveRef']): string =>
  schemaAt(intent.input, pointerPath(pointer), resolveRef)?.title ??
  (pointerPath(pointer).at(-1) ?? 'value').replaceAll(/[_-]+/g, ' ');

/** A text without the quotation marks around it. */
const bare = (text: string): string => text.trim().replace(/^["“«„'](.*)["”»“']$/su, '$1');

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
