import { OstiaryError } from '../../intents/problems.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Admitted } from './context.ts';
import { aheadEntry } from './entry.ts';
import { overBy } from './idempotency.ts';
import { openBody } from './open-write.ts';

/** What a write may do is on disk before the backend hears of it. Reads are recorded with their outcome. */
export const record = (context: Admitted, gate: Gate): Admitted | Promise<Admitted> => {
  if (!changes(context.compiled.intent.effect)) return context;
  const { request } = context;
  // Open until its outcome is recorded: what crashes in between is in doubt, and never forgotten.
  const opens = { request: request.id, body: openBody(context), untilMs: overBy(request, gate) };
  return gate.store.audit.append(JSON.stringify(aheadEntry(context)), 'none', { opens }).then(
    () => ({ ...context, opened: true }),
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
