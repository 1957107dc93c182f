import type { Resolution } from '../../intents/resolve/types.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import type { AskRequest, Authenticated, Ending, Resolved } from './context.ts';
import { converse } from './converse.ts';
import { localityOf } from './locality.ts';
import { understood } from './understood.ts';

/** What words mean: by themselves, or in the conversation that they are a turn of. */
export const words = async (context: Authenticated, gate: Gate, what: AskRequest): Promise<Resolved | Ending> => {
  const { principal, request } = context;
  const here = { now: what.now ?? request.now, ...localityOf(what.locality ?? {}, principal.claims) };
  const resolvePlain = (text: string): Promise<Resolution> =>
    gate.resolver.resolve(text, {
      ...here,
      visible: (intent) => gate.bundle.visibility(principal, intent) !== 'hidden',
      signal: request.signal,
      given: what.given,
      tenant: principal.tenant,
      caller: callerOf(principal),
      ...(request.progress && { progress: request.progress }),
    });
  const resolveText = async (text: string) => gate.described(text, await resolvePlain(text), resolvePlain);
  if (what.session !== undefined) return converse(context, gate, { ...what, session: what.session }, resolveText, here);
  return understood(context, gate, await resolveText(what.text), what.given);
};

/** Two requests with the same may be answered alike: all that decides what a caller may see is in it. */
const callerOf = ({ tenant, type, id, claims, purposes, capabilities }: Principal): string =>
  JSON.stringify([tenant, type, id, claims, purposes, capabilities]);
