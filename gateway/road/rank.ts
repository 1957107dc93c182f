import type { Effect } from '../../intents/contract.ts';
import type { Principal } from '../../policies/types.ts';
import type { Rank } from '../admission/rank.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated } from './context.ts';

/**
 * Who goes first where not all can stay.
 * @param effect undefined where nobody knows yet what the request comes to
 */
export const rankOf = (
  { request: { what, now }, principal }: Authenticated,
  effect: Effect | undefined,
  gate: Gate,
): Rank =>
  // A yes goes on with what was begun.
  what.kind === 'confirmation' ? 'write' : rankFor(principal, effect, now, gate);

/** The same of what is no yes. */
export const rankFor = (principal: Principal, effect: Effect | undefined, now: Date, gate: Gate): Rank => {
  const { score } = gate.reputation.standingOf(principal, effect ?? 'read', now.getTime());
  if (gate.config.reputation.enabled && score === undefined) return 'stranger';
  return effect !== undefined && changes(effect) ? 'write' : 'read';
};
