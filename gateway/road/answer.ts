import { type Code, OstiaryError } from '../../intents/problems.ts';
import type { Beside } from '../../policies/ports.ts';
import type { Principal } from '../../policies/types.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Ended, Outcome } from './context.ts';
import { outcomeEntry, whoOf } from './entry.ts';
import { keptAnswer } from './kept-answer.ts';
import { takeNote } from './take-note.ts';

/** Above so many entries that are not yet on disk a request waits for its own: memory stays bounded. */
const maxBacklog = 10_000;

/**
 * Every road ends here: permitted, refused, asked back, timed out, thrown, hung up. The outcome of a write is on disk
 * before its caller hears of it; that of a read follows within milliseconds, with others.
 */
export const answer = (ended: Ended, gate: Gate): Ended | Promise<Ended> => {
  const { context, outcome } = ended;
  if ('error' in outcome && (outcome.error.code === 'internal' || outcome.error.cause !== undefined))
    gate.log('error', outcome.error.message, {
      request: context.request.id,
      code: outcome.error.code,
      cause: String(outcome.error.cause),
    });
  takeNote(ended, gate);
  gate.telemetry.meters?.ended(ended);
  context.settle?.(outcome.kind === 'completed' || outcome.kind === 'unknown');
  const wrote = context.compiled !== undefined && changes(context.compiled.intent.effect) && !context.request.explain;
  const waits = wrote || context.claim !== undefined || gate.store.audit.backlog() > maxBacklog;
  const kept = gate.store.audit
    .append(
      JSON.stringify(outcomeEntry(ended, gate.config.audit.words)),
      waits ? 'none' : 'some',
      besideOutcome(ended, gate),
    )
    .catch((error: unknown) =>
      gate.log('error', 'an outcome could not be recorded', { request: context.request.id, cause: String(error) }),
    );
  return waits ? kept.then(() => ended) : ended;
};

/** What the outcome settles: the write, unless nobody knows what became of it, and the key. */
const besideOutcome = (ended: Ended, gate: Gate): Beside | undefined => {
  const { context, outcome } = ended;
  const { opened, claim, request } = context;
  if (!opened && claim === undefined) return undefined;
  const answer = claim && keptAnswer(ended, gate);
  return {
    ...(opened && outcome.kind !== 'unknown' && { closes: request.id }),
    ...(claim && { claim: { ...claim, ...(answer && { answer }) } }),
  };
};

/** What is known of a request that never came to the road. */
export interface Refused {
  readonly parent?: string | undefined;
  readonly trace?: string | undefined;
  readonly principal?: Principal | undefined;
  /** Left out, it could not be read. */
  readonly asked?: 'typed' | 'ask' | 'unreadable';
  /** As it was asked for. */
  readonly name?: string | undefined;
}

/** Records a request that was refused before it was read: bad JSON, an unknown address, too large a body, no time for it. */
export const recordRefusal = (
  gate: Gate,
  request: string,
  door: string,
  code: Code,
  { parent, trace, principal, asked = 'unreadable', name }: Refused = {},
): void => {
  gate.telemetry.meters?.refused(door, asked, code);
  const entry = {
    kind: 'outcome',
    request,
    parent,
    trace,
    at: new Date().toISOString(),
    door,
    asked,
    name,
    principal: principal && whoOf(principal),
    outcome: 'failed',
    code,
  };
  gate.store.audit
    .append(JSON.stringify(entry), 'some')
    .catch((error: unknown) => gate.log('error', 'a refusal could not be recorded', { request, cause: String(error) }));
};

/** What a step threw, as an outcome. */
export const thrown = (error: unknown): Outcome => {
  if (!(error instanceof OstiaryError))
    return { kind: 'failed', error: new OstiaryError('internal', 'The request could not be carried out.', {}, error) };
  const denials = [
    'credentials.missing',
    'credentials.invalid',
    'purpose.not_allowed',
    'policy.denied',
    'credentials.step_up',
    'credentials.proof',
    'intent.unknown',
  ];
  return denials.includes(error.code) ? { kind: 'denied', error } : { kind: 'failed', error };
};
