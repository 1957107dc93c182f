import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import type { JsonSchema } from '../json.ts';
import { type GraphqlTypes, nullable } from './graphql-types.ts';
import { plainText } from './plain-text.ts';

/** What is asked for of an answer, and the schema of what comes. */
export interface Selection {
  /** ` { id name }`, '' for a scalar. */
  readonly text: string;
  readonly schema: JsonSchema;
  /** Fields that are there and are not asked for, as paths. */
  readonly left: readonly string[];
}

interface Selected {
  readonly type: GraphQLNamedType;
  /** Below the root: how many objects are around it. */
  readonly level: number;
  readonly path: readonly string[];
  /** The object around it. */
  readonly around: Selected | undefined;
  /** The union or interface that it is one type of. */
  readonly branchOf?: Selected;
  readonly fields: { readonly field: GraphQLField<unknown, unknown>; readonly inner?: Selected }[];
  /** For a union or an interface: what is asked for of each type it can be. */
  readonly branches: Selected[];
}

/** Objects within objects within the answer; deeper is a request of its own. */
const maxLevel = 3;
const maxFields = 150;
const maxBranches = 20;

/**
 * Chooses the fields of an answer: every field that needs no arguments, the outer ones first, three objects deep and 150 at
 * most. A list that is paged within the answer is left out, and so are deprecated fields.
 */
export const selectionOf = (type: GraphQLOutputType, schema: GraphQLSchema, types: GraphqlTypes): Selection => {
  const named = getNamedType(type);
  if (isLeafType(named)) return { text: '', schema: schemaOf(type, undefined, types), left: [] };
  const left: string[] = [];
  const root: Selected = { type: named, level: 1, path: [], around: undefined, fields: [], branches: [] };
  const waiting = [root];
  let budget = maxFields;
  for (const node of waiting) {
    if (isAbstractType(node.type))
      for (const branch of schema.getPossibleTypes(node.type).slice(0, maxBranches)) {
        const inner = { ...node, type: branch, branchOf: node, fields: [], branches: [] };
        node.branches.push(inner);
        waiting.push(inner);
      }
    if (!isObjectType(node.type) && !isInterfaceType(node.type)) continue;
    const fields = Object.values(node.type.getFields());
    const pages = fields.some(({ name }) => name === 'nodes') && fields.some(({ name }) => name === 'edges');
    const own = node.branchOf;
    for (const field of fields) {
      if (field.deprecationReason != null || own?.fields.some((known) => known.field.name === field.name)) continue;
      const inner = getNamedType(field.type);
      const path = [...node.path, field.name];
      if (
        field.args.some(isRequiredArgument) ||
        budget === 0 ||
        (pages && field.name === 'edges') ||
        (own !== undefined && conflicts(own, node, field))
      )
        left.push(path.join('.'));
      else if (isLeafType(inner)) {
        budget--;
        node.fields.push({ field });
      } else if (node.level >= maxLevel || isWithin(node, inner) || isPaged(inner)) left.push(path.join('.'));
      else {
        const selected = { type: inner, level: node.level + 1, path, around: node, fields: [], branches: [] };
        node.fields.push({ field, inner: selected });
        waiting.push(selected);
      }
    }
  }
  prune(root);
  return { text: printed(root, 2), schema: schemaOf(type, root, types), left };
};

const isWithin = (node: Selected, type: GraphQLNamedType): boolean => {
  for (let here: Selected | undefined = node; here !== undefined; here = here.around)
    if (here.type === type) return true;
  return false;
};

const isPaged = (type: GraphQLNamedType): boolean =>
  isObjectType(type) && 'edges' in type.getFields() && 'pageInfo' in type.getFields();

/** Two types of a union must not give one name two meanings (GraphQL, section 5.3.2). */
const conflicts = (own: Selected, node: Selected, field: GraphQLField<unknown, unknown>): boolean =>
  own.branches.some(
    (other) =>
      other !== node &&
      other.fields.some(
        (known) =>
          known.field.name === field.name &&
          (String(known.field.type) !== String(field.type) || known.inner !== undefined),
      ),
  );

const prune = (node: Selected): void => {
  for (const branch of node.branches) prune(branch);
  for (const { inner } of node.fields) if (inner !== undefined) prune(inner);
  const kept = node.fields.filter(({ inner }) => inner === undefined || !isEmpty(inner));
  node.fields.splice(0, node.fields.length, ...kept);
};

const isEmpty = (node: Selected): boolean =>
  node.fields.length === 0 && node.branches.every(isEmpty) && !isAbstractType(node.type);

const printed = (node: Selected, depth: number): string => {
  const pad = '  '.repeat(depth);
  const lines = node.fields.map(
    ({ field, inner }) => `${pad}${field.name}${inner === undefined ? '' : printed(inner, depth + 1)}\n`,
  );
  const branches = node.branches
    .filter(({ fields }) => fields.length > 0)
    .map((branch) => `${pad}... on ${branch.type.name}${printed(branch, depth + 1)}\n`);
  const typename = isAbstractType(node.type) || lines.length === 0 ? [`${pad}__typename\n`] : [];
  return ` {\n${[...typename, ...lines, ...branches].join('')}${'  '.repeat(depth - 1)}}`;
};

const schemaOf = (type: GraphQLOutputType, node: Selected | undefined, types: GraphqlTypes): JsonSchema => {
  if (isNonNullType(type)) return schemaOf(type.ofType as GraphQLOutputType, node, types);
  if (isListType(type)) {
    const items = type.ofType as GraphQLOutputType;
    return { type: 'array', items: nullable(schemaOf(items, node, types), items) };
  }
  if (isLeafType(type)) return types.leaf(type);
  return node === undefined ? {} : objectSchema(node, types);
};

const objectSchema = (node: Selected, types: GraphqlTypes): JsonSchema => {
  const properties: Record<string, JsonSchema> = {};
  if (isAbstractType(node.type) || node.fields.length === 0) properties.__typename = { type: 'string' };
  for (const { field, inner } of [...node.fields, ...node.branches.flatMap(({ fields }) => fields)]) {
    const schema = nullable(schemaOf(field.type, inner, types), field.type);
    const description = plainText(field.description, 160);
    properties[field.name] =
      schema.description === undefined && description !== '' ? { ...schema, description } : schema;
  }
  return { type: 'object', properties };
};
