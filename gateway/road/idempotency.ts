import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { type Code, OstiaryError } from '../../intents/problems.ts';
import { canonicalKey } from '../../policies/canonical-key.ts';
import type { Claimed } from '../../policies/ports.ts';
import { holderOf } from '../../policies/tokens/principal.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated, Ending, Request } from './context.ts';
import { again } from './kept-answer.ts';

/** How long after its deadline a request may still be writing its outcome down. */
const graceMs = 5_000;

/** From then on nobody is at work on a request any more. */
export const overBy = ({ now }: Request, { config }: Gate): number => now.getTime() + config.limits.deadline + graceMs;

/**
 * One effect a key: the first request that a caller sends with a key goes on, and holds it until it ends. Every other
 * with that key gets the answer of the first, or is told to come back. A read needs none: it does nothing.
 */
export const idempotency = (context: Authenticated, gate: Gate): Authenticated | Promise<Authenticated | Ending> => {
  const { idempotencyKey: written, explain, parent, what } = context.request;
  if (written === undefined || explain || parent !== undefined) return context;
  const key = keyIn(written);
  const typed = what.kind === 'typed' ? gate.catalogue.find(what.name, what.major) : undefined;
  if (typed !== undefined && !changes(typed.effect)) return context;
  return claim(context, gate, key);
};

const claim = async (context: Authenticated, gate: Gate, key: string): Promise<Authenticated | Ending> => {
  const { request, principal } = context;
  const { tenant, type, id: who } = principal;
  // Each agent of a subject has keys of its own: the answer to one is not for another.
  const holder = holderOf(principal);
  const id = sha256(canonicalKey([tenant, type, who, key, ...(holder === undefined ? [] : [holder])]) ?? '');
  const fingerprint = fingerprintOf(request);
  const mine = { id, fingerprint, request: request.id, untilMs: overBy(request, gate) };
  const first = await gate.store.claims.claim(mine, request.now.getTime()).catch((error: unknown) => {
    throw new OstiaryError(
      'store.unavailable',
      'The key of this request cannot be kept, so nothing was done.',
      {},
      error,
    );
  });
  if (first === undefined) return { ...context, claim: { id, request: request.id } };
  if (first.fingerprint !== fingerprint)
    throw new OstiaryError(
      'idempotency.mismatch',
      'This Idempotency-Key came with another request before. Send a new key, or the same request.',
    );
  return first.answer === undefined ? unanswered(first, request) : again(context, gate, first.request, first.answer);
};

const unanswered = (first: Claimed, { now }: Request): Ending => {
  const facts = { first_request: first.request, retry_after: 1 };
  if (first.untilMs > now.getTime())
    throw new OstiaryError(
      'idempotency.under_way',
      'The request that came first with this Idempotency-Key is under way. Try again in 1 s for its answer.',
      facts,
    );
  const message =
    'What became of the request that came first with this Idempotency-Key is not known yet. Nothing was done again; try again later with the same key.';
  return { outcome: { kind: 'unknown', error: new OstiaryError('upstream.unknown' satisfies Code, message, facts) } };
};

const longest = 255;

/**
 * The key in a header: as it is, or as a string of structured fields. Source: draft-ietf-httpapi-idempotency-key-header,
 * section 2.1, and RFC 9651, section 3.3.3.
 * @throws OstiaryError where it is empty, too long, or has characters that a key does not have
 */
const keyIn = (written: string): string => {
  const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/.exec(written);
  const key = quoted === null ? written : (quoted[1] ?? '').replaceAll(/\\(.)/g, '$1');
  const fits = quoted === null ? /^[!#-~]+$/.test(key) : key !== '';
  if (fits && key.length <= longest) return key;
  throw new OstiaryError(
    'idempotency.key',
    `An Idempotency-Key has 1 to ${longest} visible ASCII characters, sent once; this one has ${fits ? `${key.length} of them` : 'others, or none'}. A random UUID does well.`,
  );
};

/** Of all that was asked; not of when, by which door, or with which credential of the same caller. */
const fingerprintOf = ({ what, purpose }: Request): string =>
  sha256(canonicalize(JSON.parse(JSON.stringify({ what, purpose }))) ?? '');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
