import type { Intent } from '../contract.ts';
import { identified } from '../entity-read.ts';
import { isObject, type JsonSchema } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import type {
  GraphqlEntity,
  GraphqlEnum,
  GraphqlField,
  GraphqlInput,
  GraphqlObject,
  GraphqlScalar,
  GraphqlType,
} from './graphql-model.ts';
import { claims, memberNames, plainName, valueNames } from './graphql-names.ts';
import { scalarOf } from './graphql-scalars.ts';
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
import { typeName } from './proto-names.ts';

/** Deeper than any contract that people write: below, a value has no type of its own. */
const maxDepth = 24;
const maxValues = 1_000;

type Way = 'in' | 'out';
/** Where a type is wanted. */
interface At {
  readonly way: Way;
  /** What a type is called there. */
  readonly name: string;
  /** What `#/…` is counted from. */
  readonly root: JsonSchema;
  readonly depth: number;
  /** For people. */
  readonly place: string;
  /** The schema that was referred to, by which it is found again. */
  readonly target?: JsonSchema | undefined;
}

export interface GraphqlTypes {
  /** What an intent answers. @param object to be filled, where there is one for it already */
  output(intent: Intent, name: string, object?: GraphqlObject): GraphqlType;
  /** The arguments of an intent's field. @returns undefined where its input lists no members */
  args(intent: Intent, name: string): GraphqlField[] | undefined;
  /** An object type without fields yet, under a name that nothing else has. */
  object(name: string, description: string): GraphqlObject;
  readonly notes: string[];
}

const scalar = (name: GraphqlScalar): GraphqlType => ({ kind: 'scalar', name });

/**
 * Makes GraphQL types of JSON Schemas; of one that is shared, one that is shared.
 * @param entities what can be joined; filled in before any type is made
 * @param taken names that no type of a contract gets
 */
