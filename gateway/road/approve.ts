import { OstiaryError } from '../../intents/problems.ts';
import type { Pending } from '../../policies/confirmations.ts';
import type { Principal } from '../../policies/types.ts';
import type { CompiledIntent } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated, Ending } from './context.ts';

/**
 * Whether somebody may say yes to what another asked: a person of the same tenant who is not the one who asked, for whom
 * nobody acts, and whom the policies let call that intent themselves.
 */
export const mayApprove = (pending: Pending, principal: Principal, gate: Gate): boolean => {
  const { type, id, tenant, claims } = principal;
  const { by, intent, principal: asker } = pending;
  const called = gate.compiled.get(`${intent.name}@${intent.major}`)?.intent;
  return (
    by === 'other-human' &&
    tenant === pending.tenant &&
    type === 'user' &&
    !Object.hasOwn(claims, 'act') &&
    !(asker.type === type && isAlike(asker.id, id)) &&
    called !== undefined &&
    gate.bundle.visibility(principal, called) === 'callable'
  );
};

/** Ids that differ in nothing a person would see may well be of one person: "Dana", and "dana" at another issuer. */
const isAlike = (one: string, other: string): boolean => folded(one) === folded(other);
const folded = (id: string): string => id.normalize('NFKC').trim().toLowerCase();

/** Another person's yes is noted, and their no uses it up. Nothing is done: whoever asked comes back for that. */
export const approve = async (
  context: Authenticated,
  gate: Gate,
  compiled: CompiledIntent,
  pending: Pending,
): Promise<Ending> => {
  const { request, principal } = context;
  const { input, provenance, resolution } = pending;
  const about = { ...context, purpose: pending.purpose, compiled, input, provenance, resolution, pending };
  const yes = request.what.kind === 'confirmation' && request.what.confirm;
  const answered = () => new OstiaryError('confirm.unknown', 'This confirmation has been answered.');
  if (yes && pending.approvedBy !== undefined) throw answered();
  const approvedBy = { type: principal.type, id: principal.id, at: request.now.toISOString() };
  const { confirmations } = gate.store;
  const noted = yes ? confirmations.replace(pending, { ...pending, approvedBy }) : confirmations.consume(pending.id);
  const mine = await noted.catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'The answer cannot be recorded, so nothing changed.', {}, error);
  });
  if (!mine) throw answered();
  return { outcome: { kind: yes ? 'approved' : 'declined' }, context: about };
};
