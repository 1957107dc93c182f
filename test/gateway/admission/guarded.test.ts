import { describe, expect, test } from 'vitest';
import { breaker } from '../../../gateway/admission/breaker.ts';
import { bulkhead } from '../../../gateway/admission/bulkhead.ts';
import { type Guard, guarded } from '../../../gateway/admission/guarded.ts';
import { retryBudget } from '../../../gateway/admission/retries.ts';
import type { Intent } from '../../../intents/contract.ts';
import type { Backend, CallContext, Failure, Reply } from '../../../intents/ports.ts';

const failed = (code: Failure['code'], reached: Failure['reached'], retryAfterS?: number): Failure => ({
  ok: false,
  code,
  reached,
  detail: '',
  ...(retryAfterS === undefined ? {} : { told: { retryAfterS } }),
});
const fine: Reply = { ok: true, value: 1 };
const gone = failed('upstream.unreachable', 'no');
const unclear = failed('upstream.failed', 'maybe');
const answered = failed('upstream.failed', 'yes');
const slow = failed('upstream.timeout', 'maybe');
const busy = failed('upstream.busy', 'yes');

const world = (
  replies: readonly Reply[],
  intent: Partial<Intent>,
  given: Partial<Guard> = {},
  signal = new AbortController().signal,
) => {
  const keys: string[] = [];
  const waits: number[] = [];
  const backend: Backend = {
    compile: () => ({
      async call(_input, { headers, items }) {
        keys.push(headers['idempotency-key'] ?? '');
        await items?.('one');
        return replies[keys.length - 1] ?? fine;
      },
      preview: () => ({ operation: '', payload: null }),
    }),
    close: async () => {},
  };
  const guard: Guard = { bulkhead: bulkhead(1), budget: retryBudget(), retries: 2, patienceMs: 100, ...given };
  const means = {
    random: () => 1,
    now: () => 0,
    lateMs: () => 0,
    wait: async (ms: number) => {
      waits.push(ms);
    },
  };
  const plan = guarded(backend, { effect: 'read', ...intent } as Intent, guard, means).compile({} as never);
  const call = (more: Partial<CallContext> = {}) =>
    plan.call({}, { signal, headers: { 'idempotency-key': 'k' }, ...more });
  return { call, keys, waits, guard };
};

const read = { effect: 'read' } as const;
const write = { effect: 'write' } as const;
const keyed = { effect: 'write', idempotent: true } as const;

describe('what is tried again', () => {
  test.each([
    ['what reads, unreachable', read, [gone], fine, 2],
    ['what reads, failed', read, [answered, slow], fine, 3],
    ['what reads, busy', read, [busy], fine, 2],
    ['what reads, for ever failing', read, [unclear, unclear, unclear, fine], unclear, 3],
    ['what reads, not found', read, [failed('upstream.not_found', 'yes')], failed('upstream.not_found', 'yes'), 1],
    ['what reads, garbage', read, [failed('upstream.invalid', 'yes')], failed('upstream.invalid', 'yes'), 1],
    ['a write that nobody got', write, [gone], fine, 2],
    ['a write that was turned away', write, [busy], fine, 2],
    ['a write that may have been done', write, [unclear], unclear, 1],
    ['a write that was answered with a failure', write, [answered], answered, 1],
    ['a write without an answer', write, [slow], slow, 1],
    ['a write that is done once a key', keyed, [slow, unclear], fine, 3],
  ])('%s', async (_name, intent, replies, expected, calls) => {
    const { call, keys } = world(replies, intent);
    expect(await call()).toEqual(expected);
    expect(keys).toEqual(Array.from({ length: calls }, () => 'k'));
  });

  test.each([
    ['busy', busy],
    ['unreachable', gone],
    ['a conflict, which the first try may have made', failed('upstream.conflict', 'yes')],
  ])('a write that may have been done is not told as undone because the next try was %s', async (_name, after) => {
    expect(await world([unclear, after, after], keyed).call()).toEqual(unclear);
  });

  test('what is wrong with its values was wrong the first time', async () => {
    const rejected = failed('upstream.rejected', 'yes');
    expect(await world([unclear, rejected], keyed).call()).toEqual(rejected);
  });

  test('a list of which a part was passed on is not begun anew', async () => {
    const { call, keys } = world([unclear], read);
    expect(await call({ items: async () => {} })).toEqual(unclear);
    expect(keys).toHaveLength(1);
  });

  test('it waits, longer each time, and as long as it is told', async () => {
    const { call, waits } = world([gone, failed('upstream.busy', 'yes', 2)], read);
    expect(await call()).toEqual(fine);
    expect(waits).toEqual([100, 2_000]);
    const long = world([failed('upstream.busy', 'yes', 30)], read);
    expect(await long.call()).toMatchObject({ told: { retryAfterS: 30 } });
  });

  test('nobody is there to hear of it', async () => {
    const { call, keys } = world([gone], read, {}, AbortSignal.abort());
    expect(await call()).toEqual(gone);
    expect(keys).toHaveLength(1);
  });

  test('in all, one more for ten calls and ten saved up', async () => {
    const { call, keys } = world(
      Array.from({ length: 1_000 }, () => gone),
      read,
      { retries: 1 },
    );
    for (let one = 0; one < 100; one++) await call();
    // The first ten of them come out of what is saved up, and each earns its share meanwhile.
    expect(keys.length).toBeGreaterThanOrEqual(119);
    expect(keys.length).toBeLessThanOrEqual(121);
  });
});

