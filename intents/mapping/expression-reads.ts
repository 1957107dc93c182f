/** A node of what JSONata's parser makes; its own types leave out half of it. */
export interface AstNode {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly steps?: readonly AstNode[];
  readonly stages?: readonly { readonly expr?: AstNode }[];
  readonly lhs?: AstNode | readonly (readonly AstNode[])[];
  readonly group?: { readonly lhs: readonly (readonly AstNode[])[] };
  readonly focus?: string;
  readonly index?: string;
  readonly [member: string]: unknown;
}

/** `a.b` of the value that an expression is given. */
export interface Read {
  readonly path: readonly string[];
  /** Where the last name stands in the text. */
  readonly offset: number;
}

/** Where names are looked for; undefined: nobody knows before it runs. */
type Context = readonly string[] | undefined;

/** Every node, itself first. */
export const nodesOf = function* (node: unknown): Generator<AstNode> {
  if (Array.isArray(node)) for (const inner of node) yield* nodesOf(inner);
  else if (typeof node === 'object' && node !== null && !(node instanceof RegExp)) {
    if (typeof (node as AstNode).type === 'string') yield node as AstNode;
    for (const [name, inner] of Object.entries(node)) if (name !== 'ancestor') yield* nodesOf(inner);
  }
};

/** Finds what an expression reads by name, as far as that can be known: never a path that it does not read. */
export const readsOf = (ast: AstNode): readonly Read[] => {
  const reads: Read[] = [];
  const walk = (node: AstNode, context: Context): void => {
    if (node.type === 'path') {
      walkPath(node, context);
      return;
    }
    if (node.type === 'transform') return;
    for (const [name, inner] of Object.entries(node))
      if (name !== 'ancestor' && name !== 'seekingParent') walkAll(inner, context);
    if (node.type === 'name') note(context, node);
  };
  const walkAll = (inner: unknown, context: Context): void => {
    if (Array.isArray(inner)) for (const one of inner) walkAll(one, context);
    else if (typeof inner === 'object' && inner !== null && !(inner instanceof RegExp)) {
      if (typeof (inner as AstNode).type === 'string') walk(inner as AstNode, context);
      else for (const one of Object.values(inner)) walkAll(one, context);
    }
  };
  const note = (context: Context, { value, position = 1 }: AstNode): Context => {
    if (context === undefined) return undefined;
    const path = [...context, String(value)];
    reads.push({ path, offset: Math.max(0, position - String(value).length) });
    return path;
  };
  const walkPath = ({ steps = [], group }: AstNode, context: Context): void => {
    let here = context;
    for (const [index, step] of steps.entries()) {
      if (step.type === 'name') here = note(here, step);
      else if (step.type === 'variable' && index === 0)
        here = step.value === '$' ? [] : step.value === '' ? here : undefined;
      else if (step.type === 'sort') {
        walkAll(step.terms, here);
        continue;
      } else {
        walk(step, here);
        here = undefined;
      }
      for (const { expr } of step.stages ?? []) if (expr !== undefined) walk(expr, here);
      if (step.focus !== undefined) here = undefined;
    }
    if (group !== undefined) walkAll(group.lhs, here);
  };
  walk(ast, []);
  return reads;
};
