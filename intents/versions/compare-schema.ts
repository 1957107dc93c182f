import { isObject, type JsonSchema } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import type { Change, Level } from './change.ts';
import { type Fault, faultsOfFit } from './fits.ts';
import { sorted, written } from './part.ts';

interface Side {
  readonly schema: JsonSchema;
  readonly root: JsonSchema;
  readonly library: SchemaLibrary;
}
interface Difference extends Change {
  /** By which a fault is known to be about this. */
  readonly keyword: string;
  /** A member that came or went: all faults at it and below are about this. */
  readonly whole?: boolean;
}

/** Said of a value, and no bound on it. */
const words = ['title', 'description', 'examples', '$comment', 'x-synonyms'];
const looked = ['properties', 'required', 'enum', 'const', 'items', '$ref', '$defs', '$id', '$schema', '$anchor'];
const alternatives = [
  'anyOf',
  'oneOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'prefixItems',
  'propertyNames',
];

/**
 * What changed in the input or the output of a contract. An input may only widen within a major and an output may only
 * narrow: whatever cannot be shown to do so is major.
 */
export const compareSchemas = (
  before: { readonly schema: JsonSchema; readonly library: SchemaLibrary },
  after: { readonly schema: JsonSchema; readonly library: SchemaLibrary },
  part: 'input' | 'output',
): Change[] => {
  const [sub, sup] = part === 'input' ? [before, after] : [after, before];
  const faults = faultsOfFit(sub.schema, sub.library, sup.schema, sup.library, part === 'input');
  const found = differences(sideOf(before), sideOf(after), [], part, new Set());
  const told = new Set<Fault>();
  const changes = found.map(({ keyword, whole, ...change }): Change => {
    const about = faults.filter((fault) =>
      whole
        ? startsWith(fault.path, change.path)
        : fault.keyword === keyword && sorted(fault.path) === sorted(change.path),
    );
    for (const fault of about) told.add(fault);
    return { ...change, level: about.length > 0 ? 'major' : change.level, path: [part, ...change.path] };
  });
  const rest = new Map(faults.filter((fault) => !told.has(fault)).map((fault) => [sorted(fault), fault]));
  for (const { path, keyword } of rest.values())
    changes.push({
      level: 'major',
      path: [part, ...path],
      text: `${nameOf(part, path)}: ${
        part === 'input'
          ? `what was taken before may break "${keyword}" now`
          : `what is answered now may break "${keyword}" as it was before`
      }`,
    });
  return changes;
};

const sideOf = ({ schema, library }: { schema: JsonSchema; library: SchemaLibrary }): Side => ({
  schema,
  root: schema,
  library,
});

const startsWith = (path: readonly string[], start: readonly string[]): boolean =>
  start.every((name, index) => path[index] === name);

const nameOf = (part: string, path: readonly string[]): string => [part, ...path].join('/');

