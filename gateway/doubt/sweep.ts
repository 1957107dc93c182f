import type { OpenWrite } from '../../policies/ports.ts';
import type { Gate } from '../gate.ts';
import { bodyOf } from '../road/open-write.ts';
import { findOut } from './find-out.ts';
import { settle } from './settle.ts';

/** So many writes are looked at in one sweep: what is more waits for the next. */
const maxListed = 1_000;
/** So many are asked about at once. */
const atOnce = 8;
/** What cannot be found out now is tried again after so long. */
const againMs = 30_000;

/**
 * Looks after the writes that are in doubt: their process died between record and outcome, or the backend gave no clear
 * answer. Each is taken on by one process, and tried until it is found out; what has no declared way waits for a person.
 * @returns how many were settled
 */
export const sweepDoubt = async (gate: Gate, now: () => number): Promise<number> => {
  const open = await gate.store.writes.open(maxListed);
  const due = open.filter((write) => write.untilMs <= now() && bodyOf(write).way !== 'operator');
  let settled = 0;
  const worker = async () => {
    for (let write = due.shift(); write !== undefined; write = due.shift())
      if (await settleOne(write, gate, now)) settled++;
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return settled;
};

const settleOne = async (write: OpenWrite, gate: Gate, now: () => number): Promise<boolean> => {
  const { store, config, log } = gate;
  // Longer than the call to the backend can take: nobody else takes it on meanwhile.
  const until = now() + config.limits.deadline + againMs;
  if (!(await store.writes.take(write.request, now(), until))) return false;
  const found = await findOut(write, gate);
  if ('why' in found) {
    log('warn', 'what became of a write is still in doubt', { request: write.request, ...found });
    return false;
  }
  await settle(store, write, found, new Date(now()), config.idempotency.keep);
  log('info', 'what became of a write is known', { request: write.request, done: found.done, by: found.by });
  return true;
};
