import type { CompiledIntent } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated } from './context.ts';

/** What a policy hides is to its caller as if it did not exist. */
export const knownIntent = (
  { principal }: Authenticated,
  gate: Gate,
  name: string,
  major: number | undefined,
): CompiledIntent | undefined => {
  const intent = gate.catalogue.find(name, major);
  return intent === undefined || gate.bundle.visibility(principal, intent) === 'hidden'
    ? undefined
    : gate.compiled.get(intent.id);
};
