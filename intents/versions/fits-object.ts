import { isObject, type Json, type JsonSchema } from '../json.ts';
import { regExp } from '../schema-library.ts';
import type { Comparison, Fault } from './fits.ts';
import { least, most } from './fits-scalar.ts';
import { type Part, partsOf, sorted } from './part.ts';

/** How deep below an input defaults are filled in (`validate.ts`). */
const maxFilledDepth = 4;
/** Beside these a default that is filled in cannot make an object wrong. */
const plain = [
  'type',
  'properties',
  'required',
  'additionalProperties',
  'minProperties',
  'title',
  'description',
  'default',
  'examples',
  '$defs',
  '$comment',
  'deprecated',
];

/** What keeps objects that fit `sub` from fitting a part. */
export const fitsObject = (sub: readonly Part[], part: Part, at: Comparison): Fault[] => {
  const { schema } = part;
  const faults: Fault[] = [];
  const required = new Set(sub.flatMap((one) => one.schema.required ?? []));
  const isPlain = Object.keys(schema).every((keyword) => plain.includes(keyword) || keyword.startsWith('x-'));
  const sure = at.filled === 'sure' && isPlain && at.path.length <= maxFilledDepth;
  for (const name of schema.required ?? [])
    if (!required.has(name) && !(sure && defaultAt(part, name) !== undefined)) faults.push(at.fault('required', name));
  if (at.filled !== 'none') faults.push(...defaults(sub, part, at, sure));
  if (
    typeof schema.minProperties === 'number' &&
    Math.max(required.size, least(sub, 'minProperties', 0)) < schema.minProperties
  )
    faults.push(at.fault('minProperties'));
  if (typeof schema.maxProperties === 'number' && most(sub, 'maxProperties') > schema.maxProperties)
    faults.push(at.fault('maxProperties'));

  const names = new Set(
    [...sub, part].flatMap((one) => [...Object.keys(one.schema.properties ?? {}), ...(one.schema.required ?? [])]),
  );
  for (const name of names) {
    const ours = sub.flatMap((one) => memberOf(one, name));
    const theirs = memberOf(part, name);
    if (ours.some(isNever)) continue;
    if (theirs.some(isNever)) {
      faults.push(at.fault('additionalProperties', name));
      continue;
    }
    const filled = sure && defaultAt(part, name) === undefined ? 'sure' : at.filled === 'none' ? 'none' : 'maybe';
    faults.push(...at.fits(ours, theirs, { ...at, path: [...at.path, name], filled }));
  }
  faults.push(...unnamed(sub, part, at));
  return faults;
};

/** A name that no schema has in `properties`: it may match any pattern of either, or none. */
const unnamed = (sub: readonly Part[], part: Part, at: Comparison): Fault[] => {
  const patterns = patternsOf(part);
  const { additionalProperties } = part.schema;
  if (patterns.size === 0 && (additionalProperties === undefined || additionalProperties === true)) return [];
  const faults: Fault[] = [];
  const inside: Comparison = { ...at, path: [...at.path, '*'], filled: 'none' };
  for (const matched of [undefined, ...new Set(sub.flatMap((one) => [...patternsOf(one).keys()]))]) {
    const ours = sub.flatMap((one) => {
      const own = patternsOf(one);
      if (matched === undefined || own.size === 0) return partsOf(one.schema.additionalProperties, one);
      return own.has(matched) ? partsOf(own.get(matched), one) : [];
    });
    if (ours.some(isNever)) continue;
    for (const pattern of patterns.values()) faults.push(...at.fits(ours, partsOf(pattern, part), inside));
    if (matched !== undefined && patterns.has(matched)) continue;
    if (additionalProperties === false) faults.push(at.fault('additionalProperties'));
    else faults.push(...at.fits(ours, partsOf(additionalProperties, part), inside));
  }
  return faults;
};

/** A default decides what is asked for where a member is left out: it stays, except that of a member that is new. */
const defaults = (sub: readonly Part[], part: Part, at: Comparison, sure: boolean): Fault[] => {
  const known = sub.flatMap((one) => Object.keys(one.schema.properties ?? {}));
  const names = new Set([...known, ...Object.keys(part.schema.properties ?? {})]);
  return [...names].flatMap((name) => {
    const before = sub.map((one) => defaultAt(one, name)).find((one) => one !== undefined);
    const now = defaultAt(part, name);
    if (sorted(before ?? null) === sorted(now ?? null) && (before === undefined) === (now === undefined)) return [];
    if (now !== undefined && !known.includes(name) && sure && fitsItself(part, name, now)) return [];
    // A member that is gone is told of as that.
    if (now === undefined && !Object.hasOwn(part.schema.properties ?? {}, name)) return [];
    return [at.fault('default', name)];
  });
};

const defaultAt = ({ schema, library }: Part, name: string): Json | undefined => {
  const member = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
  return isObject(member) ? library.resolveRef(member).default : undefined;
};

const fitsItself = (part: Part, name: string, value: Json): boolean => {
  try {
    return part.library.validator(part.schema.properties?.[name] as JsonSchema)(value) === true;
  } catch {
    return false;
  }
};

const patternsOf = ({ schema }: Part): ReadonlyMap<string, unknown> =>
  new Map(isObject(schema.patternProperties) ? Object.entries(schema.patternProperties) : []);

const memberOf = (part: Part, name: string): readonly Part[] => {
  const { properties = {}, additionalProperties } = part.schema;
  const named = Object.hasOwn(properties, name) ? [properties[name]] : [];
  const matching = [...patternsOf(part)].filter(([pattern]) => regExp(pattern, 'u').test(name)).map(([, one]) => one);
  const all = [...named, ...matching];
  return (all.length === 0 ? [additionalProperties] : all).flatMap((one) => partsOf(one, part));
};

const isNever = ({ schema }: Part): boolean => Array.isArray(schema.enum) && schema.enum.length === 0;
