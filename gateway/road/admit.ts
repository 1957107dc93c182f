import { OstiaryError } from '../../intents/problems.ts';
import type { Admitted, Authorized } from './context.ts';

/** Is there room: the backend's bulkhead, so that a slow backend slows nobody else. */
export const admit = (context: Authorized): Admitted => {
  const { bulkhead, intent } = context.compiled;
  if (!bulkhead.enter())
    throw new OstiaryError(
      'admit.busy',
      `Too many calls to "${intent.call.backend}" are under way. Try again shortly.`,
      { retry_after: 1 },
    );
  return { ...context, release: bulkhead.leave };
};
