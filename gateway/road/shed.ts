import { OstiaryError } from '../../intents/problems.ts';
import type { Rank } from '../admission/shedder.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated } from './context.ts';

/** Whether there is time for this one at all, before anything of it is worked out. */
export const shed = (context: Authenticated, gate: Gate): Authenticated => {
  // What was made for the sake of another request goes with it.
  if (gate.shedder.pressure === 0 || context.request.parent !== undefined) return context;
  if (gate.shedder.admits(rankOf(context, gate))) return context;
  throw new OstiaryError('admit.busy', 'There is more to do here than can be done at the moment. Try again shortly.', {
    retry_after: 1,
  });
};

const rankOf = ({ request: { what, now }, principal }: Authenticated, gate: Gate): Rank => {
  const intent = what.kind === 'typed' ? gate.catalogue.find(what.name, what.major) : undefined;
  const { score } = gate.reputation.standingOf(principal, intent?.effect ?? 'read', now.getTime());
  if (gate.config.reputation.enabled && score === undefined && what.kind !== 'confirmation') return 'stranger';
  // A yes goes on with what was begun; of words nobody knows yet what they come to.
  return what.kind === 'confirmation' || (intent !== undefined && changes(intent.effect)) ? 'write' : 'read';
};
