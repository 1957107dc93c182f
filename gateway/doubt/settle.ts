import type { OpenWrite, Store } from '../../policies/ports.ts';
import { settledAnswer } from '../road/kept-answer.ts';
import { bodyOf } from '../road/open-write.ts';

/** What became of a write that was in doubt. */
export interface Verdict {
  readonly done: boolean;
  /** What the backend answered, as its caller may see it; left out where it is lost. */
  readonly output?: unknown;
  /** Who says so: the backend, sent it again or asked about it, or a person. */
  readonly by: 'retry' | 'check' | 'operator';
  /** Of a person. */
  readonly operator?: string;
  readonly note?: string;
}

/**
 * Records what became of a write, in one step with what follows from it: it is open no longer, and the key of its request
 * gives the answer from now on, or is free.
 * @param keepMs how long that answer is kept
 */
export const settle = async (
  { audit }: Pick<Store, 'audit'>,
  write: OpenWrite,
  { done, output = null, by, operator, note }: Verdict,
  now: Date,
  keepMs: number,
): Promise<void> => {
  const body = bodyOf(write);
  const { claim, intent, principal, input, provenance, resolution, trace } = body;
  const entry = {
    kind: 'settled',
    request: write.request,
    trace: trace?.id,
    at: now.toISOString(),
    principal,
    intent: `${intent.name}@${intent.version}`,
    outcome: done ? 'completed' : 'not_done',
    by,
    operator,
    note,
  };
  const about = { intent, input, provenance, resolution };
  const answer = { text: settledAnswer(output, now, about), expiresMs: now.getTime() + keepMs };
  await audit.append(JSON.stringify(entry), 'none', {
    closes: write.request,
    ...(claim !== undefined && { claim: { id: claim, request: write.request, ...(done && { answer }) } }),
  });
};
