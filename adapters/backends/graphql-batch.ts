import type { CallContext, Failure } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import type { Answered, Send } from './graphql-send.ts';
import { isObject } from './is-object.ts';

interface Waiting {
  readonly request: string;
  readonly context: CallContext;
  readonly settle: (outcome: Answered | Failure) => void;
}

/**
 * Sends what is asked for in one turn of the event loop together, as a list of operations that is answered with a list.
 * Only for what may be asked twice: what cannot be read as such a list is asked for again, one by one.
 * @param most of one request
 */
export const sendTogether = (send: Send, most: number): Send => {
  /** By whose token they are sent with. */
  const waiting = new Map<string, Waiting[]>();
  const flush = (holder: string) => {
    const all = waiting.get(holder) ?? [];
    waiting.delete(holder);
    for (let index = 0; index < all.length; index += most) void sendGroup(send, all.slice(index, index + most));
  };
  return (request, context) =>
    new Promise((settle) => {
      const holder = context.subjectToken ?? '';
      let group = waiting.get(holder);
      if (group === undefined) {
        group = [];
        waiting.set(holder, group);
        setImmediate(flush, holder);
      }
      group.push({ request, context, settle });
    });
};

const sendGroup = async (send: Send, group: readonly Waiting[]): Promise<void> => {
  const wanted = group.filter(({ context, settle }) => {
    if (context.signal.aborted) settle(failure('upstream.timeout', 'no', 'Given up before it was sent.'));
    return !context.signal.aborted;
  });
  const [first, ...others] = wanted;
  if (first === undefined) return;
  const alone = ({ request, context, settle }: Waiting) => void send(request, context).then(settle);
  if (others.length === 0) return alone(first);
  const shared = leaving(wanted);
  const outcome = await send(`[${wanted.map(({ request }) => request).join(',')}]`, {
    signal: shared.signal,
    headers: headersOf(first, wanted),
    ...(first.context.subjectToken === undefined ? {} : { subjectToken: first.context.subjectToken }),
    answered: (status) => {
      for (const { context } of wanted) context.answered?.(status);
    },
  });
  shared.stop();
  const parts = partsOf(outcome, wanted.length);
  for (const [index, one] of wanted.entries()) {
    const part = parts?.[index];
    if (part === undefined) alone(one);
    else one.settle(part);
  }
};

/** Whoever leaves has their answer at once; when all have left, the request is taken back. */
const leaving = (group: readonly Waiting[]): { readonly signal: AbortSignal; stop(): void } => {
  const controller = new AbortController();
  let left = group.length;
  const listeners = group.map(({ context: { signal }, settle }) => {
    const leave = () => {
      settle(failure('upstream.timeout', 'maybe', 'The deadline passed or the caller hung up.'));
      if (--left === 0) controller.abort();
    };
    signal.addEventListener('abort', leave);
    return () => signal.removeEventListener('abort', leave);
  });
  return {
    signal: controller.signal,
    stop: () => {
      for (const remove of listeners) remove();
    },
  };
};

/** Those of the first, and the ids of all: each is in a record by which it may be looked for. */
const headersOf = (first: Waiting, group: readonly Waiting[]): Readonly<Record<string, string>> => {
  const ids = group.flatMap(({ context }) => context.headers['x-request-id'] ?? []);
  return { ...first.context.headers, ...(ids.length > 0 && { 'x-request-id': ids.join(', ') }) };
};

/** @returns what each has come to; undefined where that cannot be said */
const partsOf = (outcome: Answered | Failure, count: number): readonly (Answered | Failure)[] | undefined => {
  const same = () => Array.from({ length: count }, () => outcome);
  if (!outcome.ok) return outcome.code === 'upstream.invalid' ? undefined : same();
  const { answer, body } = outcome;
  const success = answer.status >= 200 && answer.status < 300;
  if (!body.ok || !Array.isArray(body.value)) return success && !(body.ok && isObject(body.value)) ? undefined : same();
  if (body.value.length !== count) return undefined;
  return body.value.map((value: unknown) => ({
    ok: true,
    // What is told of a part is told of that part alone.
    answer: { ...answer, bytes: Buffer.from(isObject(value) ? '' : String(JSON.stringify(value))) },
    body: { ok: true, value },
  }));
};
