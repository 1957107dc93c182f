import type { Provenance } from '../../intents/contract.ts';
import type { Input } from '../../intents/json.ts';
import { type Code, type Facts, OstiaryError } from '../../intents/problems.ts';
import type { Asked } from '../../policies/types.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import { shown } from './confirm.ts';
import type { Anywhere, Authenticated, Ended, Ending, Outcome } from './context.ts';
import { knownIntent } from './known-intent.ts';
import { withoutMasked } from './masked.ts';

/** An answer as it is kept for its key. What is of class secret is not in it. */
interface Kept {
  readonly at: string;
  readonly outcome:
    | { readonly kind: 'completed'; readonly output: unknown }
    | { readonly kind: 'unknown'; readonly code: Code; readonly message: string; readonly facts: Facts }
    | { readonly kind: 'confirm'; readonly id: string }
    | { readonly kind: 'approved' | 'declined' };
  readonly session: string | undefined;
  readonly intent: { readonly name: string; readonly major: number; readonly version: string } | undefined;
  readonly input: Input;
  readonly provenance: Readonly<Record<string, Provenance>> | undefined;
  readonly resolution: Asked['resolution'] | undefined;
}

/**
 * What is kept of how a request ended, so that it can be given again: where something was done, may have been done, or
 * waits for a yes. Of anything else nothing came, and whoever tries again with the key may fare better.
 * @returns undefined where nothing is kept
 */
export const keptAnswer = (ended: Ended, gate: Gate): { text: string; expiresMs: number } | undefined => {
  const { context, session } = ended;
  const outcome = keptOutcome(ended.outcome, context);
  if (outcome === undefined) return undefined;
  const { compiled, request } = context;
  const kept: Kept = {
    at: request.now.toISOString(),
    outcome,
    session,
    intent: compiled && {
      name: compiled.intent.name,
      major: compiled.intent.major,
      version: compiled.intent.version,
    },
    input: compiled === undefined ? {} : withoutMasked(context.asked?.input ?? context.input ?? {}, compiled.secret),
    provenance: context.provenance,
    resolution: context.resolution,
  };
  const full = request.now.getTime() + gate.config.idempotency.keep;
  const expiresMs =
    ended.outcome.kind === 'confirm' ? Math.min(full, Date.parse(ended.outcome.pending.expiresAt)) : full;
  return { text: JSON.stringify(kept), expiresMs };
};

const keptOutcome = (outcome: Outcome, { compiled }: Anywhere): Kept['outcome'] | undefined => {
  switch (outcome.kind) {
    case 'completed':
      if (compiled === undefined || !changes(compiled.intent.effect)) return undefined;
      return { kind: 'completed', output: withoutMasked(outcome.output, compiled.secretOutput) };
    case 'unknown': {
      const { code, message, facts } = outcome.error;
      return { kind: 'unknown', code, message, facts };
    }
    case 'confirm':
      return { kind: 'confirm', id: outcome.pending.id };
    case 'approved':
    case 'declined':
      return { kind: outcome.kind };
    default:
      return undefined;
  }
};

/** The answer to a write that was found out about later, to be given for its key from then on. */
export const settledAnswer = (
  output: unknown,
  now: Date,
  about: Pick<Kept, 'intent' | 'input' | 'provenance' | 'resolution'>,
): string => {
  const kept: Kept = { at: now.toISOString(), session: undefined, ...about, outcome: { kind: 'completed', output } };
  return JSON.stringify(kept);
};

/**
 * Gives a kept answer again, to a caller who may still know of what it is about.
 * @param first the request whose answer it is
 */
export const again = async (context: Authenticated, gate: Gate, first: string, text: string): Promise<Ending> => {
  const { outcome, at, session, intent, input, provenance, resolution } = JSON.parse(text) as Kept;
  const compiled = intent && knownIntent(context, gate, intent.name, intent.major);
  const replayed = { request: first, at, session };
  if (intent !== undefined && compiled === undefined)
    throw new OstiaryError('intent.unknown', 'What this Idempotency-Key was used for is not there for this caller.');
  const here: Anywhere = {
    ...context,
    replayed,
    ...(compiled && { compiled, input }),
    ...(provenance && { provenance }),
    ...(resolution && { resolution }),
  };
  switch (outcome.kind) {
    case 'unknown':
      return {
        outcome: { kind: 'unknown', error: new OstiaryError(outcome.code, outcome.message, outcome.facts) },
        context: here,
      };
    case 'confirm': {
      const pending = await gate.store.confirmations.get(outcome.id);
      if (pending === undefined || compiled === undefined)
        throw new OstiaryError('confirm.unknown', 'What this Idempotency-Key asked for has been answered.');
      return { outcome: { kind: 'confirm', pending, ...shown(pending, compiled) }, context: here };
    }
    default:
      return { outcome, context: here };
  }
};
