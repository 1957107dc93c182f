import { type FieldNode, GraphQLObjectType, type GraphQLSchema, isLeafType } from 'graphql';
import { isObject, type Json } from '../../intents/json.ts';
import type {
  GraphqlEntity,
  GraphqlEnum,
  GraphqlField,
  GraphqlObject,
  GraphqlScalar,
  GraphqlType,
  GraphqlUnion,
} from '../../intents/project/graphql-model.ts';
import { answerOf } from '../../intents/project/graphql-values.ts';
import type { SchemaLibrary } from '../../intents/schema-library.ts';
import type { Collect } from './graphql-collect.ts';
import { isIdentifier } from './graphql-operation.ts';
import type { Served } from './graphql-views.ts';

/**
 * Writes a value as an operation asks for it. What is joined is put into its place later.
 * @throws whatever where the value does not fit: what there is then, and what is wrong with it, is for the library to say
 */
export type Complete = (value: unknown, later: Later, holder: Holder, key: string | number) => unknown;
export type Holder = Record<string | number, unknown>;
/** Asks for a thing by its identifier, and goes on with it once it is there. */
export type Later = (entity: GraphqlEntity, id: string, then: (found: unknown) => void) => void;

/** Where the library takes over. Made once: nobody reads its stack. */
export const misfit = new Error('This is for the library to say.');

/** More is not compiled. */
const mostSteps = 5_000;

interface Step {
  readonly key: string;
  readonly property: string;
  readonly complete: Complete;
}

/**
 * Compiles what is selected of the types of a view.
 * @returns a function of a type and the fields of that type, which throws `misfit` where they are not for this to compile
 */
export const completers = (
  { schema, view }: Pick<Served, 'schema' | 'view'>,
  { validator }: SchemaLibrary,
  collect: Collect,
): ((type: GraphqlType, nodes: readonly FieldNode[]) => Complete) => {
  let steps = 0;

  const ofType = (type: GraphqlType, nodes: readonly FieldNode[]): Complete => {
    switch (type.kind) {
      case 'scalar':
        return ofScalar(type.name, schema);
      case 'enum':
        return ofEnum(type.of);
      case 'list':
        return ofList(type, ofType(type.of, nodes));
      case 'object':
        return orElse(type, isObject, ofObject(type.of, nodes));
      case 'union':
        return orElse(type, isObject, ofUnion(type.of, nodes));
      case 'input':
        throw misfit;
    }
  };

  /** Of whatever is no object every field is null. */
  const ofObject = (object: GraphqlObject, nodes: readonly FieldNode[]): Complete => {
    const type = schema.getType(object.name);
    const fields = view.objects.get(object);
    if (!(type instanceof GraphQLObjectType) || fields === undefined) throw misfit;
    const planned: Step[] = [];
    for (const [key, [node, ...same]] of collect(
      nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      type,
    )) {
      // In an object of JavaScript it would be no member.
      if (node === undefined || key === '__proto__' || ++steps > mostSteps) throw misfit;
      const name = node.name.value;
      if (name === '__typename') planned.push({ key, property: '', complete: () => object.name });
      else {
        const field = fields.find((one) => one.name === name);
        if (field === undefined) throw misfit;
        planned.push({ key, property: field.property, complete: ofField(field, [node, ...same]) });
      }
    }
    return (value, later) => {
      const source: Record<string, unknown> = isObject(value) ? value : {};
      const written: Holder = {};
      for (const { key, property, complete } of planned)
        written[key] = complete(Object.hasOwn(source, property) ? source[property] : null, later, written, key);
      return written;
    };
  };

  const ofField = ({ type, join }: GraphqlField, nodes: readonly FieldNode[]): Complete => {
    if (join === undefined) return ofType(type, nodes);
    const [inner, many] = type.kind === 'list' ? [type.of, type] : [type, undefined];
    if (inner.kind !== 'object') throw misfit;
    const found = ofObject(inner.of, nodes);
    const one: Complete = (id, later, holder, key) => {
      if (!isIdentifier(id)) return null;
      later(join, String(id), (value) => {
        const completed = value === null || value === undefined ? null : found(value, later, holder, key);
        if (completed === null && many?.nulls === false) throw misfit;
        holder[key] = completed;
      });
      // Its place.
      return undefined;
    };
    if (many === undefined) return one;
    const list = ofList(many, one);
    return (ids, ...rest) => {
      if (Array.isArray(ids) || ids === null || ids === undefined) return list(ids, ...rest);
      if (isIdentifier(ids)) throw misfit;
      return null;
    };
  };

  /** Which of several a value is: the first that it fits. */
  const ofUnion = ({ members }: GraphqlUnion, nodes: readonly FieldNode[]): Complete => {
    const each = members.map(({ object, schema: fits }) => ({
      fits: validator(fits),
      complete: ofObject(object, nodes),
    }));
    return (value, ...rest) => {
      const found = each.find(({ fits }) => fits(value));
      if (found === undefined) throw misfit;
      return found.complete(value, ...rest);
    };
  };

  return ofType;
};

const ofList =
  (type: GraphqlType & { kind: 'list' }, item: Complete): Complete =>
  (value, later) => {
    if (!Array.isArray(value)) return answerOf(type, value);
    const written: unknown[] = [];
    for (let index = 0; index < value.length; index++) {
      const one = item(value[index], later, written as unknown as Holder, index);
      if (one === null && !type.nulls) throw misfit;
      written[index] = one;
    }
    return written;
  };

const ofEnum = (of: GraphqlEnum): Complete => {
  // Of two that are written alike the first is meant.
  const names = new Map<unknown, string>(
    of.values.map(({ name, value }) => [value as Json, name] as const).toReversed(),
  );
  return (value) => names.get(value) ?? answerOf({ kind: 'enum', of }, value);
};

const ofScalar = (name: GraphqlScalar, schema: GraphQLSchema): Complete => {
  const leaf = schema.getType(name);
  if (!isLeafType(leaf)) throw misfit;
  const isPlain = plain[name] ?? isText;
  return (value) => {
    if (isPlain(value)) return value;
    const answer = answerOf({ kind: 'scalar', name }, value);
    if (answer === null) return null;
    const written = leaf.coerceOutputValue(answer);
    if (written === null || written === undefined) throw misfit;
    return written;
  };
};

const isText = (value: unknown): boolean => typeof value === 'string';
/** What is written as it is. Everything else is looked at more closely. */
const plain: Readonly<Partial<Record<GraphqlScalar, (value: unknown) => boolean>>> = {
  Boolean: (value) => typeof value === 'boolean',
  Float: Number.isFinite,
  Int: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
  Int64: Number.isInteger,
  JSON: (value) => value !== null && value !== undefined,
};

/** What does not even look like its type is null where a policy masked it, and else does not fit. */
const orElse =
  (type: GraphqlType, fits: (value: unknown) => boolean, complete: Complete): Complete =>
  (value, ...rest) =>
    fits(value) ? complete(value, ...rest) : answerOf(type, value);
