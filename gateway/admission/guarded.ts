import type { Intent } from '../../intents/contract.ts';
import type { Backend, CallContext, CompiledCall, Failure, Reply, UpstreamCode } from '../../intents/ports.ts';
import type { Breaker, Health } from './breaker.ts';
import type { Bulkhead } from './bulkhead.ts';
import { backoffMs, type RetryBudget } from './retries.ts';

/** What stands between the road and one backend, shared by all intents that call it. */
export interface Guard {
  readonly bulkhead: Bulkhead;
  /** Left out, it is called however often it fails. */
  readonly breaker?: Breaker | undefined;
  readonly budget: RetryBudget;
  /** Tries after the first. */
  readonly retries: number;
  /** Whoever waited this long and then went away waited too long. */
  readonly patienceMs: number;
}

export interface Means {
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
  /** How late this process itself runs, infinitely where it has more to do than it can: a backend is not to blame for that. */
  readonly lateMs: () => number;
  /** Rejects where the signal fires first. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The backend as one intent calls it: not while its breaker is open, and again where that is safe and may help. */
export const guarded = (backend: Backend, intent: Intent, guard: Guard, means: Means): Backend => ({
  ...backend,
  compile: (binding) => guardedCall(backend.compile(binding), intent, guard, means),
});

const guardedCall = (plan: CompiledCall, intent: Intent, guard: Guard, means: Means): CompiledCall => {
  const pace = paceOf();
  return {
    ...plan,
    async call(input, context) {
      guard.budget.earn();
      let passed = false;
      const { items } = context;
      const watched: CallContext =
        items === undefined
          ? context
          : {
              ...context,
              items(item) {
                passed = true;
                return items(item);
              },
            };
      const started = means.now();
      /** A try of a write that may have been done. */
      let unclear: Failure | undefined;
      for (let again = 0; ; again++) {
        const { leftMs } = watched;
        const left = leftMs === undefined || again === 0 ? {} : { leftMs: leftMs - (means.now() - started) };
        const reply = await once(
          plan,
          input,
          again === 0 ? watched : { ...watched, ...left },
          again,
          guard,
          means,
          pace,
        );
        if (reply.ok) return reply;
        // What is wrong with the values was wrong the first time; any other refusal may come of what the first try did.
        const final = unclear === undefined || reply.code === 'upstream.rejected' ? reply : unclear;
        if (passed || again >= guard.retries || !isWorthIt(reply, intent) || context.signal.aborted) return final;
        if (intent.effect !== 'read' && reply.reached !== 'no' && reply.code !== 'upstream.busy') unclear ??= reply;
        const toldMs = (reply.told?.retryAfterS ?? 0) * 1_000;
        if (toldMs > longestToldMs || !guard.budget.spend()) return final;
        try {
          await means.wait(Math.max(toldMs, backoffMs(again + 1, means.random)), context.signal);
        } catch {
          return final;
        }
      }
    },
  };
};

/** What calls of one kind take usually. */
interface Pace {
  /** Milliseconds; 0 before there was any. */
  usualMs: number;
  calls: number;
}
const paceOf = (): Pace => ({ usualMs: 0, calls: 0 });
/** A call is sent in one turn of the event loop, and its answer read, taken apart and heard of in others. */
const turns = 4;
/** So many calls make what is usual: quick and slow ones alike, or scatter alone would look like trouble. */
const memory = 500;

/** Tells the bulkhead how long a call took, beside what is usual. One that failed at once says nothing of that. */
const clocked = (pace: Pace, ms: number, well: boolean, bulkhead: Bulkhead, nowMs: number): void => {
  if (!well && ms <= pace.usualMs) return;
  if (pace.calls > 0) bulkhead.took(ms, pace.usualMs, nowMs);
  if (!well) return;
  pace.calls = Math.min(memory, pace.calls + 1);
  pace.usualMs += (ms - pace.usualMs) / pace.calls;
};

/** A backend that wants to be left alone for longer is not waited for. */
const longestToldMs = 2_000;

const once = async (
  plan: CompiledCall,
  input: Parameters<CompiledCall['call']>[0],
  context: CallContext,
  again: number,
  { breaker, bulkhead, patienceMs }: Guard,
  { now, lateMs }: Means,
  pace: Pace,
): Promise<Reply> => {
  const pass = breaker?.enter();
  if (typeof pass === 'number')
    return {
      ok: false,
      code: 'upstream.busy',
      reached: 'no',
      detail: 'its circuit breaker is open',
      told: { retryAfterS: Math.max(1, Math.ceil(pass / 1_000)) },
    };
  const started = now();
  let health: Health = 'ill';
  let toldMs = 0;
  try {
    const { tried, headers } = context;
    const reply = await (tried === undefined
      ? plan.call(input, context)
      : tried(again, (of) => plan.call(input, { ...context, ...of, headers: { ...headers, ...of.headers } })));
    health = reply.ok || answers.has(reply.code) ? 'well' : 'ill';
    // Whoever goes away says nothing about the backend, and what is in a hurry must not close it for others.
    if (health === 'ill' && context.signal.aborted && now() - started < patienceMs) health = 'unknown';
    if (!reply.ok) toldMs = (reply.told?.retryAfterS ?? 0) * 1_000;
    return reply;
  } finally {
    pass?.settle(health, toldMs);
    // How long a stream lasts is up to whoever reads it.
    if (context.items === undefined && health !== 'unknown') {
      const at = now();
      const ms = at - started;
      // Nothing is taken for less than usual because of it.
      const own = pace.calls === 0 ? ms : Math.max(Math.min(ms, pace.usualMs), ms - turns * lateMs());
      clocked(pace, own, health === 'well', bulkhead, at);
    }
  }
};

/** Failures by which a backend shows that it is there and works. */
const answers: ReadonlySet<UpstreamCode> = new Set([
  'upstream.not_found',
  'upstream.conflict',
  'upstream.rejected',
  'upstream.denied',
  'upstream.on_behalf',
]);
const passing: ReadonlySet<UpstreamCode> = new Set([
  'upstream.unreachable',
  'upstream.busy',
  'upstream.failed',
  'upstream.timeout',
]);

/**
 * Whether another try may help, and cannot do anything twice: what reads, what the contract says the backend does once a
 * key, and what the backend has not got or has turned away.
 */
const isWorthIt = (reply: Failure, { effect, idempotent }: Intent): boolean =>
  passing.has(reply.code) &&
  (effect === 'read' || idempotent === true || reply.reached === 'no' || reply.code === 'upstream.busy');
