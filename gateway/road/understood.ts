import type { Provenance } from '../../intents/contract.ts';
import { type Input, pointerSegment } from '../../intents/json.ts';
import type { Proposal, RequestPart, Resolution } from '../../intents/resolve/types.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated, Ending, Outcome, Resolved } from './context.ts';

/** What is shown first to somebody who does not know what can be asked. */
const harm = { read: 0, write: 1, destructive: 2 } as const;

/** What follows of the way words were resolved: a proposal goes on, anything else is a question back or out of scope. */
export const understood = (
  context: Authenticated,
  gate: Gate,
  resolution: Resolution,
  given: Input,
): Resolved | Ending => {
  const { principal } = context;
  const { candidates: found, notes, trail = [] } = resolution;
  const heard = { ...context, candidates: found, notes, trail, ...tellingOf(context, gate, resolution) };
  if (resolution.kind === 'proposal') {
    const { described } = resolution.proposal;
    const taken = proposed(heard, gate, resolution.proposal, given);
    if (described === undefined) return taken;
    const { pointer, words, otherwise } = described;
    const instead = understood(context, gate, otherwise, given);
    return { ...taken, described: { pointer, words, ...('outcome' in instead ? { otherwise: instead } : {}) } };
  }
  if (resolution.kind === 'several') return { outcome: oneByOne(resolution.parts), context: heard };
  if (resolution.kind === 'ask' && found.length > 0) {
    const candidates = found.slice(0, 3).map(({ intent }) => intent);
    const question =
      resolution.why === 'negated' && candidates[0] !== undefined
        ? `Do you want this done or not: ${candidates[0].title.toLowerCase()}?`
        : candidates.length === 1
          ? `Do you mean this: ${candidates[0]?.title.toLowerCase()}?`
          : 'Which of these do you mean?';
    const outcome: Outcome = { kind: 'clarify', question, intent: undefined, fields: [], candidates, known: {} };
    return { outcome, context: heard };
  }
  const suggestions = gate.catalogue.intents
    .filter((intent) => gate.bundle.visibility(principal, intent) === 'callable')
    .sort((a, b) => harm[a.effect] - harm[b.effect])
    .slice(0, 12);
  return { outcome: { kind: 'out_of_scope', suggestions }, context: heard };
};

const tellingOf = (
  { request }: Authenticated,
  gate: Gate,
  { candidates: [first] }: Resolution,
): Pick<Resolved, 'telling'> => {
  if (!request.explain || request.what.kind !== 'ask' || first === undefined) return {};
  const { text } = request.what;
  const weighed = gate.resolver.weigh(text, first.intent);
  return { telling: weighed.map(({ start, end, weight }) => ({ text: text.slice(start, end), weight })) };
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
  const { what } = context.request;
  const spans = proposal.slots.flatMap(({ span }) => span ?? []);
  return {
    ...context,
    ...(what.kind === 'ask' ? { spoken: { text: what.text, spans } } : {}),
    compiled,
    input: { ...proposal.input, ...given },
    provenance,
    resolution: { tier, confidence, margin },
    pending: undefined,
  };
};

/** One origin for every member of an input. */
export const allFrom = (input: Input, from: Provenance): Record<string, Provenance> => {
  const provenance: Record<string, Provenance> = {};
  for (const name of Object.keys(input)) provenance[`/${pointerSegment(name)}`] = from;
  return provenance;
};
