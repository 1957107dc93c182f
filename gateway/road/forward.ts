import type { Provenance } from '../../intents/contract.ts';
import { type Input, pointerSegment } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { Gate } from '../gate.ts';
import type { Authenticated, Resolved } from './context.ts';
import { knownIntent } from './known-intent.ts';

/**
 * A call of a major that is gone, as one of the newest major that takes it over. From here on it is a call of that one:
 * its policies decide, its contract holds.
 * @returns undefined where none does, for this caller
 * @throws OstiaryError where the input is none of the major that was called
 */
export const forwarded = (
  context: Authenticated,
  gate: Gate,
  name: string,
  major: number,
  given: Input,
): Pick<Resolved, 'compiled' | 'input' | 'provenance' | 'forwarded'> | undefined => {
  const heir = gate.catalogue.intents.findLast(
    (one) => one.name === name && one.from?.some((earlier) => earlier.major === major),
  );
  const compiled = heir && knownIntent(context, gate, name, heir.major);
  const forward = compiled?.forwards.get(major);
  if (compiled === undefined || forward === undefined) return undefined;
  const { checked, input, constants } = forward(given);
  const errors = [...checked.missing, ...checked.wrong];
  if (errors.length > 0) {
    const fields = errors.map(({ pointer, detail }) => `${pointer || 'the input'} ${detail.replace(/\.$/, '')}`);
    throw new OstiaryError('input.invalid', `${name}@${major} cannot take this: ${fields.slice(0, 5).join('; ')}.`, {
      errors,
    });
  }
  const provenance: Record<string, Provenance> = {};
  for (const member of Object.keys(input))
    provenance[`/${pointerSegment(member)}`] = constants.includes(member) ? 'default' : 'input';
  const { deprecated, output } = compiled.intent.from?.find((one) => one.major === major) ?? {};
  const make = compiled.backwards.get(major);
  const said = {
    from: `${name}@${major}`,
    ...(deprecated && { deprecated }),
    ...(output && make && { back: { output, make } }),
  };
  return { compiled, input, provenance, forwarded: said };
};
