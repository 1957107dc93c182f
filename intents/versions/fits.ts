import { isObject, type JsonSchema } from '../json.ts';
import { fitsArray } from './fits-array.ts';
import { fitsObject } from './fits-object.ts';
import { fitsScalar } from './fits-scalar.ts';
import { kindsIn, kindsOf, type Part, partsOf, valuesOf, written } from './part.ts';

/** Why it cannot be shown that whatever fits one schema fits the other. */
export interface Fault {
  /** Member names from the value itself; `*` steps into a list, or into members that have no name. */
  readonly path: readonly string[];
  /** The keyword of the other schema that stands in the way. */
  readonly keyword: string;
}

/**
 * What of a value the gateway fills in with defaults before it is validated: `sure` where a default stands for what is
 * missing and nothing counts members, `maybe` where it cannot be relied on, `none` where nothing is filled in.
 */
export type Filled = 'sure' | 'maybe' | 'none';

export interface Comparison {
  readonly path: readonly string[];
  readonly filled: Filled;
  readonly fits: (sub: readonly Part[], sup: readonly Part[], at: Comparison) => Fault[];
  readonly apart: (one: readonly Part[], other: readonly Part[], depth?: number) => boolean;
  readonly fault: (keyword: string, ...below: readonly string[]) => Fault;
}

/** So many pairs of schemas are compared; a contract that needs more is taken for changed. */
const maxPairs = 20_000;
/** Groups of keywords that are only ever taken as they stand. */
const asTheyStand = [
  ['not'],
  ['if', 'then', 'else'],
  ['contains', 'minContains', 'maxContains'],
  ['propertyNames'],
  ['dependentRequired'],
  ['dependentSchemas'],
];
const unevaluated = ['unevaluatedProperties', 'unevaluatedItems'];

/**
 * Finds what keeps values that fit `sub` from fitting `sup`. It is careful: an empty list is a proof for JSON Schema
 * 2020-12 as our validator reads it, a fault may be one that no value ever shows.
 * @param filled whether defaults of both are filled in first, as with inputs
 */
export const faultsOfFit = (
  sub: JsonSchema,
  subLibrary: Part['library'],
  sup: JsonSchema,
  supLibrary: Part['library'],
  filled: boolean,
): Fault[] => {
  const ids = new Map<JsonSchema, number>();
  const idOf = ({ schema }: Part): number => {
    const known = ids.get(schema) ?? ids.size;
    ids.set(schema, known);
    return known;
  };
  const open = new Set<string>();
  let pairs = 0;
  const fits: Comparison['fits'] = (some, others, at) => {
    const key = `${some.map(idOf).sort().join()}>${others.map(idOf).join()}:${at.filled}`;
    // A recursive schema that met itself: whatever is wrong with it is found by whoever is at it.
    if (open.has(key)) return [];
    if (++pairs > maxPairs) return [at.fault('$ref')];
    open.add(key);
    try {
      return compare(some, others, { ...at, fault: faultAt(at.path) });
    } finally {
      open.delete(key);
    }
  };
  const start: Comparison = {
    path: [],
    filled: filled ? 'sure' : 'none',
    fits,
    apart: areApart,
    fault: faultAt([]),
  };
  return fits(
    partsOf(sub, { root: sub, library: subLibrary }),
    partsOf(sup, { root: sup, library: supLibrary }),
    start,
  );
};

const faultAt =
  (path: readonly string[]): Comparison['fault'] =>
  (keyword, ...below) => ({ path: [...path, ...below], keyword });

const compare = (sub: readonly Part[], sup: readonly Part[], at: Comparison): Fault[] => {
  const values = valuesOf(sub);
  // Defaults could change such a value before it is validated; then it is looked at member by member.
  if (values !== undefined && (at.filled === 'none' || !values.some(isObject)))
    return sup.flatMap((part) =>
      values.every((value) => takes(part, value)) ? [] : [at.fault(part.schema.enum ? 'enum' : keywordOf(part))],
    );
  if (values?.length === 0 || kindsOf(sub).size === 0) return [];
  const single = sup.length === 1;
  const faults = sup.flatMap((part) => fitsPart(sub, part, single ? at : { ...at, filled: unsure(at.filled) }));
  if (faults.length === 0) return [];
  const branches = branchesOf(sub);
  return branches?.every((branch) => at.fits(branch, sup, at).length === 0) ? [] : faults;
};

const unsure = (filled: Filled): Filled => (filled === 'none' ? 'none' : 'maybe');

const keywordOf = ({ schema }: Part): string =>
  schema.const === undefined ? (schema.type === undefined ? (Object.keys(schema)[0] ?? '') : 'type') : 'const';

/** Whether a value fits a schema, by the validator itself. */
const takes = ({ schema, library }: Part, value: unknown): boolean => {
  // What refers into its own document cannot be taken out of it.
  if (JSON.stringify(schema).includes('"$ref":"#')) return false;
  try {
    return library.validator(schema)(value) === true;
  } catch {
    return false;
  }
};

