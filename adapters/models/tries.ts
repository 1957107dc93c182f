import type { ModelBudget, ModelQuestion } from '../../intents/ports.ts';
import { type Asked, type Endpoint, failed, plus } from './endpoint.ts';

export interface Means {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Rejects when the signal fires. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Left out, nothing is counted. */
  readonly budget?: ModelBudget;
}

const mostTries = 3;
const firstPauseMs = 200;

/**
 * Asks one endpoint, again where it was busy or broke down, for as long as its time lasts.
 * Each try is paid from the tenant's budget on its own.
 */
export const askWithTries = async (
  endpoint: Endpoint,
  question: ModelQuestion,
  signal: AbortSignal,
  { now, random, wait, budget }: Means,
): Promise<Asked> => {
  const deadline = AbortSignal.timeout(endpoint.timeoutMs);
  const until = now() + endpoint.timeoutMs;
  let before: Asked | undefined;
  for (let tries = 1; ; tries++) {
    const reserved = await budget?.reserve(question.tenant ?? '', endpoint.atMost(question));
    if (reserved !== undefined && 'refused' in reserved) return before ?? spent;
    const asked = await endpoint.ask(question, signal, deadline);
    const { usage: used } = asked.answer;
    if (used !== undefined) reserved?.settle({ tokens: used.input + used.output, money: used.money ?? 0 });
    else reserved?.settle(asked.free ? { tokens: 0, money: 0 } : undefined);
    const usage = plus(before?.answer.usage, used);
    before = { ...asked, answer: { ...asked.answer, ...(usage && { usage }) } };
    const pause = retryAfterMs(asked.retryAfter, now()) ?? pauseMs(tries, random());
    if (!asked.again || tries === mostTries || now() + pause >= until) return before;
    try {
      await wait(pause, AbortSignal.any([signal, deadline]));
    } catch {
      return before;
    }
  }
};

const spent: Asked = {
  answer: failed('the budget of this tenant is spent'),
  health: 'unknown',
  again: false,
  free: true,
};

/** Twice as long each time, up to half of it by chance, so that those who failed together do not come back together. */
const pauseMs = (tries: number, chance: number): number => firstPauseMs * 2 ** (tries - 1) * (0.5 + chance / 2);

/** @param said the header: seconds, or a date @returns undefined where it says neither */
export const retryAfterMs = (said: string | undefined, nowMs: number): number | undefined => {
  if (said === undefined) return undefined;
  if (/^\d{1,9}(\.\d{1,3})?$/.test(said.trim())) return Number(said) * 1_000;
  // Nearly any word is a date to Date.parse.
  const date = /^[A-Za-z]{3,9}, .+ GMT$/.test(said) ? Date.parse(said) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
};
