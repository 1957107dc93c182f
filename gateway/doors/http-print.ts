import type { Intent } from '../../intents/contract.ts';
import { OstiaryError, type Problem, toProblem } from '../../intents/problems.ts';
import type { Pending } from '../../policies/confirmations.ts';
import type { CompiledIntent } from '../compile.ts';
import type { shown } from '../road/confirm.ts';
import type { Ended, Mark, Part } from '../road/context.ts';
import { printStanding } from './reputation.ts';

export interface Printed {
  readonly status: number;
  readonly body: unknown;
  /** Whether the body is RFC 9457 problem details. */
  readonly problem: boolean;
}

/** The answer to an ask, an explain or a confirmation: a conversation, so a question back is a success. */
export const printConversation = (ended: Ended, trace: boolean): Printed => {
  const { outcome, road } = ended;
  const shared = {
    outcome: outcome.kind,
    request: idOf(ended),
    ...(ended.session === undefined ? {} : { session: ended.session }),
    ...understood(ended),
    ...(trace ? { road: road.map(printMark), ...printCandidates(ended) } : {}),
  };
  switch (outcome.kind) {
    case 'completed':
      return ok({ ...shared, output: outcome.output });
    case 'clarify':
      return ok({
        ...shared,
        message: outcome.question,
        ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
        ...(outcome.options === undefined ? {} : { options: outcome.options }),
        ...(outcome.parts === undefined ? {} : { parts: outcome.parts.map(printPart) }),
        ...(outcome.intent === undefined
          ? { candidates: outcome.candidates.map((intent) => ({ ...printCandidate(intent), input: intent.input })) }
          : { intent: outcome.intent.name, fields: outcome.fields, known: outcome.known }),
      });
    case 'confirm':
      return ok({
        ...shared,
        message: outcome.text,
        confirmation: { ...printPending(outcome.pending), values: outcome.values },
      });
    case 'approved':
      return ok({ ...shared, message: 'Approved. Whoever asked for it can go on.' });
    case 'declined':
      return ok({ ...shared, message: 'Nothing was done.' });
    case 'out_of_scope':
      return ok({
        ...shared,
        message: 'This is not something that can be asked here.',
        can_ask: outcome.suggestions.map(printCandidate),
      });
    case 'explained':
      return ok({ ...shared, ...printPlan(ended) });
    default:
      return problem({ ...toProblem(outcome.error, idOf(ended)), ...shared });
  }
};

/** The answer to a typed call: the output itself, or problem details; a question back is no success to a program. */
export const printTyped = (ended: Ended): Printed => {
  const { outcome, context } = ended;
  const id = idOf(ended);
  const intent = context.compiled?.intent;
  switch (outcome.kind) {
    case 'completed':
      return ok(outcome.output ?? null);
    case 'confirm': {
      const { pending, text, values } = outcome;
      const first = pending.by === 'other-human' ? 'the yes of another person, and then yours' : 'a yes';
      const message = `${intent?.name} needs ${first} first: POST /v1/confirmations/${pending.id} {"confirm": true}.`;
      const confirmation = { ...printPending(pending), text, values };
      return problem(toProblem(new OstiaryError('confirm.required', message, { confirmation }), id));
    }
    case 'denied':
    case 'failed':
    case 'unknown':
      return problem({ ...toProblem(outcome.error, id), outcome: outcome.kind });
    default:
      return problem(toProblem(new Error(`a typed call ended as ${outcome.kind}`), id));
  }
};

/** One intent as a caller sees it in lists. */
export const printIntent = (intent: Intent, purposes: readonly string[]): Record<string, unknown> => ({
  intent: intent.name,
  version: intent.version,
  title: intent.title,
  description: intent.description,
  effect: intent.effect,
  purposes,
  examples: intent.examples.slice(0, 3).map(({ text }) => text),
  input: intent.input,
  ...(intent.output === undefined ? {} : { output: intent.output }),
  ...(intent.deprecated && { deprecated: intent.deprecated }),
  call: `POST /v1/intents/${intent.name}`,
});

