import { isObject, pointerPath } from '../intents/json.ts';
import type { Decision, Mask } from './types.ts';

interface Tree {
  /** Everything below is seen. */
  whole: boolean;
  readonly members: Map<string, Tree>;
}

const trees = new WeakMap<readonly string[], Tree>();

/**
 * What of an output a decision lets the caller see: its field allow-list first, then its redactions. A pointer also
 * reaches into the items of a list that it does not name, so that `/items/sku` shows, or hides, the same as with a `*`
 * between. A value of another shape than the pointers speak of is not seen.
 */
export const visiblePart = (
  value: unknown,
  { fields, obligations }: Pick<Decision, 'fields' | 'obligations'>,
): unknown => {
  let seen = fields === undefined ? value : partOf(value, fields);
  for (const obligation of obligations)
    if (obligation.type === 'redact')
      for (const [pointer, mask] of Object.entries(obligation.fields))
        seen = redact(seen, pointerPath(pointer), mask, true);
  return seen;
};

/** What of a value some pointers lead to, through lists as well; null where that is nothing. */
export const partOf = (value: unknown, fields: readonly string[]): unknown => {
  let tree = trees.get(fields);
  if (tree === undefined) {
    tree = treeOf(fields);
    trees.set(fields, tree);
  }
  return pick(value, [tree]) ?? null;
};

const treeOf = (fields: readonly string[]): Tree => {
  const root: Tree = { whole: false, members: new Map() };
  for (const field of fields) {
    let here = root;
    for (const name of pointerPath(field)) {
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

/** @returns undefined where nothing of it may be seen */
const pick = (value: unknown, trees: readonly Tree[]): unknown => {
  if (trees.some(({ whole }) => whole)) return value;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => {
      const inner = trees.flatMap((tree) => below(tree, String(index)) ?? tree);
      return pick(item, inner);
    });
    return items.filter((item) => item !== undefined);
  }
  if (!isObject(value)) return undefined;
  const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const inner = trees.flatMap((tree) => below(tree, name) ?? []);
    const seen = inner.length === 0 ? undefined : pick(member, inner);
    return seen === undefined ? [] : [[name, seen]];
  });
  // Unlike assignment, this makes a member of "__proto__" like of any other name.
  return Object.fromEntries(members);
};

/** What a tree says of a member by its name and by `*`; undefined where it says nothing. */
const below = ({ members }: Tree, name: string): Tree[] | undefined => {
  const named = [members.get(name), members.get('*')].filter((tree) => tree !== undefined);
  return named.length === 0 ? undefined : named;
};

/** @param expected whether the policy says that something with members stands here; after `*` it may be anything */
const redact = (value: unknown, path: readonly string[], mask: Mask, expected: boolean): unknown => {
  const [name, ...rest] = path;
  if (name === undefined) return masked(value, mask);
  if (Array.isArray(value))
    return value.map((item, index) =>
      redact(item, name === '*' || name === String(index) ? rest : path, mask, expected),
    );
  // What was to be hidden may be in it.
  if (!isObject(value)) return expected ? masked(value, mask) : value;
  const copy: Record<string, unknown> = { ...value };
  for (const member of name === '*' ? Object.keys(copy) : [name]) {
    if (!Object.hasOwn(copy, member)) continue;
    if (rest.length === 0 && mask === 'drop') delete copy[member];
    else copy[member] = redact(copy[member], rest, mask, name !== '*');
  }
  return copy;
};

const masked = (value: unknown, mask: Mask): unknown => {
  if (value === null || value === undefined || mask === 'drop') return null;
  if (typeof value !== 'string') return '***';
  const characters = [...value];
  if (typeof mask !== 'string') {
    const { keepStart, keepEnd } = mask;
    // A text so short that the ends meet would be shown whole.
    return characters.length <= (keepStart + keepEnd) * 2
      ? '***'
      : `${characters.slice(0, keepStart).join('')}***${characters.slice(characters.length - keepEnd).join('')}`;
  }
  const first = characters[0] ?? '';
  const domain = mask === 'mail-mask' ? /^[^@]+(@[\p{L}\p{N}.-]+)$/u.exec(value)?.[1] : undefined;
  return `${first}***${domain ?? ''}`;
};
