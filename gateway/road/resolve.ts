import type { Input } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated, Ending, Resolved } from './context.ts';
import { forwarded } from './forward.ts';
import { held } from './held.ts';
import { knownIntent } from './known-intent.ts';
import { allFrom } from './understood.ts';
import { words } from './words.ts';

/** Which intent, with which values, each from where. Words go through the resolver; a typed call names its intent itself. */
export const resolve = (context: Authenticated, gate: Gate): Resolved | Ending | Promise<Resolved | Ending> => {
  const { what } = context.request;
  switch (what.kind) {
    case 'typed':
      return typed(context, gate, what.name, what.major, what.input);
    case 'ask':
      return words(context, gate, what);
    case 'confirmation':
      return held(context, gate, what.id);
  }
};

const certain = { tier: 'direct', confidence: 1, margin: 1 } as const;

const typed = (context: Authenticated, gate: Gate, name: string, major: number | undefined, input: Input): Resolved => {
  const known = knownIntent(context, gate, name, major);
  const earlier = known !== undefined || major === undefined ? undefined : forwarded(context, gate, name, major, input);
  const compiled = known ?? earlier?.compiled;
  if (compiled === undefined)
    throw new OstiaryError(
      'intent.unknown',
      `There is no intent "${major === undefined ? name : `${name}@${major}`}" for this caller. GET /v1/intents lists those there are.`,
    );
  return {
    ...context,
    compiled,
    input,
    provenance: allFrom(input, 'input'),
    ...earlier,
    resolution: certain,
    candidates: [],
    notes: [],
    pending: undefined,
  };
};
