import { isObject } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';

/** Open streams of one caller. Nobody takes the room of everybody. */
const mostOfHolder = 10;

/** Counts the streams on which clients wait to hear that a list changed. */
export interface Streams {
  /** @returns what gives the place back @throws OstiaryError where the holder has too many open */
  enter(holder: string): () => void;
}

export const countedStreams = (): Streams => {
  const open = new Map<string, number>();
  return {
    enter(holder) {
      const before = open.get(holder) ?? 0;
      if (before >= mostOfHolder)
        throw new OstiaryError('admit.busy', `You have ${mostOfHolder} streams open. Close one.`, { retry_after: 1 });
      open.set(holder, before + 1);
      return () => {
        const now = (open.get(holder) ?? 1) - 1;
        if (now === 0) open.delete(holder);
        else open.set(holder, now);
      };
    },
  };
};

/** Whether a message asks for such a stream (MCP 2026-07-28, basic/utilities/subscriptions). */
export const opensStream = (body: unknown): boolean => isObject(body) && body.method === 'subscriptions/listen';
