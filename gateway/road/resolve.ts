import type { Provenance } from '../../intents/contract.ts';
import { type Input, pointerSegment } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { Proposal, RequestPart } from '../../intents/resolve/types.ts';
import type { Pending } from '../../policies/confirmations.ts';
import type { CompiledIntent } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated, Ending, Outcome, Resolved } from './context.ts';

/** Which intent, with which values, each from where. Words go through the resolver; a typed call names its intent itself. */
export const resolve = (context: Authenticated, gate: Gate): Resolved | Ending | Promise<Resolved | Ending> => {
  const { what } = context.request;
  switch (what.kind) {
    case 'typed':
      return typed(context, gate, what.name, what.major, what.input);
    case 'ask':
      return words(context, gate, what.text, what.given);
    case 'confirmation':
      return confirmation(context, gate, what.id);
  }
};

/** What is shown first to somebody who does not know what can be asked. */
const harm = { read: 0, write: 1, destructive: 2 } as const;
const certain = { tier: 'direct', confidence: 1, margin: 1 } as const;

const typed = (context: Authenticated, gate: Gate, name: string, major: number | undefined, input: Input): Resolved => {
  const compiled = known(context, gate, name, major);
  if (compiled === undefined)
    throw new OstiaryError(
      'intent.unknown',
      `There is no intent "${major === undefined ? name : `${name}@${major}`}" for this caller. GET /v1/intents lists those there are.`,
    );
  return {
    ...context,
    compiled,
    input,
    provenance: allFrom(input, 'input'),
    resolution: certain,
    candidates: [],
    notes: [],
    pending: undefined,
  };
};

const words = async (context: Authenticated, gate: Gate, text: string, given: Input): Promise<Resolved | Ending> => {
  const { principal, request } = context;
  const resolution = await gate.resolver.resolve(text, {
    now: request.now,
    visible: (intent) => gate.bundle.visibility(principal, intent) !== 'hidden',
    signal: request.signal,
    given,
  });
  const { candidates: found, notes } = resolution;
  const understood = { ...context, candidates: found, notes };
  if (resolution.kind === 'proposal') return proposed(understood, gate, resolution.proposal, given);
  if (resolution.kind === 'ask' && found.length > 0) {
    const candidates = found.slice(0, 3).map(({ intent }) => intent);
    const question =
      resolution.why === 'negated' && candidates[0] !== undefined
        ? `Do you want this done or not: ${candidates[0].title.toLowerCase()}?`
        : candidates.length === 1
          ? `Do you mean this: ${candidates[0]?.title.toLowerCase()}?`
          : 'Which of these do you mean?';
    const outcome: Outcome = { kind: 'clarify', question, intent: undefined, fields: [], candidates, known: {} };
    return { outcome, context: understood };
  }
  if (resolution.kind === 'several') return { outcome: oneByOne(resolution.parts), context: understood };
  const suggestions = gate.catalogue.intents
    .filter((intent) => gate.bundle.visibility(principal, intent) === 'callable')
    .sort((a, b) => harm[a.effect] - harm[b.effect])
    .slice(0, 12);
  return { outcome: { kind: 'out_of_scope', suggestions }, context: understood };
};

const oneByOne = (found: readonly RequestPart[]): Outcome => {
  const parts = found.map(({ text, candidates }) => ({ text, candidates: candidates.map(({ intent }) => intent) }));
  const named = parts.map(({ text }, index) => `${index + 1}. ${text}`).join(' ');
  return {
    kind: 'clarify',
    question: `These are ${parts.length} requests, and nothing of them was done. Which one first? ${named}`,
    intent: undefined,
    fields: [],
    candidates: [],
    parts,
    known: {},
  };
};

const proposed = (
  context: Authenticated & Pick<Resolved, 'candidates' | 'notes'>,
  gate: Gate,
  proposal: Proposal,
  given: Input,
): Resolved => {
  const compiled = gate.compiled.get(proposal.intent.id);
  if (compiled === undefined) throw new Error(`the resolver proposed ${proposal.intent.id}, which is not compiled`);
  // Anything the resolver cannot account for counts as made up by a model.
  const provenance: Record<string, Provenance> = allFrom(proposal.input, 'model');
  for (const { pointer, provenance: from } of proposal.slots) {
    // Where a member is told apart, its parent as a whole comes from nowhere in particular.
    if (pointer.lastIndexOf('/') > 0) delete provenance[`/${pointer.split('/')[1]}`];
    provenance[pointer] = from;
  }
  for (const name of Object.keys(given)) provenance[`/${pointerSegment(name)}`] = 'input';
  const { tier, confidence, margin } = proposal;
  return {
    ...context,
    compiled,
    input: { ...proposal.input, ...given },
    provenance,
    resolution: { tier, confidence, margin },
    pending: undefined,
  };
};

const confirmation = async (context: Authenticated, gate: Gate, id: string): Promise<Resolved | Ending> => {
  const { request } = context;
  const pending = await gate.store.confirmations.get(id).catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'Confirmations cannot be read at the moment.', {}, error);
  });
  if (pending === undefined || !isTheirs(pending, context))
    throw new OstiaryError(
      'confirm.unknown',
      'There is no confirmation with this id for this caller, or it has been used.',
    );
  if (Date.parse(pending.expiresAt) <= request.now.getTime())
    throw new OstiaryError('confirm.expired', `This had to be confirmed by ${pending.expiresAt}. Ask again.`);
  const compiled = known(context, gate, pending.intent.name, pending.intent.major);
  if (compiled === undefined) throw new OstiaryError('confirm.void', 'What was to be confirmed is no longer offered.');
  const { input, provenance, resolution, purpose } = pending;
  return { ...context, purpose, compiled, input, provenance, resolution, candidates: [], notes: [], pending };
};

/** What a policy hides is to its caller as if it did not exist. */
const known = (
  { principal }: Authenticated,
  gate: Gate,
  name: string,
  major: number | undefined,
): CompiledIntent | undefined => {
  const intent = gate.catalogue.find(name, major);
  return intent === undefined || gate.bundle.visibility(principal, intent) === 'hidden'
    ? undefined
    : gate.compiled.get(intent.id);
};

const isTheirs = ({ tenant, principal }: Pending, context: Authenticated): boolean =>
  tenant === context.principal.tenant &&
  principal.type === context.principal.type &&
  principal.id === context.principal.id;

const allFrom = (input: Input, from: Provenance): Record<string, Provenance> => {
  const provenance: Record<string, Provenance> = {};
  for (const name of Object.keys(input)) provenance[`/${pointerSegment(name)}`] = from;
  return provenance;
};