describe('the breaker', () => {
  const options = { windowMs: 10_000, calls: 2, share: 1, restMs: 1_500, probes: 1 };
  const broken = (replies: readonly Reply[], signal?: AbortSignal, patienceMs = 100) => {
    const one = breaker(options, () => 0);
    return { one, ...world(replies, read, { breaker: one, retries: 0, patienceMs }, signal) };
  };

  test.each([
    ['failures', [answered, gone], 'open'],
    ['no answers', [slow, slow], 'open'],
    ['refusals', [busy, busy], 'open'],
    ['answers that say no', [failed('upstream.rejected', 'yes'), failed('upstream.not_found', 'yes')], 'closed'],
  ])('%s: %s', async (_name, replies, state) => {
    const { call, one } = broken(replies);
    await call();
    await call();
    expect(one.state).toBe(state);
  });

  test('while it is open nobody is called, and it is said when to come back', async () => {
    const { call, keys } = broken([gone, gone]);
    await call();
    await call();
    expect(await call()).toMatchObject({ code: 'upstream.busy', reached: 'no', told: { retryAfterS: 2 } });
    expect(keys).toHaveLength(2);
  });

  test('who is in a hurry says nothing about the backend; who waited long enough does', async () => {
    const hasty = broken([slow, slow], AbortSignal.abort());
    await hasty.call();
    await hasty.call();
    expect(hasty.one.state).toBe('closed');
    const patient = broken([slow, slow], AbortSignal.abort(), 0);
    await patient.call();
    await patient.call();
    expect(patient.one.state).toBe('open');
  });
});

describe('how long calls take', () => {
  /** A backend whose calls take so long one after the other, of a process that runs so late. @returns what its bulkhead is told */
  const told = async (took: readonly number[], lateMs: number) => {
    const seen: (readonly [number, number])[] = [];
    const room = { ...bulkhead(1), took: (ms: number, usualMs: number) => void seen.push([ms, usualMs]) };
    const guard: Guard = { bulkhead: room, budget: retryBudget(), retries: 0, patienceMs: 100 };
    let nowMs = 0;
    let next = 0;
    const backend: Backend = {
      compile: () => ({
        async call() {
          nowMs += took[next++] ?? 0;
          return fine;
        },
        preview: () => ({ operation: '', payload: null }),
      }),
      close: async () => {},
    };
    const means = { random: () => 1, now: () => nowMs, lateMs: () => lateMs, wait: async () => {} };
    const plan = guarded(backend, { effect: 'read' } as Intent, guard, means).compile({} as never);
    for (const _ of took) await plan.call({}, { signal: new AbortController().signal, headers: {} });
    return seen;
  };

  test.each([
    ['as long as usual', [10, 10], 0, [[10, 10]]],
    ['longer', [10, 60], 0, [[60, 10]]],
    ['longer by less than four turns of a late event loop', [10, 45], 10, [[10, 10]]],
    ['longer by more than that', [10, 100], 10, [[60, 10]]],
    ['less, in a process that is late', [10, 5], 10, [[5, 10]]],
    ['far longer, in a process that turns requests away', [10, 5_000], Number.POSITIVE_INFINITY, [[10, 10]]],
  ])('%s', async (_name, took, lateMs, expected) => {
    expect(await told(took, lateMs)).toEqual(expected);
  });
});
