import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { toPointer } from '../../intents/json.ts';
import type { GraphqlEntity, GraphqlField, GraphqlObject, GraphqlType } from '../../intents/project/graphql-model.ts';

/** More are not listed: then everything is fetched. */
const most = 200;

/**
 * The members of an output that a selection needs, as pointers; those that something is joined by are needed for it. A
 * list is passed through, as policies do.
 * @returns undefined where that cannot be said of the type, or is too much to say
 */
export const selectedIn = (
  { fieldNodes, fragments }: { readonly fieldNodes: readonly FieldNode[]; readonly fragments: Fragments },
  type: GraphqlType,
): readonly string[] | undefined => {
  const object = objectIn(type);
  return object && pointersOf(fieldNodes, object, fragments);
};

/** Whether an operation begins with one field, as far as can be seen without its fragments. */
export const isAlone = ({ selectionSet }: OperationDefinitionNode): boolean => {
  const [only, ...others] = selectionSet.selections;
  return only?.kind === Kind.FIELD && others.length === 0;
};

/** The members of a thing that an operation speaks of anywhere, one level deep: it is fetched once for all of them. */
export const spokenOf = ({ object, key }: GraphqlEntity, names: ReadonlySet<string>): readonly string[] =>
  object.fields.flatMap((field) => (names.has(field.name) || field === key ? [toPointer([field.property])] : []));

type Fragments = Readonly<
  Record<string, FragmentDefinitionNode | { readonly definition: FragmentDefinitionNode } | undefined>
>;

const objectIn = (type: GraphqlType): GraphqlObject | undefined =>
  type.kind === 'list' ? objectIn(type.of) : type.kind === 'object' ? type.of : undefined;

const pointersOf = (
  nodes: readonly FieldNode[],
  root: GraphqlObject,
  fragments: Fragments,
): readonly string[] | undefined => {
  const found = new Set<string>();
  let full = true;
  const walk = (
    { selections }: SelectionSetNode,
    object: GraphqlObject,
    path: readonly string[],
    depth: number,
  ): void => {
    for (const selection of selections) {
      if (found.size > most || depth > most) {
        full = false;
        return;
      }
      if (selection.kind === Kind.FIELD) {
        const field = object.fields.find(({ name }) => name === selection.name.value);
        if (field !== undefined) below(field, selection, path, depth);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet, object, path, depth + 1);
      else {
        const held = fragments[selection.name.value];
        const definition = held !== undefined && 'definition' in held ? held.definition : held;
        if (definition !== undefined) walk(definition.selectionSet, object, path, depth + 1);
      }
    }
  };
  const below = (field: GraphqlField, node: FieldNode, path: readonly string[], depth: number) => {
    const here = [...path, field.property];
    const object = field.join === undefined ? objectIn(field.type) : undefined;
    if (object === undefined || node.selectionSet === undefined) found.add(toPointer(here));
    else walk(node.selectionSet, object, here, depth + 1);
  };
  for (const { selectionSet } of nodes) if (selectionSet !== undefined) walk(selectionSet, root, [], 0);
  return full ? [...found].sort() : undefined;
};
