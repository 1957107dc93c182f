import { OstiaryError } from '../../intents/problems.ts';
import type { PendingQuestion } from '../../intents/resolve/conversation/state.ts';
import { takeTurn } from '../../intents/resolve/conversation/turn.ts';
import type { Turned } from '../../intents/resolve/conversation/turned.ts';
import type { ReadingContext } from '../../intents/resolve/slots/utterance.ts';
import type { Resolution } from '../../intents/resolve/types.ts';
import type { Gate } from '../gate.ts';
import { purposeOf } from './authenticate.ts';
import type { AskRequest, Authenticated, Ending, Outcome, Resolved } from './context.ts';
import { fieldQuestion, knownOf } from './field-question.ts';
import { held } from './held.ts';
import { understood } from './understood.ts';

/**
 * Takes words as a turn of a conversation. What the conversation brings along is a proposal like any other: it is
 * validated, decided on and confirmed from the beginning.
 * @throws OstiaryError `session.unknown`, `session.expired`
 */
export const converse = async (
  context: Authenticated,
  gate: Gate,
  what: AskRequest & { readonly session: string },
  resolve: (text: string) => Promise<Resolution>,
  here: ReadingContext,
): Promise<Resolved | Ending> => {
  const { principal, request } = context;
  const conversation = await gate.sessions.open(what.session, principal, request.now);
  const find = findFor(context, gate);
  const turned = await takeTurn({
    text: what.text,
    given: what.given,
    state: conversation,
    context: here,
    entities: gate.catalogue.entities,
    resolveRef: gate.catalogue.library.resolveRef,
    find: (id, version) => find(id, version)?.intent,
    resolve,
  });
  const inside = { ...context, conversation };
  switch (turned.kind) {
    case 'resolved':
      return understood({ ...inside, turn: turned.how }, gate, turned.resolution, what.given);
    case 'proposal':
      return continued({ ...inside, turn: turned.how }, gate, turned);
    case 'confirmation': {
      // The same way as an answer to POST /v1/confirmations/{id}: nothing is decided here.
      const answer = { kind: 'confirmation', id: turned.id, confirm: turned.confirm } as const;
      return held({ ...inside, turn: 'confirmation', request: { ...request, what: answer } }, gate, turned.id);
    }
    case 'dismissed':
      return { outcome: { kind: 'declined' }, context: { ...inside, turn: 'dismissed' } };
    case 'unanswered':
      return {
        outcome: askAgain(conversation.pending, turned, inside, gate),
        context: { ...inside, turn: 'unanswered' },
      };
  }
};

/** The intent of that id and version, where it is still offered and this caller may know of it. */
const findFor =
  ({ principal }: Authenticated, gate: Gate) =>
  (id: string, version: string) => {
    const compiled = gate.compiled.get(id);
    return compiled?.intent.version === version && gate.bundle.visibility(principal, compiled.intent) !== 'hidden'
      ? compiled
      : undefined;
  };

const continued = async (
  context: Authenticated,
  gate: Gate,
  { intent, input, provenance, resolution, purpose, how, described, spoken }: Extract<Turned, { kind: 'proposal' }>,
): Promise<Resolved> => {
  const { request, principal, conversation } = context;
  const compiled = gate.compiled.get(intent.id);
  if (compiled === undefined) throw new Error(`the conversation is about ${intent.id}, which is not compiled`);
  // What was held back with other values must not be let through by a late yes.
  if (how === 'change' && conversation?.pending?.kind === 'confirmation' && !request.explain)
    await gate.store.confirmations.consume(conversation.pending.id).catch((error: unknown) => {
      throw new OstiaryError('store.unavailable', 'The question cannot be taken back, so nothing changed.', {}, error);
    });
  // Why it was asked goes on with what was asked, where the credential still carries it.
  const brought = request.purpose === undefined && purpose !== undefined;
  const known = brought ? purposeOf(purpose, principal, gate.bundle.purposes) : undefined;
  return {
    ...context,
    purpose: known === undefined ? context.purpose : { name: known.name, source: 'session' },
    compiled,
    input,
    provenance,
    resolution,
    candidates: [],
    notes: [],
    pending: undefined,
    ...(described === undefined ? {} : { described }),
    ...(spoken === undefined ? {} : { spoken }),
  };
};

/** Says why the words were no answer, and asks what was asked before. */
const askAgain = (
  pending: PendingQuestion | undefined,
  { why, message }: Extract<Turned, { kind: 'unanswered' }>,
  context: Authenticated,
  gate: Gate,
): Outcome => {
  const find = findFor(context, gate);
  const again = {
    kind: 'clarify',
    reason: why,
    question: message,
    intent: undefined,
    fields: [],
    candidates: [],
    known: {},
  } as const;
  if (pending?.kind === 'fields') {
    const { turn, fields, options } = pending;
    const compiled = find(turn.intent, turn.version);
    if (compiled === undefined) return again;
    return {
      ...again,
      intent: compiled.intent,
      fields: fields.map((pointer) => fieldQuestion({ pointer, detail: 'is required' }, compiled, gate)),
      known: knownOf(turn.input, turn.provenance, fields),
      ...(options.length === 0 ? {} : { options }),
    };
  }
  if (pending?.kind === 'intents') {
    const offered = pending.candidates.flatMap(({ intent, version }) => find(intent, version)?.intent ?? []);
    return { ...again, candidates: offered };
  }
  return pending?.kind === 'parts'
    ? { ...again, parts: pending.texts.map((text) => ({ text, candidates: [] })) }
    : again;
};
