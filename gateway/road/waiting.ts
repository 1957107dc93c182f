import { OstiaryError } from '../../intents/problems.ts';
import { isTheirs, type Pending } from '../../policies/confirmations.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import { mayApprove } from './approve.ts';
import { shown } from './confirm.ts';

const maxListed = 200;

/** What waits for a yes that this caller may give: their own, and what another asked for and a person must approve. */
export const waiting = async (principal: Principal, gate: Gate, now: Date) => {
  const { tenant } = principal;
  const all = await gate.store.confirmations.pending(tenant, now.getTime(), maxListed).catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'Confirmations cannot be read at the moment.', {}, error);
  });
  return all.flatMap((pending: Pending) => {
    const mine = isTheirs(pending, principal);
    const compiled = gate.compiled.get(`${pending.intent.name}@${pending.intent.major}`);
    const open = mine || (pending.approvedBy === undefined && mayApprove(pending, principal, gate));
    return compiled === undefined || !open ? [] : [{ pending, mine, shown: shown(pending, compiled) }];
  });
};
