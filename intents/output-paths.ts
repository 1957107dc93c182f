import type { Intent } from './contract.ts';
import { didYouMean } from './did-you-mean.ts';
import { isObject, type JsonSchema, pointerPath, toPointer } from './json.ts';
import type { FieldError } from './problems.ts';
import type { SchemaLibrary } from './schema-library.ts';

type Resolve = SchemaLibrary['resolveRef'];

/**
 * What is wrong with pointers into an output: a name that its contract does not list. Lists are passed through, with `*`,
 * an index or nothing; below what takes other members than those that are listed, any name may be.
 */
export const unknownMembers = (
  { output }: Intent,
  pointers: readonly string[],
  resolveRef: Resolve,
): readonly FieldError[] =>
  output === undefined
    ? []
    : pointers.flatMap((pointer) => {
        const detail = faultOf(output, pointerPath(pointer), resolveRef);
        return detail === undefined ? [] : [{ pointer, detail }];
      });

const faultOf = (schema: JsonSchema, path: readonly string[], resolveRef: Resolve): string | undefined => {
  let here = resolveRef(schema);
  for (const [at, name] of path.entries()) {
    for (let passed = false; isObject(here.items); here = resolveRef(here.items)) {
      if (!passed && (name === '*' || /^\d+$/.test(name))) passed = true;
      else if (passed) break;
    }
    if (name === '*' || (/^\d+$/.test(name) && here.properties?.[name] === undefined)) continue;
    if (isOpen(here)) return undefined;
    const known = here.properties ?? {};
    const next = Object.hasOwn(known, name) ? known[name] : undefined;
    if (next === undefined) {
      const inside = at === 0 ? 'The output' : toPointer(path.slice(0, at));
      return `${inside} has no "${name.slice(0, 100)}".${didYouMean(name, Object.keys(known))}`;
    }
    if (!isObject(next)) return undefined;
    here = resolveRef(next);
  }
  return undefined;
};

const openly = [
  'additionalProperties',
  'patternProperties',
  'allOf',
  'anyOf',
  'oneOf',
  '$ref',
  'if',
  'unevaluatedProperties',
];

/** Whether members may stand there that are not listed; of what has no members at all there is nothing to name. */
const isOpen = (schema: JsonSchema): boolean => {
  const kinds = [schema.type ?? []].flat();
  const plain = kinds.length > 0 && !kinds.includes('object') && !kinds.includes('array');
  if (plain || schema.enum !== undefined || schema.const !== undefined) return false;
  return (
    schema.properties === undefined ||
    openly.some((keyword) => schema[keyword] !== undefined && schema[keyword] !== false)
  );
};

const most = 300;

/**
 * Every member that can be named of an output, `items` and `items/sku`, in the order of the contract.
 * @returns undefined where not all of them are known, or they are too many to list
 */
export const memberPaths = (output: JsonSchema | undefined, resolveRef: Resolve): readonly string[] | undefined => {
  const found: string[] = [];
  let whole = output !== undefined;
  const walk = (schema: unknown, path: readonly string[], above: readonly JsonSchema[]): void => {
    if (!isObject(schema)) {
      whole = false;
      return;
    }
    let here = resolveRef(schema);
    while (isObject(here.items)) here = resolveRef(here.items);
    if (path.length === 0 || here.properties !== undefined || [here.type].flat().includes('object')) {
      if (isOpen(here) || above.includes(here)) whole = false;
    } else if (here.type === undefined && here.enum === undefined && here.const === undefined) whole = false;
    if (!whole || found.length > most) return;
    for (const [name, member] of Object.entries(here.properties ?? {})) {
      const at = [...path, name];
      // What stands in a pointer only escaped, or would end it, is not offered in a list of them.
      if (/[,/~]/.test(name)) whole = false;
      found.push(at.join('/'));
      walk(member, at, [...above, here]);
    }
  };
  walk(output, [], []);
  return whole && found.length > 0 && found.length <= most ? found : undefined;
};
