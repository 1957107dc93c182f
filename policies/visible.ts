import { isObject, pointerPath } from '../intents/json.ts';
import type { Decision, Mask } from './types.ts';

interface Tree {
  /** Everything below is seen. */
  whole: boolean;
  readonly members: Map<string, Tree>;
}

const trees = new WeakMap<readonly string[], Tree>();

/**
 * What of an output a decision lets the caller see: its field allow-list first, then its redactions. A pointer without
 * `*` for an index also reaches into the items of a list, so that `/items/sku` and `/items/0/sku` cannot disagree.
 */
export const visiblePart = (value: unknown, { fields, obligations }: Decision): unknown => {
  let seen = value;
  if (fields !== undefined) {
    let tree = trees.get(fields);
    if (tree === undefined) {
      tree = treeOf(fields);
      trees.set(fields, tree);
    }
    seen = pick(seen, tree);
  }
  for (const obligation of obligations)
    if (obligation.type === 'redact')
      for (const [pointer, mask] of Object.entries(obligation.fields)) seen = redact(seen, pointerPath(pointer), mask);
  return seen;
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

const pick = (value: unknown, tree: Tree): unknown => {
  if (tree.whole) return value;
  if (Array.isArray(value)) {
    const each = tree.members.get('*') ?? tree;
    return value.map((item) => pick(item, each));
  }
  // A scalar where the policy lists members: there is nothing it may show.
  if (!isObject(value)) return tree.members.size === 0 || value === null ? value : undefined;
  const picked: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const inner = tree.members.get(name) ?? tree.members.get('*');
    if (inner !== undefined) picked[name] = pick(member, inner);
  }
  return picked;
};

const redact = (value: unknown, path: readonly string[], mask: Mask): unknown => {
  const [name, ...rest] = path;
  if (name === undefined) return masked(value, mask);
  if (Array.isArray(value)) {
    const below = name === '*' ? rest : path;
    return value.map((item) => redact(item, below, mask));
  }
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = { ...value };
  for (const member of name === '*' ? Object.keys(copy) : [name]) {
    if (!Object.hasOwn(copy, member)) continue;
    if (rest.length === 0 && mask === 'drop') delete copy[member];
    else copy[member] = redact(copy[member], rest, mask);
  }
  return copy;
};

const masked = (value: unknown, mask: Mask): unknown => {
  if (value === null || value === undefined || mask === 'drop') return null;
  if (typeof value !== 'string') return '***';
  const at = value.lastIndexOf('@');
  const first = [...value][0] ?? '';
  return mask === 'mail-mask' && at > 0 ? `${first}***${value.slice(at)}` : `${first}***`;
};