export const graphqlTypes = (
  { refs, resolveRef }: SchemaLibrary,
  entities: ReadonlyMap<string, GraphqlEntity>,
  taken: readonly string[],
): GraphqlTypes => {
  const notes: string[] = [];
  const claim = claims(taken);
  const referred = { in: new Map<JsonSchema, GraphqlType>(), out: new Map<JsonSchema, GraphqlType>() };
  const enums = new Map<string, GraphqlEnum>();

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
  const untyped = (at: At, why: string): GraphqlType => {
    notes.push(`${at.place}: ${why}`);
    return scalar('JSON');
  };

  const fieldsOf = (schema: JsonSchema, at: At): GraphqlField[] => {
    const properties = Object.entries(schema.properties ?? {});
    const names = memberNames(properties.map(([property]) => property));
    const fields = properties.map(([property, member]): GraphqlField => {
      const plain = isObject(member) ? resolveAt(at)(member) : {};
      const required = at.way === 'in' && (schema.required?.includes(property) ?? false) && plain.default === undefined;
      const given =
        plain.default === undefined || at.way === 'out' ? '' : `Left out, it is ${JSON.stringify(plain.default)}.`;
      return {
        name: names.get(property) ?? plainName(property),
        property,
        type: typeOf(member, below(at, property)),
        description: [describe(member), given].filter((part) => part !== '').join(' '),
        required: required && !isNullable(plain, resolveAt(at)),
        nullable: !isObject(member) || kindsOf(plain).length === 0 || isNullable(plain, resolveAt(at)),
        deprecated: plain.deprecated === true && !required,
      };
    });
    return at.way === 'in' ? fields : [...fields, ...joinsOf(schema, fields, at)];
  };

  /** For each member that is the identifier of something, the thing itself. */
  const joinsOf = (schema: JsonSchema, fields: readonly GraphqlField[], at: At): GraphqlField[] => {
    const found = fields.flatMap((field) => {
      const member = schema.properties?.[field.property];
      const one = identified(member);
      const join = entities.get(one ?? identified(isObject(member) ? resolveAt(at)(member).items : undefined) ?? '');
      return join === undefined || (join.object.name === at.name && join.key.property === field.property)
        ? []
        : [{ field, join, many: one === undefined }];
    });
    const claimField = claims(fields.map(({ name }) => name));
    return found.map(({ field, join, many }) => {
      const alone = found.filter((other) => other.join === join).length === 1;
      const thing = join.name.charAt(0).toLowerCase() + join.name.slice(1);
      const plain =
        alone && [join.argument, join.key.property, thing, `${thing}_id`, `${thing}Id`].includes(field.property);
      const name = `${plain ? '' : `${field.name}_`}${thing}${many ? 's' : ''}`;
      const type: GraphqlType = { kind: 'object', of: join.object };
      return {
        ...field,
        name: claimField(name, field.property),
        type: many ? { kind: 'list', of: type, nulls: true } : type,
        description: `The ${join.name} of ${field.name}, by ${join.intent.name}.`,
        join,
      };
    });
  };

  const enumOf = (words: readonly string[], at: At, description: string): GraphqlType => {
    if (words.length > maxValues) return scalar('String');
    const wanted = typeName(at.name);
    // The same words under the same name are the same enum, on the way in and out.
    const told = JSON.stringify([wanted, words]);
    let known = enums.get(told);
    if (known === undefined) {
      const names = valueNames(words);
      const values = words.map((value) => ({ name: names.get(value) ?? value, value }));
      known = { name: claim(wanted, told), description, values };
      enums.set(told, known);
    }
    return { kind: 'enum', of: known };
  };

  const unionOf = (branches: readonly JsonSchema[], at: At, description: string): GraphqlType => {
    if (at.way === 'in') {
      const of: GraphqlInput = {
        name: claim(`${typeName(at.name)}Input`, at.place),
        description,
        fields: [],
        oneof: true,
      };
      if (at.target !== undefined) referred.in.set(at.target, { kind: 'input', of });
      const named = memberNames(branches.map((branch, index) => branchName(branch, resolveAt(at), index)));
      for (const [index, branch] of branches.entries()) {
        const property = branchName(branch, resolveAt(at), index);
        const name = of.fields.some((field) => field.property === property)
          ? `option_${index + 1}`
          : (named.get(property) ?? property);
        of.fields.push({
          name,
          property: name,
          type: typeOf(branch, below(at, name)),
          description: describe(branch),
          required: false,
          nullable: false,
          deprecated: false,
        });
      }
      return { kind: 'input', of };
    }
    const members = branches.map((branch, index) => {
      const type = typeOf(branch, below(at, branchName(branch, resolveAt(at), index)));
      return type.kind === 'object' ? [{ object: type.of, schema: inRoot(branch, at.root) }] : [];
    });
    if (members.some((one) => one.length === 0))
      return untyped(at, 'is one of several, and not all of them are objects that list their members');
    return { kind: 'union', of: { name: claim(typeName(at.name), at.place), description, members: members.flat() } };
  };

  const reference = (ref: string, at: At): GraphqlType => {
    const local = ref.startsWith('#');
    const target = local ? inside(at.root, ref) : refs.get(ref);
    if (target === undefined) return scalar('JSON');
    const known = referred[at.way];
    const before = known.get(target);
    if (before !== undefined) return before;
    // A list of itself never comes to an object: it stays a value.
    known.set(target, scalar('JSON'));
    const name = ref.slice(local ? ref.lastIndexOf('/') + 1 : ref.indexOf(':') + 1);
    const depth = at.depth + 1;
    const type = local
      ? typeOf(target, { ...at, name, depth, place: `${at.place} (${ref})`, target })
      : typeOf(target, { way: at.way, name, root: target, depth, place: ref, target });
    const whole =
      identified({ $ref: ref }) !== undefined && type.kind === 'scalar' && type.name === 'String' ? scalar('ID') : type;
    known.set(target, whole);
    return whole;
  };

  const typeOf = (given: unknown, at: At): GraphqlType => {
    if (!isObject(given)) return scalar('JSON');
    if (at.depth > maxDepth) return untyped(at, 'is nested too deeply to have a type of its own');
    if (isPlainRef(given)) return reference(given.$ref, at);
    const resolve = resolveAt(at);
    const schema = flatten(given, resolve);
    if (schema === undefined) return untyped(at, '"allOf" of what are not plain objects has no type');
    const branches = alternatives(schema, resolve);
    if (branches?.length === 1) return typeOf(branches[0], { ...at, depth: at.depth + 1 });
    if (branches !== undefined) {
      const words = branches.map((one) => wordsOf(asEnum(resolve(one))));
      if (words.every((some) => some !== undefined)) return enumOf([...new Set(words.flat())], at, describe(schema));
      return branches.length <= maxValues ? unionOf(branches, at, describe(schema)) : scalar('JSON');
    }
    const words = wordsOf(schema);
    if (words !== undefined) return enumOf(words, at, describe(schema));
    const kinds = kindsOf(schema);
    if (kinds.length > 1) return untyped(at, `may be ${kinds.join(' or ')}, which has no type of its own`);
    switch (kinds[0]) {
      case undefined:
        return scalar('JSON');
      case 'array': {
        const { items, prefixItems } = schema;
        if (prefixItems !== undefined) return untyped(at, 'has items of different kinds by their place');
        const of = typeOf(items, below(at, '*', at.name));
        return { kind: 'list', of, nulls: at.way === 'out' || !isObject(items) || isNullable(items, resolve) };
      }
      case 'object':
        return objectOf(schema, at);
      default:
        return scalar(scalarOf(schema, kinds[0]));
    }
  };

  const objectOf = (schema: JsonSchema, at: At): GraphqlType => {
    if (isMap(schema)) return untyped(at, 'is a map, whose names no type can list');
    if (isOpen(schema)) {
      if (schema.properties === undefined) return scalar('JSON');
      return untyped(at, 'takes members beyond those that it lists, so that none of them has a type');
    }
    if (Object.keys(schema.properties ?? {}).length === 0) return scalar('JSON');
    const name = claim(at.way === 'in' ? `${typeName(at.name)}Input` : typeName(at.name), at.place);
    const made = { name, description: describe(schema), fields: [] as GraphqlField[] };
    const type: GraphqlType =
      at.way === 'in' ? { kind: 'input', of: { ...made, oneof: false } } : { kind: 'object', of: made };
    // Before it is filled: a recursive schema refers to itself.
    if (at.target !== undefined) referred[at.way].set(at.target, type);
    made.fields.push(...fieldsOf(schema, at));
    return type;
  };

  const start = (schema: JsonSchema, way: Way, name: string, place: string): At => ({
    way,
    name,
    root: schema,
    depth: 0,
    place,
  });
  return {
    notes,
    object: (name, description) => ({ name: claim(name, name), description, fields: [] }),
    output({ id, output }, name, object) {
      if (output === undefined) return scalar('JSON');
      const at = start(resolveRef(output), 'out', name, `${id} output`);
      if (object === undefined) return typeOf(output, at);
      const shared = isPlainRef(output) ? refs.get(output.$ref) : undefined;
      const type: GraphqlType = { kind: 'object', of: object };
      referred.out.set(shared ?? at.root, type);
      object.fields.push(...fieldsOf(flatten(at.root, resolveAt(at)) ?? at.root, { ...at, name: object.name }));
      return type;
    },
    args({ id, input }, name) {
      const at = start(input, 'in', name, `${id} input`);
      const flat = flatten(input, resolveAt(at));
      if (flat === undefined || isMap(flat) || isOpen(flat)) return undefined;
      referred.in.set(input, scalar('JSON'));
      return fieldsOf(flat, at);
    },
  };
};

const below = (at: At, property: string, name = at.name + typeName(property)): At => ({
  ...at,
  name,
  depth: at.depth + 1,
  place: `${at.place}/${property}`,
  target: undefined,
});

/** A schema that still finds what `#/$defs/…` in it refers to. */
const inRoot = (schema: JsonSchema, root: JsonSchema): JsonSchema =>
  root.$defs === undefined ? schema : { ...schema, $defs: root.$defs };

/** A constant among alternatives is one value of an enum. */
const asEnum = (schema: JsonSchema): JsonSchema =>
  schema.const === undefined ? schema : { ...schema, enum: [schema.const] };

const branchName = (branch: JsonSchema, resolve: (schema: JsonSchema) => JsonSchema, index: number): string => {
  const { title, type, properties } = resolve(branch);
  const constant = Object.values(properties ?? {}).find(({ const: one }) => typeof one === 'string')?.const;
  const said = constant ?? branch.$ref?.replace(/^.*[:/#]/, '') ?? title;
  if (typeof said === 'string' && /[A-Za-z]/.test(said)) return plainName(said);
  return typeof type === 'string' ? type : `option_${index + 1}`;
};
