import { isObject, pointerSegment } from '../json.ts';
import { slotName, unique } from './naming.ts';
import { follow, type OpenapiObject } from './openapi-document.ts';
import type { Part } from './openapi-parameters.ts';
import { type Conversion, convertSchema, isForeign } from './openapi-schema.ts';

/** The members of a body, each with where it stands. */
export interface Members {
  readonly properties: Map<string, { raw: unknown; place: string }>;
  readonly required: Set<string>;
  readonly choices: Map<string, string[][]>;
}

/** Members as parts of the input. */
export interface FlatBody {
  readonly kind: 'members';
  readonly members: readonly Part[];
  /** Alternatives that differ only in what they require, in slots. */
  readonly choices: Readonly<Record<string, readonly { readonly required: readonly string[] }[]>>;
}

/** Gives each member a slot. @param slots names taken in the input; grows */
export const flatten = ({ properties, required, choices }: Members, run: Conversion, slots: Set<string>): FlatBody => {
  const slotOf = new Map<string, string>();
  const members: Part[] = [];
  for (const [wireName, { raw, place }] of properties) {
    if (isForeign(raw, run)) continue;
    const wanted = slotName(wireName);
    const slot = unique(slots.has(wanted) ? `${wanted}_body` : wanted, slots, '_');
    slotOf.set(wireName, slot);
    members.push({ slot, wireName, schema: convertSchema(raw, place, run), required: required.has(wireName) });
  }
  return {
    kind: 'members',
    members,
    choices: Object.fromEntries(
      [...choices].map(([keyword, lists]) => [
        keyword,
        lists.map((names) => ({ required: names.flatMap((name) => slotOf.get(name) ?? []) })),
      ]),
    ),
  };
};

/** Say nothing that flattening would lose. */
const harmless = new Set([
  'type',
  'properties',
  'required',
  'title',
  'description',
  'example',
  'examples',
  'default',
  'nullable',
  'deprecated',
  'externalDocs',
  'xml',
  '$comment',
  'readOnly',
  'writeOnly',
]);

/** The members of a schema that is an object with nothing but listed members; undefined for any other. */
export const membersOf = (
  document: OpenapiObject,
  raw: unknown,
  from: string,
  run: Conversion,
  depth = 0,
): Members | undefined => {
  if (!isObject(raw) || depth > 8) return undefined;
  if (raw.$ref !== undefined && Object.keys(raw).some((name) => name !== '$ref' && !harmless.has(name)))
    return undefined;
  const { value, place } = follow(document, raw, from);
  const members: Members = { properties: new Map(), required: new Set(), choices: new Map() };
  const dropped: [string, string][] = [];
  for (const [keyword, given] of Object.entries(value)) {
    if (harmless.has(keyword) || keyword.startsWith('x-')) continue;
    if ((keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') && given === false) continue;
    if (keyword === 'minProperties' || keyword === 'maxProperties')
      dropped.push([keyword, `"${keyword}" of the body left out: its members stand among the parameters`]);
    else if (keyword === 'discriminator') dropped.push([keyword, '"discriminator" left out: JSON Schema has none']);
    else if (keyword === 'allOf' && Array.isArray(given)) {
      for (const [index, part] of given.entries()) {
        const inner = membersOf(document, part, `${place}/allOf/${index}`, run, depth + 1);
        if (inner === undefined || !merge(members, inner)) return undefined;
      }
    } else if ((keyword === 'anyOf' || keyword === 'oneOf') && Array.isArray(given)) {
      const lists = given.map(requiredOnly);
      if (lists.length === 0 || lists.some((list) => list === undefined)) return undefined;
      if (members.choices.has(keyword)) return undefined;
      members.choices.set(keyword, lists as string[][]);
    } else return undefined;
  }
  const { type, properties = {}, required = [] } = value;
  if (type !== undefined && ![type].flat().includes('object')) return undefined;
  if ([type].flat().some((name) => name !== undefined && name !== 'object' && name !== 'null')) return undefined;
  if (!isObject(properties) || !Array.isArray(required)) return undefined;
  const own: Members = {
    properties: new Map(
      Object.entries(properties).map(([name, schema]) => [
        name,
        { raw: schema, place: `${place}/properties/${pointerSegment(name)}` },
      ]),
    ),
    required: new Set(required.filter((name): name is string => typeof name === 'string')),
    choices: new Map(),
  };
  if (!merge(members, own) || members.properties.has('__proto__')) return undefined;
  // Only at the end is it known that every name required is a member.
  if (depth === 0) {
    const named = [...members.required, ...[...members.choices.values()].flat(2)];
    if (members.properties.size === 0 || named.some((name) => !members.properties.has(name))) return undefined;
  }
  if (value.nullable === true || [type].flat().includes('null')) dropped.push(['', 'the body cannot be null here']);
  for (const [keyword, reason] of dropped) run.lossy(keyword === '' ? place : `${place}/${keyword}`, reason);
  return members;
};

const requiredOnly = (branch: unknown): string[] | undefined =>
  isObject(branch) &&
  Array.isArray(branch.required) &&
  branch.required.every((name) => typeof name === 'string') &&
  Object.keys(branch).every((keyword) => keyword === 'required' || keyword === 'title' || keyword === 'description')
    ? (branch.required as string[])
    : undefined;

/** @returns false where both name the same member */
const merge = (into: Members, from: Members): boolean => {
  for (const [name, property] of from.properties) {
    if (into.properties.has(name)) return false;
    into.properties.set(name, property);
  }
  for (const name of from.required) into.required.add(name);
  for (const [keyword, lists] of from.choices) {
    if (into.choices.has(keyword)) return false;
    into.choices.set(keyword, lists);
  }
  return true;
};
