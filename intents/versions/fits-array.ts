import type { Comparison, Fault } from './fits.ts';
import { least, most } from './fits-scalar.ts';
import { type Part, partsOf } from './part.ts';

/** What keeps lists that fit `sub` from fitting a part. */
export const fitsArray = (sub: readonly Part[], part: Part, at: Comparison): Fault[] => {
  const { schema } = part;
  const faults: Fault[] = [];
  const longest = most(sub, 'maxItems');
  if (typeof schema.minItems === 'number' && least(sub, 'minItems', 0) < schema.minItems)
    faults.push(at.fault('minItems'));
  if (typeof schema.maxItems === 'number' && longest > schema.maxItems) faults.push(at.fault('maxItems'));
  if (schema.uniqueItems === true && longest > 1 && !sub.some((one) => one.schema.uniqueItems === true))
    faults.push(at.fault('uniqueItems'));
  if (schema.items === undefined && schema.prefixItems === undefined) return faults;
  const inside: Comparison = { ...at, path: [...at.path, '*'], filled: 'none' };
  const places = Math.max(...[...sub, part].map((one) => prefixOf(one).length));
  // The place after all that have their own schema stands for the rest.
  for (let place = 0; place <= places && place < longest; place++)
    faults.push(
      ...at.fits(
        sub.flatMap((one) => itemAt(one, place)),
        itemAt(part, place),
        inside,
      ),
    );
  return faults;
};

const prefixOf = ({ schema }: Part): readonly unknown[] =>
  Array.isArray(schema.prefixItems) ? schema.prefixItems : [];

const itemAt = (part: Part, place: number): readonly Part[] => {
  const prefix = prefixOf(part);
  return partsOf(place < prefix.length ? prefix[place] : part.schema.items, part);
};
