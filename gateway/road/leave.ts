import { broughtAlong, remember } from '../../intents/resolve/conversation/remember.ts';
import type { Conversation, PendingQuestion, Turn } from '../../intents/resolve/conversation/state.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Anywhere, Ended, Outcome } from './context.ts';

/**
 * What an ask leaves for the next one, as a token for the caller to keep.
 * @returns undefined where nobody is known to whom it could be bound, or it fits into no token
 */
export const leave = async ({ context, outcome }: Ended, gate: Gate): Promise<string | undefined> => {
  const { principal, request } = context;
  if (principal === undefined) return undefined;
  try {
    return await gate.sessions.seal(after(context, outcome), principal, request.now);
  } catch (error) {
    gate.log('error', 'a session could not be made', { request: request.id, cause: String(error) });
    return undefined;
  }
};

const nothing: Conversation = { mentions: [] };

const after = (context: Anywhere, outcome: Outcome): Conversation => {
  const before = context.conversation ?? nothing;
  // What was no answer leaves the question as it was; but who wanted something changed shall not say yes to it unchanged.
  if (context.turn === 'unanswered') {
    const { pending, ...rest } = before;
    return pending?.kind === 'confirmation' ? rest : before;
  }
  const turn = turnOf(context, outcome);
  return remember(before, {
    turn,
    intent: context.compiled?.intent,
    output: outcome.kind === 'completed' ? outcome.output : undefined,
    pending: questionOf(context, outcome, turn),
  });
};

const turnOf = ({ compiled, input, asked, provenance, resolution, purpose }: Anywhere, outcome: Outcome) => {
  if (compiled === undefined || input === undefined || provenance === undefined || resolution === undefined)
    return undefined;
  const { intent, secret } = compiled;
  const turn: Turn = {
    intent: intent.id,
    version: intent.version,
    ...broughtAlong(asked?.input ?? input, provenance, secret),
    resolution,
    ...(purpose === undefined ? {} : { purpose: purpose.name }),
    done: changes(intent.effect) && (outcome.kind === 'completed' || outcome.kind === 'unknown'),
  };
  return turn;
};

const questionOf = (
  { request, purpose }: Anywhere,
  outcome: Outcome,
  turn: Turn | undefined,
): PendingQuestion | undefined => {
  if (outcome.kind === 'confirm') return { kind: 'confirmation', id: outcome.pending.id };
  if (outcome.kind !== 'clarify') return undefined;
  const { intent, fields, candidates, parts, options = [] } = outcome;
  if (parts !== undefined) return { kind: 'parts', texts: parts.map(({ text }) => text) };
  if (intent !== undefined && turn !== undefined)
    return { kind: 'fields', turn, fields: fields.map(({ pointer }) => pointer), options };
  if (candidates.length === 0 || request.what.kind !== 'ask') return undefined;
  const { text, given } = request.what;
  return {
    kind: 'intents',
    text,
    given,
    candidates: candidates.map(({ id, version }) => ({ intent: id, version })),
    ...(purpose === undefined ? {} : { purpose: purpose.name }),
  };
};
