import type { OpenWrite } from '../../policies/ports.ts';
import type { Gate } from '../gate.ts';
import { bodyOf } from '../road/open-write.ts';
import { findOut } from './find-out.ts';
import { settle } from './settle.ts';

/** So many writes are looked at in one sweep: what is more waits for the next. */
const maxListed = 1_000;
/** So many are asked about at once. */
const atOnce = 8;
/** Beyond the call to the backend, until somebody else may take a write on. */
const graceMs = 5_000;
/** What cannot be found out now is tried again after so long. */
const againMs = 30_000;
/** Clocks are set right by less all the time. */
const jumpMs = 1_000;

/**
 * Looks after the writes that are in doubt: their process died between record and outcome, or the backend gave no clear
 * answer. Each is taken on by one process, and tried until it is found out; what has no declared way waits for a person.
 *
 * A clock that jumps makes nobody too early: what is under way just then has until the end of its deadline all the same.
 * @param now the clock that times are written by @param steady one that never jumps, from any beginning
 * @returns one sweep; it gives back how many it settled
 */
export const doubtSweeper = (
  now: () => number,
  steady: () => number = performance.now.bind(performance),
): ((gate: Gate) => Promise<number>) => {
  /** By the steady clock. */
  const notBefore = new Map<string, number>();
  let apart = now() - steady();
  let quietUntil = Number.NEGATIVE_INFINITY;
  return async (gate) => {
    const open = await gate.store.writes.open(maxListed);
    const jumped = Math.abs(now() - steady() - apart) > jumpMs;
    apart = now() - steady();
    if (jumped) quietUntil = steady() + gate.config.limits.deadline + graceMs;
    if (steady() < quietUntil) return 0;
    const due = open.filter(
      (write) =>
        write.untilMs <= now() &&
        (notBefore.get(write.request) ?? Number.NEGATIVE_INFINITY) <= steady() &&
        bodyOf(write).way !== 'operator',
    );
    const still = new Set(open.map(({ request }) => request));
    for (const request of notBefore.keys()) if (!still.has(request)) notBefore.delete(request);
    let settled = 0;
    const worker = async () => {
      for (let write = due.shift(); write !== undefined; write = due.shift())
        if (await settleOne(write, gate, now)) settled++;
        else notBefore.set(write.request, steady() + againMs);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return settled;
  };
};

const settleOne = async (write: OpenWrite, gate: Gate, now: () => number): Promise<boolean> => {
  const { store, config, log } = gate;
  const until = now() + config.limits.deadline + graceMs;
  if (!(await store.writes.take(write.request, now(), until))) return false;
  const found = await findOut(write, gate);
  if ('why' in found) {
    log('warn', 'what became of a write is still in doubt', { request: write.request, ...found });
    // Given back: a person may know meanwhile.
    await store.writes.take(write.request, until, now());
    return false;
  }
  await settle(store, write, found, new Date(now()), config.idempotency.keep);
  log('info', 'what became of a write is known', { request: write.request, done: found.done, by: found.by });
  return true;
};
