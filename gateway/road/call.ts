import type { Effect } from '../../intents/contract.ts';
import type { Failure } from '../../intents/ports.ts';
import { type Code, OstiaryError, problems } from '../../intents/problems.ts';
import { streamsOutput } from '../../intents/shape.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import { callBackend } from '../telemetry/call-backend.ts';
import type { Admitted, Called, Outcome } from './context.ts';
import { shape } from './shape.ts';

/** One backend call. A write that may have reached the backend and has no clear answer ends as `unknown`, never as failed. */
export const call = async (context: Admitted, gate: Gate): Promise<Called | { outcome: Outcome }> => {
  const { compiled, asked, principal, request } = context;
  let reply: Awaited<ReturnType<typeof compiled.plan.call>>;
  const passing = request.items && streamsOutput(compiled.intent) ? passOn(context, gate, request.items) : undefined;
  try {
    // The frozen input that was decided on, never the one that came in.
    reply = await compiled.plan.call(asked.input, {
      signal: request.signal,
      ...(request.until === undefined ? {} : { leftMs: Math.max(0, request.until - performance.now()) }),
      headers: headersOf(request.id, compiled.intent.effect),
      tried: (again, go) => callBackend(compiled.intent, request.trace, gate, again, go),
      ...(principal.credential.kind === 'jwt' && request.bearer && { subjectToken: request.bearer }),
      ...(compiled.narrow && context.forwarded?.back === undefined && request.fields && { fields: request.fields }),
      ...(passing && { items: passing.items }),
      ...(request.callProgress && { progress: request.callProgress }),
    });
  } catch (error) {
    reply = { ok: false, code: 'upstream.failed', reached: 'maybe', detail: `the adapter threw: ${String(error)}` };
  } finally {
    context.release();
  }
  if (passing?.ended !== undefined) return { outcome: passing.ended };
  return reply.ok ? { ...context, answer: reply.value } : { outcome: ending(reply, context) };
};

/** Each item leaves as the whole list would: what the contract lists, what the policy lets be seen, what is wanted. */
const passOn = (context: Admitted, gate: Gate, pass: (item: unknown) => Promise<void>) => {
  const passing: { ended: Outcome | undefined; items(item: unknown): Promise<void> } = {
    ended: undefined,
    async items(item) {
      const { outcome } = shape({ ...context, answer: [item] }, gate);
      if (outcome.kind !== 'completed') {
        passing.ended = outcome;
        throw new Error('an item does not fit the contract');
      }
      for (const one of Array.isArray(outcome.output) ? outcome.output : []) await pass(one);
    },
  };
  return passing;
};

/** Sent along with every call; a write has a key by which the backend can tell it from another. */
export const headersOf = (request: string, effect: Effect): Record<string, string> => ({
  'x-request-id': request,
  ...(changes(effect) && { 'idempotency-key': request }),
});

/** Answers by which a backend says that it did nothing. */
export const refusals: readonly Code[] = [
  'upstream.not_found',
  'upstream.conflict',
  'upstream.rejected',
  'upstream.denied',
  'upstream.busy',
];

const ending = (failure: Failure, { compiled, request }: Admitted): Outcome => {
  const { backend } = compiled.intent.call;
  const log = `${failure.code}, reached ${failure.reached}: ${failure.detail}`;
  if (changes(compiled.intent.effect) && failure.reached !== 'no' && !refusals.includes(failure.code)) {
    const message = `"${backend}" gave no clear answer, so ${compiled.intent.name} may or may not have been done. Look before you try again.`;
    return { kind: 'unknown', error: new OstiaryError('upstream.unknown', message, { backend }), log };
  }
  // The deadline passed, or the caller hung up: the backend is not to blame.
  if (failure.code === 'upstream.timeout' && request.signal.reason instanceof OstiaryError)
    return { kind: 'failed', error: request.signal.reason, log };
  const { code, told } = failure;
  const error = new OstiaryError(
    code,
    `"${backend}": ${problems[code].title.replace(/^The backend /, 'it ').toLowerCase()}.`,
    {
      backend,
      ...(code === 'upstream.busy' ? { retry_after: told?.retryAfterS ?? 1 } : {}),
      ...(told?.errors === undefined ? {} : { errors: told.errors }),
    },
  );
  return { kind: 'failed', error, log };
};
