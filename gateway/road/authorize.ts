import { OstiaryError } from '../../intents/problems.ts';
import type { Asked } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import type { Authorized, Ending, Resolved } from './context.ts';

/** May this caller do this, for this purpose, with these values. Reads the typed result only; nothing a model said can grant. */
export const authorize = (context: Resolved, gate: Gate): Authorized | Ending => {
  const { principal, compiled, input, purpose, provenance, resolution, request } = context;
  const asked: Asked = {
    principal,
    intent: compiled.intent,
    input,
    purpose,
    provenance,
    resolution,
    context: { now: request.now, ip: request.ip, door: request.door },
  };
  const decision = gate.bundle.decide(asked);
  const decided = { ...context, asked, decision };
  if (decision.outcome === 'permit') return decided;
  const error = new OstiaryError('policy.denied', decision.reason.user, {
    decision: decision.id,
    intent: compiled.intent.name,
  });
  return { outcome: { kind: 'denied', error }, context: decided };
};
