import { OstiaryError } from '../../intents/problems.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated } from './context.ts';
import { rankOf } from './rank.ts';

/** What whoever is turned away is told. */
export const tooMuchToDo = new OstiaryError(
  'admit.busy',
  'There is more to do here than can be done at the moment. Try again shortly.',
  { retry_after: 1 },
);

/** Whether there is time for this one at all, before anything of it is worked out. */
export const shed = (context: Authenticated, gate: Gate): Authenticated => {
  const { what, parent, letIn } = context.request;
  // What was made for the sake of another request goes with it.
  if (gate.shedder.hasRoom('stranger') || parent !== undefined || letIn) return context;
  const intent = what.kind === 'typed' ? gate.catalogue.find(what.name, what.major) : undefined;
  if (gate.shedder.hasRoom(rankOf(context, intent?.effect, gate))) return context;
  gate.shedder.turnedAway();
  throw tooMuchToDo;
};
