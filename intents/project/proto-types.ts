import { isObject, type JsonSchema } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import {
  alternatives,
  flatten,
  inside,
  isMap,
  isNullable,
  isOpen,
  isPlainRef,
  kindsOf,
  wordsOf,
} from './proto-kinds.ts';
import { membersOf } from './proto-members.ts';
import type { ProtoField, ProtoMessage, ProtoScalar, ProtoType } from './proto-model.ts';
import { fieldName, jsonName, numberOf, typeName, unlike, upperSnake } from './proto-names.ts';

/** Deeper than any contract that people write: below, a value has no type of its own. */
const maxDepth = 24;
const maxAlternatives = 1_000;

interface Typed {
  readonly type: ProtoType;
  readonly shape: ProtoField['shape'];
}
/** Where a type is wanted. */
interface At {
  /** Undefined: it is shared, and stands in the base package. */
  readonly parent: ProtoMessage | undefined;
  /** What it is called there. */
  readonly name: string;
  /** What `#/…` is counted from, and the message that stands for it. */
  readonly root: JsonSchema;
  readonly home: ProtoMessage | undefined;
  readonly depth: number;
  /** For people. */
  readonly place: string;
  /** The schema that was referred to, by which it is found again. */
  readonly target?: JsonSchema | undefined;
}

export interface ProtoTypes {
  /**
   * @param only what the only field is called where the schema is not of an object that lists its members
   * @param document what `#/…` is counted from, where it is more than the schema
   */
  message(schema: JsonSchema, fullName: string, place: string, only: string, document?: JsonSchema): ProtoMessage;
  /** What has no type in protobuf. */
  readonly notes: string[];
  /** What cannot be. */
  readonly faults: string[];
}

const scalar = (name: ProtoScalar): Typed => ({ type: { kind: 'scalar', name }, shape: 'one' });
const open = (name: 'Value' | 'Struct' | 'ListValue'): Typed => ({ type: { kind: 'open', name }, shape: 'one' });

