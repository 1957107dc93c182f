import { OstiaryError } from '../../intents/problems.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Admitted } from './context.ts';
import { aheadEntry } from './entry.ts';

/** What a write may do is on disk before the backend hears of it. Reads are recorded with their outcome. */
export const record = (context: Admitted, gate: Gate): Admitted | Promise<Admitted> => {
  if (!changes(context.compiled.intent.effect)) return context;
  return gate.store.audit.append(JSON.stringify(aheadEntry(context))).then(
    () => context,
    (error: unknown) => {
      context.release();
      throw new OstiaryError(
        'store.unavailable',
        'The record of this write cannot be kept, so it was not done.',
        {},
        error,
      );
    },
  );
};
