import { isObject, type JsonSchema } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';

/** Deeper than this a type is only hard to read. */
const maxDepth = 12;

/** TypeScript types of schemas. Shared schemas that are reached become types of their own, so that recursion is no matter. */
export const clientTypes = (library: SchemaLibrary, taken: Set<string>) => {
  const names = new Map<string, string>();
  const texts = new Map<string, string>();
  const nameFor = (ref: string): string => {
    const known = names.get(ref);
    if (known !== undefined) return known;
    const name = free(pascal(ref.replace(/^(ontology|schema):/, '')), taken);
    names.set(ref, name);
    // Named before it is written: a recursive schema refers to itself.
    texts.set(name, `export type ${name} = ${typeOf(library.refs.get(ref) as JsonSchema, '')};`);
    return name;
  };

  const typeOf = (schema: unknown, indent: string, depth = 0): string => {
    if (!isObject(schema) || depth > maxDepth) return 'unknown';
    const { $ref: ref, type, enum: named, anyOf, oneOf, allOf } = schema as JsonSchema;
    const inner = (one: unknown) => typeOf(one, indent, depth + 1);
    if (typeof ref === 'string') return library.refs.has(ref) ? nameFor(ref) : 'unknown';
    if ('const' in schema) return literal(schema.const);
    if (Array.isArray(named)) return union(named.map(literal));
    for (const alternatives of [anyOf, oneOf]) if (Array.isArray(alternatives)) return union(alternatives.map(inner));
    if (Array.isArray(allOf) && type === undefined)
      return allOf.map((one) => bracketed(inner(one))).join(' & ') || 'unknown';
    const kinds = type === undefined ? (schema.properties === undefined ? [] : ['object']) : [type].flat();
    return union(kinds.map((kind) => kindText(kind, schema, indent, depth))) || 'unknown';
  };

  const kindText = (kind: string, schema: JsonSchema, indent: string, depth: number): string => {
    if (kind === 'array') return `readonly ${bracketed(typeOf(schema.items, indent, depth + 1))}[]`;
    if (kind === 'object') return objectText(schema, indent, depth);
    return kind === 'integer' ? 'number' : kind;
  };

  const objectText = (schema: JsonSchema, indent: string, depth: number): string => {
    const below = `${indent}  `;
    const { required = [], additionalProperties: rest } = schema;
    const members = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
      const plain = isObject(inner) ? library.resolveRef(inner) : {};
      const words = [
        plain.description,
        plain.default === undefined ? undefined : `Left out, ${JSON.stringify(plain.default)}.`,
      ];
      const must = required.includes(name) && plain.default === undefined;
      return [
        ...comment(words.filter((one) => one !== undefined).join(' '), below),
        `${below}readonly ${key(name)}${must ? '' : '?'}: ${typeOf(inner, below, depth + 1)};`,
      ];
    });
    if (members.length === 0)
      return rest === false
        ? 'Readonly<Record<string, never>>'
        : `Readonly<Record<string, ${isObject(rest) ? typeOf(rest, indent, depth + 1) : 'unknown'}>>`;
    const more = rest === true || isObject(rest) ? [`${below}readonly [more: string]: unknown;`] : [];
    return `{\n${[...members, ...more].join('\n')}\n${indent}}`;
  };

  return {
    typeOf: (schema: unknown, indent = '') => typeOf(schema, indent),
    /** The types of shared schemas that were reached, by name. */
    shared: () => [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text),
  };
};

/** A name that nothing else has; it is taken from then on. */
export const free = (name: string, taken: Set<string>): string => {
  let found = name;
  while (taken.has(found)) found = `${found}_`;
  taken.add(found);
  return found;
};

/** Names of the client itself, and of what it uses. */
export const reservedTypes = [
  ...['Answer', 'CallOptions', 'Client', 'ClientOptions', 'OstiaryProblem', 'Problem', 'Shown'],
  ...['AbortSignal', 'Error', 'Object', 'Promise', 'Readonly', 'Record'],
];

export const pascal = (text: string): string => {
  const name = text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return /^[A-Za-z]/.test(name) ? name : `T${name}`;
};

/** A member's name, in quotes where it has to be. */
export const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** A comment above something; what would end it is broken up. */
export const comment = (text: string, indent: string): string[] =>
  text === '' ? [] : [`${indent}/** ${text.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /').trim()} */`];

const literal = (value: unknown): string =>
  isObject(value) || Array.isArray(value) ? 'unknown' : JSON.stringify(value);

const union = (types: readonly string[]): string => {
  const some = [...new Set(types)];
  return some.length === 1 ? (some[0] as string) : some.map(bracketed).join(' | ');
};

const bracketed = (type: string): string =>
  /^(readonly |.*[|&])/.test(type) && !type.startsWith('{') ? `(${type})` : type;
