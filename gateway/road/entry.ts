import type { Facts } from '../../intents/problems.ts';
import { decisionEntry } from '../../policies/record.ts';
import type { Principal } from '../../policies/types.ts';
import type { Config } from '../config-document.ts';
import type { Admitted, Anywhere, Ended, Outcome } from './context.ts';
import { withoutMasked, wordsWithoutMasked } from './masked.ts';

/** One line of the audit log. Both kinds name the request; a write has two, anything else one. */
export interface Entry {
  readonly kind: 'ahead' | 'outcome';
  readonly request: string;
  readonly at: string;
  readonly [member: string]: unknown;
}

/** What a write may do, before the backend hears of it. */
export const aheadEntry = (context: Admitted): Entry => ({
  kind: 'ahead',
  request: context.request.id,
  trace: context.request.trace?.id,
  at: new Date().toISOString(),
  ...about(context),
  call: operationOf(context),
});

/** How a request ended: every request has exactly one. Members that are undefined are not there in JSON. */
export const outcomeEntry = ({ context, outcome, road }: Ended, words: Config['audit']['words']): Entry => {
  const { request, decision } = context;
  const asked = request.what;
  const steps: (string | number)[][] = [];
  for (const { step, ms } of road) steps.push([step, Math.round(ms * 1000)]);
  return {
    kind: 'outcome',
    request: request.id,
    parent: request.parent,
    // Of all that was done for one caller, here and elsewhere.
    trace: request.trace?.id,
    at: new Date().toISOString(),
    door: request.door,
    asked: context.evaluation ? 'evaluation' : request.explain ? `explain ${asked.kind}` : asked.kind,
    evaluation: context.evaluation,
    words: asked.kind === 'ask' && words === 'keep' ? wordsOf(asked.text, context) : undefined,
    // An unknown or hidden name is told as it was asked; what it resolved to is in `intent`.
    name: asked.kind === 'typed' && context.compiled === undefined ? asked.name : undefined,
    turn: context.turn,
    // Microseconds, and what was paid for.
    tiers: context.trail?.map(({ ms, ...visit }) => ({ ...visit, us: Math.round(ms * 1000) })),
    answers: asked.kind === 'confirmation' ? asked.id : undefined,
    // The answer of that request was given again; nothing was done.
    replays: context.replayed?.request,
    ...about(context),
    decision:
      decision === undefined || context.asked === undefined
        ? undefined
        : decisionEntry(decision, context.asked, context.footprint ?? {}, context.shadowed),
    outcome: outcome.kind,
    ...detail(outcome),
    // Microseconds.
    road: steps,
  };
};

const about = ({ principal, purpose, compiled, forwarded, asked, input, provenance, resolution }: Anywhere) => ({
  principal: principal && { ...whoOf(principal), proof: asked?.proof ?? principal.proof },
  purpose,
  intent: compiled === undefined ? undefined : `${compiled.intent.name}@${compiled.intent.version}`,
  // The caller knows it by an earlier major; the values are those of this one.
  called: forwarded?.from,
  effect: compiled?.intent.effect,
  input: compiled === undefined ? undefined : withoutMasked(asked?.input ?? input ?? {}, compiled.masked),
  provenance,
  // A typed call was not resolved from anything.
  resolution: resolution?.tier === 'direct' ? undefined : resolution,
});

/** Who asked, as entries tell it. */
export const whoOf = ({ tenant, type, id, credential, token }: Principal) => ({
  tenant,
  type,
  id,
  credential: credential.id,
  // By these it could be revoked; nothing secret is in them.
  links: token?.links,
});

const operationOf = ({ compiled }: Admitted): string => {
  const { call } = compiled.intent;
  switch (call.kind) {
    case 'rest':
      return `${call.backend}: ${call.method} ${call.path}`;
    case 'graphql':
      return `${call.backend}: graphql`;
    case 'grpc':
      return `${call.backend}: ${call.service}/${call.method}`;
    case 'mcp':
      return `${call.backend}: tool ${call.tool}`;
  }
};

const detail = (outcome: Outcome): Record<string, unknown> => {
  switch (outcome.kind) {
    case 'denied':
      return { code: outcome.error.code, ...faultOf(outcome.error.facts) };
    case 'failed':
    case 'unknown':
      return {
        code: outcome.error.code,
        detail: outcome.log ?? outcome.error.message,
        ...(outcome.error.cause === undefined ? {} : { cause: String(outcome.error.cause) }),
      };
    case 'confirm':
      return { confirmation: outcome.pending.id };
    case 'clarify':
      return {
        asks: outcome.fields.map(({ pointer }) => pointer),
        candidates: outcome.candidates.map(({ id }) => id),
        parts: outcome.parts?.length,
      };
    default:
      return {};
  }
};

/** What a credential or a proof broke, where it is known that precisely. */
const faultOf = ({ invariant, fault }: Facts): Record<string, unknown> => ({ invariant, fault });

/** What is masked in the values is masked in the words that they came from. */
const wordsOf = (text: string, { compiled, asked, input }: Anywhere): string =>
  compiled === undefined || compiled.masked.length === 0
    ? text
    : wordsWithoutMasked(text, asked?.input ?? input ?? {}, compiled.masked);
