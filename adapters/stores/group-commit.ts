import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditStore, Beside } from '../../policies/ports.ts';

/** At most so many entries in one transaction, so that one commit stays short. */
const maxGroup = 2_000;
/** How long an entry that nobody waits for may wait for others. A sync costs more CPU than the entries in it. */
const lingerMs = 20;

export interface GroupCommit extends Pick<AuditStore, 'append' | 'backlog'> {
  /** Writes what waits. Resolves when nothing does. */
  drain(): Promise<void>;
}

/**
 * Entries that arrive while one commit runs share the next, so a sync is paid per group, not per entry.
 * @param write makes a group durable in one transaction, with what changes beside its entries
 * Source: group commit, DeWitt et al. 1984.
 */
export const groupCommit = (
  write: (bodies: readonly string[], besides: readonly Beside[]) => Promise<unknown>,
): GroupCommit => {
  interface Queued {
    readonly body: string;
    readonly beside: Beside | undefined;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }
  const queue: Queued[] = [];
  let underWay = 0;
  let lingering: NodeJS.Timeout | undefined;
  const flush = async () => {
    while (queue.length > 0) {
      const group = queue.splice(0, maxGroup);
      underWay = group.length;
      try {
        await write(
          group.map(({ body }) => body),
          group.flatMap(({ beside }) => beside ?? []),
        );
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error as Error);
      }
    }
    underWay = 0;
  };
  const flushSoon = () => {
    clearTimeout(lingering);
    lingering = undefined;
    // What is under way goes on until the queue is empty.
    if (underWay > 0) return;
    underWay = 1;
    // Whatever else this turn of the event loop appends goes into the same group.
    setImmediate(flush);
  };
  return {
    append: (body, patience = 'none', beside) =>
      new Promise((resolve, reject) => {
        queue.push({ body, beside, resolve, reject });
        if (patience === 'none' || queue.length >= maxGroup) flushSoon();
        else lingering ??= setTimeout(flushSoon, lingerMs);
      }),
    backlog: () => queue.length + underWay,
    async drain() {
      flushSoon();
      while (queue.length + underWay > 0) await nextTurn();
    },
  };
};