const short = (value: unknown): string => {
  const text = sorted(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};

const differences = (
  before: Side,
  after: Side,
  path: readonly string[],
  part: 'input' | 'output',
  seen: ReadonlySet<JsonSchema>,
): Difference[] => {
  const old = before.library.resolveRef(before.schema);
  const now = after.library.resolveRef(after.schema);
  // A recursive schema comes by again and again.
  if (seen.has(before.schema) && seen.has(after.schema)) return [];
  const below = new Set([...seen, before.schema, after.schema]);
  const found: Difference[] = [];
  const add = (level: Level, keyword: string, text: string, at: readonly string[] = path, whole = false) =>
    found.push({ level, path: at, keyword, text: `${nameOf(part, at)} ${text}`, ...(whole && { whole }) });

  const members = { old: old.properties ?? {}, now: now.properties ?? {} };
  // In an open object the name may still come and go; nobody answers for it any more.
  for (const name of Object.keys(members.old))
    if (!Object.hasOwn(members.now, name))
      add(
        part === 'output' ? 'major' : 'minor',
        'additionalProperties',
        part === 'input' ? 'is not taken any more' : 'is not answered any more',
        [...path, name],
        true,
      );
  for (const name of Object.keys(members.now))
    if (!Object.hasOwn(members.old, name)) {
      const must = now.required?.includes(name) && part === 'input';
      add('minor', 'additionalProperties', must ? 'is new, and required' : 'is new', [...path, name], true);
    }
  for (const [name, inner] of Object.entries(members.old)) {
    const other = members.now[name];
    if (!isObject(other) || !isObject(inner)) continue;
    found.push(...differences({ ...before, schema: inner }, { ...after, schema: other }, [...path, name], part, below));
    const [was, is] = [old.required?.includes(name), now.required?.includes(name)];
    if (was !== is) add('minor', 'required', is ? 'is required now' : 'is not required any more', [...path, name]);
  }
  if (isObject(old.items) && isObject(now.items))
    found.push(
      ...differences({ ...before, schema: old.items }, { ...after, schema: now.items }, [...path, '*'], part, below),
    );
  else if (written(old.items ?? true, before) !== written(now.items ?? true, after))
    add('minor', 'items', 'says otherwise what is in the list');
  compareNamed(old, now, add);
  for (const keyword of new Set([...Object.keys(old), ...Object.keys(now)])) {
    if (looked.includes(keyword)) continue;
    const [was, is] = [old[keyword], now[keyword]];
    const same = was === is || (was !== undefined && is !== undefined && written(was, before) === written(is, after));
    if (same) continue;
    if (words.includes(keyword)) add('patch', keyword, `has another ${keyword.replace('x-', '')}`);
    else if (keyword === 'x-class')
      add(
        hides(was, is) && part === 'output' ? 'major' : 'minor',
        keyword,
        `is of class ${is ?? 'none'}, and was of ${was ?? 'none'}`,
      );
    else if (keyword.startsWith('x-')) add('patch', keyword, `has another ${keyword}`);
    else if (alternatives.includes(keyword)) add('minor', keyword, `has another "${keyword}"`);
    else if (was === undefined) add('minor', keyword, `has "${keyword}" ${short(is)} now`);
    else if (is === undefined) add('minor', keyword, `has no "${keyword}" any more; it was ${short(was)}`);
    else add('minor', keyword, `has "${keyword}" ${short(is)}, and had ${short(was)}`);
  }
  return found;
};

/** Policies mask by class: what was shown may be hidden by it. */
const hides = (was: unknown, is: unknown): boolean => is !== undefined && (was === undefined || is === 'secret');

/** `enum` and `const`, by the values that came and went. */
const compareNamed = (
  old: JsonSchema,
  now: JsonSchema,
  add: (level: Level, keyword: string, text: string) => void,
): void => {
  for (const keyword of ['enum', 'const'] as const) {
    const [was, is] = [old[keyword], now[keyword]];
    if (sorted(was ?? null) === sorted(is ?? null) && (was === undefined) === (is === undefined)) continue;
    if (!Array.isArray(was) || !Array.isArray(is)) {
      if (is === undefined) add('minor', keyword, `may be more than ${short(was)}`);
      else if (was === undefined) add('minor', keyword, `is one of ${short(is)} now`);
      else add('minor', keyword, `is ${short(is)}, and was ${short(was)}`);
      continue;
    }
    const gone = was.filter((value) => !is.some((one) => sorted(one) === sorted(value)));
    const come = is.filter((value) => !was.some((one) => sorted(one) === sorted(value)));
    const parts = [
      ...(come.length > 0 ? [`may be ${come.map(short).join(', ')} too`] : []),
      ...(gone.length > 0 ? [`may not be ${gone.map(short).join(', ')} any more`] : []),
    ];
    add(parts.length === 0 ? 'patch' : 'minor', keyword, parts.join(' and ') || 'names its values in another order');
  }
};