/** What waits for somebody's yes, as those see it who may give it. */
export const printWaiting = (pending: Pending, { text, values }: ReturnType<typeof shown>, mine: boolean) => ({
  ...printPending(pending),
  intent: pending.intent.name,
  version: pending.intent.version,
  purpose: pending.purpose?.name ?? null,
  asked_by: pending.principal,
  asked_at: pending.createdAt,
  mine,
  approved: pending.approvedBy !== undefined,
  text,
  values,
});

const printPending = ({ id, expiresAt, by, binding }: Pending) => ({
  id,
  // What a proof of the level "signed-plan" signs.
  plan: binding,
  expires_at: expiresAt,
  ...(by === 'other-human' ? { by } : {}),
});

/** An answer that is given again is that of the first request, which did what it says. */
const idOf = ({ context: { request, replayed } }: Ended): string => replayed?.request ?? request.id;

const ok = (body: unknown): Printed => ({ status: 200, body, problem: false });
const problem = (body: Problem): Printed => ({ status: body.status, body, problem: true });

const printMark = ({ step, ms, note }: Mark) => ({ step, ms: Math.round(ms * 1000) / 1000, note: note() });

const printPart = ({ text, candidates }: Part) => ({ text, candidates: candidates.map(printCandidate) });

const printCandidate = ({ name, version, title, effect, examples }: Intent) => ({
  intent: name,
  version,
  title,
  effect,
  ...(examples[0] === undefined ? {} : { example: examples[0].text }),
});

const understood = ({ context, outcome }: Ended): Record<string, unknown> => {
  const { compiled, resolution, provenance, asked, input } = context;
  // A refusal that must not name an intent has none in its context; nor does a question about which one.
  if (compiled === undefined || resolution === undefined) return {};
  return {
    intent: compiled.intent.name,
    version: compiled.intent.version,
    via: resolution.tier,
    confidence: Math.round(resolution.confidence * 100) / 100,
    ...(outcome.kind === 'clarify' ? {} : { input: asked?.input ?? input, provenance }),
  };
};

const printCandidates = ({
  context: { candidates = [], notes = [], trail = [], telling },
}: Ended): Record<string, unknown> => ({
  ranking: candidates.map(({ intent, confidence }) => ({
    intent: intent.name,
    confidence: Math.round(confidence * 100) / 100,
  })),
  ...(telling && { words: telling.map(({ text, weight }) => ({ text, weight: Math.round(weight * 100) / 100 })) }),
  ...(trail.length > 0 && { tiers: trail.map(({ ms, ...visit }) => ({ ...visit, ms: Math.round(ms * 1000) / 1000 })) }),
  notes,
});

const printPlan = ({ context }: Ended): Record<string, unknown> => {
  const { decision, compiled, asked } = context;
  if (decision === undefined || compiled === undefined || asked === undefined) return {};
  return {
    title: compiled.intent.title,
    effect: compiled.intent.effect,
    decision: {
      id: decision.id,
      outcome: decision.outcome,
      reason: decision.reason.user,
      obligations: decision.obligations.map(({ rule: _ours, ...obligation }) => obligation),
      ...(decision.fields === undefined || decision.outcome === 'deny' ? {} : { fields: decision.fields }),
    },
    ...(context.standing && {
      reputation: printStanding(context.standing, compiled.intent.effect, asked.context.now.getTime()),
    }),
    ...(decision.outcome === 'permit' ? { would_call: printCall(compiled, context.prepared ?? asked) } : {}),
  };
};

const printCall = (
  { intent, plan }: CompiledIntent,
  given: NonNullable<Ended['context']['prepared']>,
): Record<string, unknown> => {
  const { backend } = intent.call;
  if ('refused' in given) return { backend, refused: given.refused };
  try {
    return { backend, ...plan.preview(given.input) };
  } catch (error) {
    return { backend, refused: (error as Error).message };
  }
};
