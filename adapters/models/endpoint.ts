import type { ModelAnswer, ModelQuestion, ModelSpend, ModelUsage } from '../../intents/ports.ts';

/** What one try at one endpoint came to. */
export interface Asked {
  readonly answer: ModelAnswer;
  /** `unknown`: the endpoint had no part in it. */
  readonly health: 'well' | 'ill' | 'unknown';
  /** Busy or broken for now: the same question may be answered in a moment. */
  readonly again: boolean;
  /** As its header says it: seconds or a date. */
  readonly retryAfter?: string;
  /** Nothing is charged for: the question was turned away or never arrived. */
  readonly free: boolean;
}

/** One server that language models are asked at. */
export interface Endpoint {
  readonly name: string;
  /** For the whole of one question, second tries included. */
  readonly timeoutMs: number;
  /** What one try costs at the very most. */
  atMost(question: ModelQuestion): ModelSpend;
  /** Tries once; never rejects. @param deadline left out, `timeoutMs` from now */
  ask(question: ModelQuestion, signal: AbortSignal, deadline?: AbortSignal): Promise<Asked>;
}

/** For a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

export const failed = (detail: string): ModelAnswer => ({ ok: false, detail });

export const priced = ({ input, output }: ModelUsage, price: Price | undefined): ModelUsage =>
  price === undefined
    ? { input, output }
    : { input, output, money: (input * price.input + output * price.output) / 1_000_000 };

/** The sum of two, where there are two. */
export const plus = (one: ModelUsage | undefined, other: ModelUsage | undefined): ModelUsage | undefined => {
  if (one === undefined || other === undefined) return one ?? other;
  const sum = { input: one.input + other.input, output: one.output + other.output };
  if (one.money === undefined && other.money === undefined) return sum;
  return { ...sum, money: (one.money ?? 0) + (other.money ?? 0) };
};
