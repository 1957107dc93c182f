import {
  type DocumentNode,
  type FieldNode,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

interface Tree {
  whole: boolean;
  readonly members: Map<string, Tree>;
}

/**
 * The document of a binding with only those fields in it that the wanted members come from. What takes a variable, a
 * directive or a fragment stays as it is: without it the document could be invalid.
 * @param result response names from the operation's root to the output
 * @param fields JSON pointers into the output
 * @returns undefined where nothing can be left out
 */
export const narrowDocument = (
  document: DocumentNode,
  result: readonly string[],
  fields: readonly string[],
): string | undefined => {
  const tree = treeOf(fields);
  let changed = false;
  const filter = (set: SelectionSetNode, here: Tree): SelectionSetNode => {
    // An index or a star may stand for anything.
    if (here.whole || [...here.members.keys()].some((name) => /^(\d+|\*)$/.test(name))) return set;
    const selections = set.selections.flatMap((one): SelectionNode[] => {
      if (one.kind !== Kind.FIELD) return [one];
      const wanted = here.members.get(responseName(one));
      if (wanted === undefined) {
        if (!isPlain(one)) return [one];
        changed = true;
        return [];
      }
      return [one.selectionSet === undefined ? one : { ...one, selectionSet: filter(one.selectionSet, wanted) }];
    });
    return { ...set, selections: selections.length > 0 ? selections : [typename] };
  };
  const descend = (set: SelectionSetNode, path: readonly string[]): SelectionSetNode => {
    const [name, ...rest] = path;
    if (name === undefined) return filter(set, tree);
    const selections = set.selections.map((one) =>
      one.kind === Kind.FIELD && responseName(one) === name && one.selectionSet !== undefined
        ? { ...one, selectionSet: descend(one.selectionSet, rest) }
        : one,
    );
    return { ...set, selections };
  };
  const definitions = document.definitions.map((one) =>
    one.kind === Kind.OPERATION_DEFINITION ? { ...one, selectionSet: descend(one.selectionSet, result) } : one,
  );
  return changed ? print({ ...document, definitions }) : undefined;
};

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

const responseName = ({ alias, name }: FieldNode): string => (alias ?? name).value;

const isPlain = (node: FieldNode): boolean => {
  let plain = true;
  const keep = () => {
    plain = false;
  };
  visit(node, { [Kind.VARIABLE]: keep, [Kind.FRAGMENT_SPREAD]: keep, [Kind.DIRECTIVE]: keep });
  return plain;
};

const treeOf = (fields: readonly string[]): Tree => {
  const root: Tree = { whole: false, members: new Map() };
  for (const field of fields) {
    let here = root;
    for (const part of field.split('/').slice(1)) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      let next = here.members.get(name);
      if (next === undefined) {
        next = { whole: false, members: new Map() };
        here.members.set(name, next);
      }
      here = next;
    }
    here.whole = true;
  }
  return root;
};