/** Makes protobuf types of JSON Schemas; of one that is shared, one that is shared. */
export const protoTypes = ({ refs, resolveRef }: SchemaLibrary, base: string): ProtoTypes => {
  const notes: string[] = [];
  const faults: string[] = [];
  const referred = new Map<JsonSchema, Typed>();
  const names = new Map<string, Set<string>>();

  /** A name that is not taken in a scope. */
  const claim = (scope: string, wanted: string, told: string): string => {
    const taken = names.get(scope) ?? new Set();
    names.set(scope, taken);
    const name = unlike(wanted, numberOf(told), (one) => taken.has(one));
    taken.add(name);
    return name;
  };
  const describe = (schema: unknown): string => {
    if (!isObject(schema)) return '';
    const { description, title } = resolveRef(schema);
    return description ?? title ?? '';
  };
  const resolveAt =
    ({ root }: At) =>
    (schema: JsonSchema): JsonSchema => {
      const { $ref: ref, ...beside } = schema;
      return ref?.startsWith('#') ? { ...inside(root, ref), ...beside } : resolveRef(schema);
    };

  const newMessage = (at: At, description: string): ProtoMessage => {
    const scope = at.parent?.fullName ?? base;
    const name = claim(scope, typeName(at.name), at.name);
    const message = emptyMessage(name, `${scope}.${name}`, description, at.parent === undefined);
    at.parent?.messages.push(message);
    // Before it is filled: a recursive schema refers to itself.
    if (at.target !== undefined) referred.set(at.target, { type: { kind: 'message', of: message }, shape: 'one' });
    return message;
  };

  const fill = (message: ProtoMessage, schema: JsonSchema, at: At): void => {
    const home = at.home ?? message;
    const members = membersOf(schema, at.place, (wrong) => faults.push(wrong));
    // Types that are nested in a message share their scope with its fields.
    for (const { name } of members) claim(message.fullName, name, name);
    for (const { property, schema: member, name, number } of members)
      message.fields.push({
        property,
        name,
        number,
        ...typeOf(member, below(at, property, { parent: message, home })),
        required: schema.required?.includes(property) ?? false,
        description: describe(member),
      });
  };

  const enumOf = (words: readonly string[], at: At, description: string): Typed => {
    if (new Set(words.map(numberOf)).size < words.length || words.length > maxAlternatives) {
      notes.push(`${at.place}: has too many values for an enum, so that any string is taken by its type`);
      return scalar('string');
    }
    const scope = at.parent?.fullName ?? base;
    const name = claim(scope, typeName(at.name), at.name);
    const prefix = upperSnake(name);
    const zero = claim(scope, `${prefix}_UNSPECIFIED`, '');
    const values = words.map((value) => ({
      value,
      name: claim(scope, `${prefix}_${upperSnake(value)}`, value),
      number: numberOf(value),
    }));
    const shared = at.parent === undefined;
    const made = { name, fullName: `${scope}.${name}`, description, zero, values, shared };
    at.parent?.enums.push(made);
    return { type: { kind: 'enum', of: made }, shape: 'one' };
  };

  const oneofOf = (branches: readonly JsonSchema[], at: At, description: string): Typed => {
    const message = newMessage(at, description);
    message.oneof = true;
    const taken = new Set<string>();
    for (const [index, branch] of branches.entries()) {
      const told = fieldName(branchName(branch, resolveAt(at), index));
      const name = unlike(told, index + 1, (one) => taken.has(jsonName(one)));
      taken.add(jsonName(name));
      const typed = typeOf(branch, below(at, name, { parent: message, home: at.home ?? message }));
      // Neither a list nor a map can be a branch.
      const { type } = typed.shape === 'one' ? typed : open(typed.shape === 'many' ? 'ListValue' : 'Struct');
      const number = numberOf(name);
      const about = describe(branch);
      message.fields.push({
        property: name,
        name,
        number,
        type,
        shape: 'one',
        required: false,
        description: about,
        branch,
      });
    }
    return { type: { kind: 'message', of: message }, shape: 'one' };
  };

  const reference = (ref: string, at: At): Typed => {
    const local = ref.startsWith('#');
    const target = local ? inside(at.root, ref) : refs.get(ref);
    if (target === undefined) return open('Value');
    const before = referred.get(target);
    if (before !== undefined) return before;
    // A list of itself never comes to a message: it stays a value.
    referred.set(target, open('Value'));
    const name = ref.slice(local ? ref.lastIndexOf('/') + 1 : ref.indexOf(':') + 1);
    const depth = at.depth + 1;
    const typed = local
      ? typeOf(target, { ...at, parent: at.home, name, depth, place: `${at.place} (${ref})`, target })
      : typeOf(target, { parent: undefined, home: undefined, name, root: target, depth, place: ref, target });
    referred.set(target, typed);
    return typed;
  };

  const typeOf = (given: unknown, at: At): Typed => {
    if (!isObject(given)) return open('Value');
    if (at.depth > maxDepth) {
      notes.push(`${at.place}: is nested too deeply to have a type of its own`);
      return open('Value');
    }
    if (isPlainRef(given)) return reference(given.$ref, at);
    const resolve = resolveAt(at);
    const schema = flatten(given, resolve);
    if (schema === undefined) {
      notes.push(`${at.place}: "allOf" of what are not plain objects has no type`);
      return open('Value');
    }
    const branches = alternatives(schema, resolve);
    if (branches?.length === 1) return typeOf(branches[0], { ...at, depth: at.depth + 1 });
    if (branches !== undefined) {
      const words = branches.map((one) => wordsOf(asEnum(resolve(one))));
      if (words.every((some) => some !== undefined)) return enumOf([...new Set(words.flat())], at, describe(schema));
      return branches.length <= maxAlternatives ? oneofOf(branches, at, describe(schema)) : open('Value');
    }
    const words = wordsOf(schema);
    if (words !== undefined) return enumOf(words, at, describe(schema));
    const kinds = kindsOf(schema);
    if (kinds.length > 1) notes.push(`${at.place}: may be ${kinds.join(' or ')}, which has no type of its own`);
    switch (kinds.length === 1 ? kinds[0] : undefined) {
      case 'boolean':
        return scalar('bool');
      case 'integer':
        return scalar(schema.format === 'int32' ? 'int32' : 'int64');
      case 'number':
        return scalar(schema.format === 'float' ? 'float' : 'double');
      case 'string':
        return scalar(schema.contentEncoding === 'base64' || schema.format === 'byte' ? 'bytes' : 'string');
      case 'array':
        return listOf(schema, at);
      case 'object':
        return objectOf(schema, at);
      default:
        return open('Value');
    }
  };

  const objectOf = (schema: JsonSchema, at: At): Typed => {
    if (isMap(schema)) {
      const rest = schema.additionalProperties as JsonSchema;
      const { type, shape } = typeOf(rest, below(at, '*', { name: at.name }));
      const fits = shape === 'one' && type.kind !== 'open' && !isNullable(rest, resolveRef);
      return fits ? { type, shape: 'map' } : open('Struct');
    }
    if (isOpen(schema)) {
      if (schema.properties !== undefined)
        notes.push(`${at.place}: takes members beyond those that it lists, so that none of them has a type`);
      return open('Struct');
    }
    const message = newMessage(at, describe(schema));
    fill(message, schema, { ...at, home: at.home ?? message });
    return { type: { kind: 'message', of: message }, shape: 'one' };
  };

  const listOf = ({ items, prefixItems }: JsonSchema, at: At): Typed => {
    if (prefixItems !== undefined) return open('ListValue');
    if (!isObject(items) || isNullable(items, resolveAt(at))) return { ...open('Value'), shape: 'many' };
    const { type, shape } = typeOf(items, below(at, '*', { name: at.name }));
    if (shape === 'one') return { type, shape: 'many' };
    return { ...open(shape === 'many' ? 'ListValue' : 'Struct'), shape: 'many' };
  };

  return {
    notes,
    faults,
    message(schema, fullName, place, only, document) {
      const whole = resolveRef(schema);
      const root = document === undefined ? whole : resolveRef(document);
      const message = emptyMessage(fullName.slice(fullName.lastIndexOf('.') + 1), fullName, '', false);
      const at: At = { parent: message, home: message, name: only, root, depth: 0, place };
      const flat = flatten(whole, resolveAt(at));
      if (flat !== undefined && kindsOf(flat).join() === 'object' && !isOpen(flat) && !isMap(flat)) {
        referred.set(whole, { type: { kind: 'message', of: message }, shape: 'one' });
        fill(message, flat, at);
        return message;
      }
      message.wraps = true;
      message.fields.push({
        property: only,
        name: only,
        number: 1,
        ...typeOf(whole, at),
        required: true,
        description: '',
      });
      return message;
    },
  };
};

const emptyMessage = (name: string, fullName: string, description: string, shared: boolean): ProtoMessage => ({
  name,
  fullName,
  description,
  fields: [],
  messages: [],
  enums: [],
  oneof: false,
  wraps: false,
  shared,
});

const below = (at: At, property: string, more: Partial<At>): At => ({
  ...at,
  name: property,
  depth: at.depth + 1,
  place: `${at.place}/${property}`,
  target: undefined,
  ...more,
});

/** A constant among alternatives is one value of an enum. */
const asEnum = (schema: JsonSchema): JsonSchema =>
  schema.const === undefined ? schema : { ...schema, enum: [schema.const] };

const branchName = (branch: JsonSchema, resolve: (schema: JsonSchema) => JsonSchema, index: number): string => {
  const { title, type, properties } = resolve(branch);
  const constant = Object.values(properties ?? {}).find(({ const: one }) => typeof one === 'string')?.const;
  const said = constant ?? branch.$ref?.replace(/^.*[:/#]/, '') ?? title;
  if (typeof said === 'string' && /[A-Za-z]/.test(said)) return upperSnake(said).toLowerCase();
  return typeof type === 'string' ? `${type}_value` : `option_${index + 1}`;
};
