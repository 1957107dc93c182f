import type { Model, ModelUsage } from '../../intents/ports.ts';
import { type Breaker, circuitBreaker } from './breaker.ts';
import { type Endpoint, plus } from './endpoint.ts';
import { askWithTries, type Means, retryAfterMs } from './tries.ts';

/**
 * Several endpoints as one model: the first that answers well is heard. One that keeps failing is left alone for a while,
 * one that does not answer, or answers nonsense, hands on to the next.
 * @param endpoints in the order they are asked, at least one
 * @param breakerOf what keeps each from being asked while it fails; left out, a new one
 */
export const fallbackModel = (
  endpoints: readonly Endpoint[],
  means: Means,
  breakerOf: (endpoint: Endpoint) => Breaker = () => circuitBreaker(means.now),
): Model => {
  const guarded = endpoints.map((endpoint) => ({ endpoint, breaker: breakerOf(endpoint) }));
  return {
    name: endpoints.map(({ name }) => name).join(', '),
    async propose(question, signal) {
      const details = new Set<string>();
      let usage: ModelUsage | undefined;
      for (const { endpoint, breaker } of guarded) {
        if (signal.aborted) {
          details.add('aborted');
          break;
        }
        if (!breaker.admit()) {
          details.add('rests after it failed');
          continue;
        }
        const { answer, health, retryAfter } = await askWithTries(endpoint, question, signal, means);
        breaker.settle(health, retryAfterMs(retryAfter, means.now()));
        usage = plus(usage, answer.usage);
        if (answer.ok) return { ...answer, ...(usage && { usage }) };
        details.add(answer.detail);
      }
      return { ok: false, detail: [...details].join(', then '), ...(usage && { usage }) };
    },
  };
};
