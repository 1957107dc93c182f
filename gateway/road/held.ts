import { OstiaryError } from '../../intents/problems.ts';
import { isTheirs } from '../../policies/confirmations.ts';
import type { Gate } from '../gate.ts';
import { approve, mayApprove } from './approve.ts';
import type { Authenticated, Ending, Resolved } from './context.ts';
import { knownIntent } from './known-intent.ts';

/**
 * The request that was held back for a yes, as it was, for the caller that it was held back from. Another person can
 * approve it, where that is asked for, and nothing else; nobody else can do anything.
 */
export const held = async (context: Authenticated, gate: Gate, id: string): Promise<Resolved | Ending> => {
  const { request } = context;
  const pending = await gate.store.confirmations.get(id).catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'Confirmations cannot be read at the moment.', {}, error);
  });
  const theirs = pending !== undefined && isTheirs(pending, context.principal);
  if (pending === undefined || !(theirs || mayApprove(pending, context.principal, gate)))
    throw new OstiaryError(
      'confirm.unknown',
      'There is no confirmation with this id for this caller, or it has been used.',
    );
  if (Date.parse(pending.expiresAt) <= request.now.getTime())
    throw new OstiaryError('confirm.expired', `This had to be confirmed by ${pending.expiresAt}. Ask again.`);
  const compiled = knownIntent(context, gate, pending.intent.name, pending.intent.major);
  if (compiled === undefined) throw new OstiaryError('confirm.void', 'What was to be confirmed is no longer offered.');
  if (!theirs) return approve(context, gate, compiled, pending);
  const { input, provenance, resolution, purpose } = pending;
  if (request.purpose !== undefined && request.purpose !== purpose?.name)
    throw new OstiaryError(
      'confirm.void',
      `This was asked for ${purpose === undefined ? 'no purpose' : `the purpose "${purpose.name}"`}, and not for "${request.purpose}". Ask again.`,
    );
  return { ...context, purpose, compiled, input, provenance, resolution, candidates: [], notes: [], pending };
};