const fitsPart = (sub: readonly Part[], part: Part, at: Comparison): Fault[] => {
  const { schema } = part;
  const faults: Fault[] = [];
  const can = kindsOf(sub);
  const wanted = kindsIn(schema);
  if ([...can].some((kind) => !wanted.has(kind))) faults.push(at.fault('type'));
  if (schema.$ref !== undefined && !sub.some((one) => one.schema.$ref === schema.$ref)) faults.push(at.fault('$ref'));
  const values = valuesOf(sub);
  for (const keyword of ['enum', 'const'])
    if (
      schema[keyword] !== undefined &&
      !values?.every((value) => takes({ ...part, schema: { [keyword]: schema[keyword] } }, value))
    )
      faults.push(at.fault(keyword));
  for (const group of asTheyStand)
    if (group.some((keyword) => schema[keyword] !== undefined) && !sub.some((one) => isSame(one, part, group)))
      faults.push(at.fault(group.find((keyword) => schema[keyword] !== undefined) as string));
  // What is unevaluated hangs on everything beside it.
  for (const keyword of unevaluated)
    if (schema[keyword] !== undefined && !sub.some((one) => written(one.schema, one) === written(schema, part)))
      faults.push(at.fault(keyword));
  if (
    Array.isArray(schema.anyOf) &&
    !schema.anyOf.some((branch) => at.fits(sub, partsOf(branch, part), none(at)).length === 0)
  )
    faults.push(at.fault('anyOf'));
  if (
    Array.isArray(schema.oneOf) &&
    !sub.some((one) => isSame(one, part, ['oneOf'])) &&
    !fitsOne(sub, schema.oneOf, part, at)
  )
    faults.push(at.fault('oneOf'));
  if (can.has('string') || can.has('integer') || can.has('fraction')) faults.push(...fitsScalar(sub, part, can, at));
  if (can.has('array')) faults.push(...fitsArray(sub, part, at));
  if (can.has('object')) faults.push(...fitsObject(sub, part, at));
  return faults;
};

const isSame = (one: Part, other: Part, keywords: readonly string[]): boolean =>
  keywords.every(
    (keyword) => written(one.schema[keyword] ?? null, one) === written(other.schema[keyword] ?? null, other),
  );

/** Exactly one: it fits that one, and is apart from all others. */
const fitsOne = (sub: readonly Part[], branches: readonly unknown[], part: Part, at: Comparison): boolean => {
  const parted = branches.map((branch) => partsOf(branch, part));
  return parted.some(
    (branch, index) =>
      parted.every((other, place) => place === index || areApart(sub, other)) &&
      at.fits(sub, branch, none(at)).length === 0,
  );
};

/** Defaults inside alternatives are never filled in; those of what stands around them may be, and are looked at there. */
const none = (at: Comparison): Comparison => ({ ...at, filled: 'none' });

/** The alternatives that a schema is made of, each with what holds for all of them. */
const branchesOf = (parts: readonly Part[]): readonly (readonly Part[])[] | undefined => {
  for (const [index, part] of parts.entries())
    for (const keyword of ['anyOf', 'oneOf']) {
      const { [keyword]: alternatives, ...rest } = part.schema;
      if (!Array.isArray(alternatives)) continue;
      const others = parts.filter((_one, place) => place !== index);
      return alternatives.map((one) => [...others, { ...part, schema: rest as JsonSchema }, ...partsOf(one, part)]);
    }
  const types = parts.findIndex(({ schema }) => Array.isArray(schema.type) && schema.type.length > 1);
  const part = parts[types];
  if (part === undefined) return undefined;
  return [part.schema.type ?? []]
    .flat()
    .map((type) => parts.map((one, place) => (place === types ? { ...one, schema: { ...one.schema, type } } : one)));
};

const maxApartDepth = 4;

/** Whether surely no value fits both: other kinds, other named values, or a member that one requires and that is apart. */
const areApart = (one: readonly Part[], other: readonly Part[], depth = 0): boolean => {
  const kinds = kindsOf([...one, ...other]);
  if (kinds.size === 0) return true;
  const values = valuesOf([...one, ...other]);
  if (values !== undefined && values.length === 0) return true;
  if (depth > maxApartDepth || kinds.size > 1 || !kinds.has('object')) return false;
  const required = new Set([...one, ...other].flatMap(({ schema }) => schema.required ?? []));
  const member = (parts: readonly Part[], name: string) =>
    parts.flatMap((part) => {
      const { properties = {}, patternProperties, additionalProperties } = part.schema;
      if (Object.hasOwn(properties, name)) return partsOf(properties[name], part);
      return patternProperties === undefined ? partsOf(additionalProperties, part) : [];
    });
  return [...required].some((name) => areApart(member(one, name), member(other, name), depth + 1));
};
