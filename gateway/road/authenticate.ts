import { didYouMean } from '../../intents/did-you-mean.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { Identified } from '../../policies/credentials.ts';
import type { Principal, Purpose } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated, Start } from './context.ts';
import { shed } from './shed.ts';

/** Who is it, and why do they ask: the credential must verify, and a declared purpose must be one it carries. Then whether there is time for them. */
export const authenticate = (context: Start, gate: Gate): Authenticated | Promise<Authenticated> => {
  const { bearer, now, presented } = context.request;
  const found = gate.authenticator.identify(bearer, now, presented);
  return found instanceof Promise
    ? found.then((identified) => shed(withPurpose(context, identified, gate), gate))
    : shed(withPurpose(context, found, gate), gate);
};

const withPurpose = (context: Start, { principal, possession }: Identified, gate: Gate): Authenticated => ({
  ...context,
  principal,
  purpose: purposeOf(context.request.purpose, principal, gate.bundle.purposes),
  // What was signed is the caller's own request, not one that was made for its sake.
  ...(possession === undefined || context.request.parent !== undefined ? {} : { possession }),
});

/**
 * The purpose of a request.
 * @throws OstiaryError where one is declared that the credential does not carry
 */
export const purposeOf = (
  declared: string | undefined,
  principal: Principal,
  known: ReadonlySet<string>,
): Purpose | undefined => {
  if (declared === undefined) {
    const name = principal.defaultPurpose ?? (principal.purposes.length === 1 ? principal.purposes[0] : undefined);
    return name === undefined ? undefined : { name, source: 'token' };
  }
  const allowed = principal.purposes.some((carried) => declared === carried || declared.startsWith(`${carried}/`));
  if (allowed && known.has(declared)) return { name: declared, source: 'declared' };
  // Only the credential's own purposes are named: which others exist is not this caller's to know.
  const message = `This credential may act for ${principal.purposes.join(', ') || 'no purpose'}, not for "${declared}".${didYouMean(declared, principal.purposes)}`;
  throw new OstiaryError('purpose.not_allowed', message, { purposes: principal.purposes });
};
