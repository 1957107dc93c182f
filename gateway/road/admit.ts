import { isDeepStrictEqual } from 'node:util';
import { OstiaryError } from '../../intents/problems.ts';
import { canonicalKey } from '../../policies/canonical-key.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import { authorize } from './authorize.ts';
import type { Admitted, Authorized, Ending, Rated } from './context.ts';
import { rankOf } from './rank.ts';

/**
 * Is there room: in the rate of this caller, in the backend's bulkhead, so that a slow backend slows nobody else, and in
 * the totals that the decision stood on, of which this request takes its part before the call.
 */
export const admit = (context: Authorized, gate: Gate): Admitted | Ending | Promise<Admitted | Ending> => {
  const { obligations, additions } = context.decision;
  const rate = obligations.find((one) => one.type === 'rate');
  if (rate === undefined && additions.length === 0) return enter(context, gate);
  return (async () => {
    const here = rate === undefined ? context : { ...context, rated: await keepTo(rate.rate, context, gate) };
    const admitted = enter(here, gate);
    if (additions.length === 0) return admitted;
    try {
      const reserved = await reserve(here, gate);
      if ('outcome' in reserved) {
        admitted.release();
        return reserved;
      }
      return { ...reserved, release: admitted.release, settle: settler(here, gate) };
    } catch (error) {
      admitted.release();
      throw error;
    }
  })();
};

const enter = (context: Authorized, gate: Gate): Admitted => {
  const {
    guard: { bulkhead },
    intent,
  } = context.compiled;
  if (!bulkhead.enter(() => rankOf(context, intent.effect, gate)))
    throw new OstiaryError(
      'admit.busy',
      `Too many calls to "${intent.call.backend}" are under way. Try again shortly.`,
      { retry_after: 1 },
    );
  return { ...context, release: bulkhead.leave };
};

const keepTo = async (
  rate: Extract<Authorized['decision']['obligations'][number], { type: 'rate' }>['rate'],
  { principal, request }: Authorized,
  gate: Gate,
): Promise<Rated> => {
  const { tenant, type, id } = principal;
  const key = canonicalKey(rate.of === 'tenant' ? [rate.name, tenant] : [rate.name, tenant, type, id]) ?? '';
  const { waitMs, fullMs } = await gate.rates.take(key, rate, request.now.getTime()).catch((error: unknown) => {
    throw new OstiaryError(
      'store.unavailable',
      'How often this was asked cannot be told, so nothing was done.',
      {},
      error,
    );
  });
  const each = rate.perMs / rate.requests;
  // A hair of tolerance, because each is seldom a whole number.
  const left = waitMs > 0 ? 0 : Math.max(0, Math.floor((rate.perMs - fullMs) / each + 1e-6));
  const rated = {
    name: rate.name,
    requests: rate.requests,
    per_s: rate.perMs / 1_000,
    left,
    reset_s: (left > 0 ? fullMs : fullMs - (rate.perMs - each)) / 1_000,
  };
  if (waitMs <= 0) return rated;
  const seconds = Math.ceil(waitMs / 1_000);
  const whoever = rate.of === 'tenant' ? 'All of your tenant together' : 'You';
  throw new OstiaryError(
    'admit.rate',
    `${whoever} may ask this ${rate.requests} times in ${rate.perMs / 1_000} seconds. Try again in ${seconds} s.`,
    { retry_after: seconds, rate: rated },
  );
};

const maxTries = 5;

/**
 * Takes this request's part of every total in one step. Where others took so much meanwhile that a rule would speak
 * otherwise, all is decided again.
 */
const reserve = async (context: Authorized, gate: Gate): Promise<Authorized | Ending> => {
  let here = context;
  for (let tries = 0; tries < maxTries; tries++) {
    const { request, decision } = here;
    const { effect } = here.compiled.intent;
    const added = await gate.totals
      .reserve(request.id, decision.additions, request.now.getTime(), changes(effect) ? 'recorded' : undefined)
      .catch((error: unknown) => {
        throw new OstiaryError('store.unavailable', 'What adds up cannot be counted, so nothing was done.', {}, error);
      });
    if (added) return here;
    const again = await authorize(here, gate);
    if ('outcome' in again) return again;
    // What was confirmed, or waived, was so under the old totals.
    if (!isDeepStrictEqual(again.decision.obligations, decision.obligations)) break;
    here = again;
  }
  throw new OstiaryError('admit.busy', 'Others asked for the same at the same time. Try again.', { retry_after: 1 });
};

const settler =
  ({ request }: Authorized, gate: Gate): ((kept: boolean) => void) =>
  (kept) => {
    // What cannot be given back goes on counting until its window is over.
    gate.totals
      .settle(request.id, kept)
      .catch((error: unknown) =>
        gate.log('warn', 'a total was not settled', { request: request.id, cause: String(error) }),
      );
  };
