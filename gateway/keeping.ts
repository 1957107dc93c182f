import type { AuditKey } from '../policies/audit/signing.ts';
import { cutBefore, signNewest } from './audit-keeping.ts';
import { doubtSweeper } from './doubt/sweep.ts';
import type { Gate } from './gate.ts';

const everyMs = 5_000;

export interface Keeping {
  /** Ends it, once what is under way is done. */
  stop(): Promise<void>;
}

/**
 * What a gateway does by itself while it serves: finds out what became of writes in doubt, signs the audit log, keeps
 * scores, and takes away what has been kept long enough. At once, and from then on every few seconds.
 * @param gate asked for each time, so that a reload needs no restart
 */
export const keep = (gate: () => Gate, key: AuditKey, now: () => number): Keeping => {
  const signing = signNewest(key, now);
  const sweep = doubtSweeper(now);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      gate().log('error', `${what} failed, and is tried again`, { cause: String(error) });
    }
  };
  const once = async () => {
    const { store, stores, config } = gate();
    await attempt('keeping scores', () => stores.scores.save());
    await attempt('looking after writes in doubt', () => sweep(gate()));
    await attempt('signing the audit log', () => signing(store.audit, false));
    if (config.audit.keep !== undefined)
      await attempt('cutting the audit log', () => cutBefore(store.audit, now() - (config.audit.keep ?? 0), key, now));
  };
  const loop = async (): Promise<void> => {
    await once();
    if (stopped) return;
    timer = setTimeout(() => {
      running = loop();
    }, everyMs);
    timer.unref();
  };
  let running = loop();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
      await attempt('keeping scores', () => gate().stores.scores.save());
      await attempt('signing the audit log', () => signing(gate().store.audit, true));
    },
  };
};
