import type { Effect } from '../../intents/contract.ts';
import type { Whom } from '../../policies/ports.ts';
import type { Seen } from '../../policies/reputation/score.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import type { Ended } from './context.ts';

/**
 * What the end of a request says of whoever asked, for their reputation. Only what they did themselves counts: no
 * question of what would be, no lookup that was made to understand them, and nothing that a backend is to blame for.
 */
export const takeNote = (ended: Ended, gate: Gate): void => {
  const { request, principal, evaluation, compiled, replayed } = ended.context;
  if (principal === undefined || request.explain || request.lookup || evaluation !== undefined) return;
  // An answer that is given again is nothing that was done.
  if (replayed !== undefined) return;
  const found = isCanary(ended, gate) ? ({ who: principal, seen: 'strike' } as const) : seenOf(ended);
  if (found === undefined) return;
  const effect: Effect = compiled?.intent.effect ?? 'read';
  const now = request.now.getTime();
  const changes = gate.reputation.observe(found.who, found.seen, effect, request.id, now);
  for (const { who, effect: of, from, to } of changes)
    gate.store.audit
      .append(
        JSON.stringify({
          kind: 'reputation',
          at: request.now.toISOString(),
          who: JSON.parse(who),
          effect: of,
          from,
          to,
          seen: found.seen,
          because: request.id,
        }),
        'some',
      )
      .catch((error: unknown) =>
        gate.log('error', 'a change of a band could not be recorded', { request: request.id, cause: String(error) }),
      );
};

/** Called by name, for words may be misunderstood; whether it is there for that caller makes no difference. */
const isCanary = ({ context: { request, compiled } }: Ended, { config, catalogue }: Gate): boolean => {
  if (request.what.kind !== 'typed' || config.reputation.canaries.length === 0) return false;
  const called = compiled?.intent ?? catalogue.find(request.what.name, request.what.major);
  return called !== undefined && config.reputation.canaries.includes(called.id);
};

const seenOf = ({ outcome, context }: Ended): { who: Whom; seen: Seen } | undefined => {
  const { principal, pending } = context;
  if (principal === undefined) return undefined;
  switch (outcome.kind) {
    case 'completed':
      return { who: principal, seen: 'success' };
    case 'denied':
      switch (outcome.error.code) {
        case 'policy.denied':
          return { who: principal, seen: 'denial' };
        case 'intent.unknown':
          return { who: principal, seen: 'invalid' };
        default:
          return undefined;
      }
    case 'failed':
      return outcome.error.code === 'input.invalid' ? { who: principal, seen: 'invalid' } : undefined;
    case 'declined': {
      const { type, id } = pending?.principal ?? principal;
      // Another person said no: with which token it was asked is not kept with what waits.
      if (type !== principal.type || id !== principal.id)
        return { who: { tenant: principal.tenant, type, id }, seen: 'rejected' };
      // That somebody thinks better of what they asked for themselves says nothing against them.
      return isPerson(principal) ? undefined : { who: principal, seen: 'rejected' };
    }
    default:
      return undefined;
  }
};

const isPerson = ({ type, claims, delegations = 0 }: Principal): boolean =>
  type === 'user' && !Object.hasOwn(claims, 'act') && delegations === 0;
