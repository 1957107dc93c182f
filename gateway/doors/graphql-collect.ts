import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionSetNode,
} from 'graphql';

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;
/** The fields that are selected of an object type, by what each is called in the answer, in their order there. */
export type Collect = (
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
) => ReadonlyMap<string, readonly FieldNode[]>;

/**
 * Collects fields of a valid document. Source: GraphQL, September 2025, section 6.3.2, "CollectFields".
 * @param given the values of the variables that its `@skip` and `@include` go by
 */
export const collector =
  (schema: GraphQLSchema, fragments: Fragments, given: Readonly<Record<string, boolean>>): Collect =>
  (sets, type) => {
    const found = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    const isOf = (condition: NamedTypeNode | undefined): boolean => {
      const named = condition === undefined ? type : schema.getType(condition.name.value);
      return named === type || (isAbstractType(named) && schema.isSubType(named, type));
    };
    const walk = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (!isWanted(selection.directives, given)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const nodes = found.get(key);
          if (nodes === undefined) found.set(key, [selection]);
          else nodes.push(selection);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          if (isOf(selection.typeCondition)) walk(selection.selectionSet);
        } else {
          const name = selection.name.value;
          const fragment = spread.has(name) ? undefined : fragments[name];
          spread.add(name);
          if (fragment !== undefined && isOf(fragment.typeCondition)) walk(fragment.selectionSet);
        }
      }
    };
    for (const set of sets) walk(set);
    return found;
  };

/** What a variable of `@skip` or `@include` says is among `given`. */
const isWanted = (
  directives: readonly DirectiveNode[] | undefined,
  given: Readonly<Record<string, boolean>>,
): boolean => {
  for (const { name, arguments: [argument] = [] } of directives ?? []) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const says = argument?.value;
    const value = says?.kind === Kind.VARIABLE ? given[says.name.value] : says?.kind === Kind.BOOLEAN && says.value;
    if (value === (name.value === 'skip')) return false;
  }
  return true;
};
