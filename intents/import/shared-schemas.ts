import type { JsonSchema } from '../json.ts';
import { type Lossy, Untranslatable } from './draft.ts';
import { unique } from './naming.ts';
import { type OpenapiObject, target } from './openapi-document.ts';
import { type Conversion, convertSchema } from './openapi-schema.ts';

/** A schema that is referred to, as one direction sees it. */
export interface SharedSchema {
  readonly place: string;
  readonly direction: Conversion['direction'];
  schema: JsonSchema;
  /** Why it cannot be used, its own fault or that of one it refers to. */
  fault: string | undefined;
  readonly refs: Set<SharedSchema>;
  /** Those that apply to the same value as itself. */
  readonly inPlace: Set<SharedSchema>;
  /** Every `{ $ref }` that means it; the name is written into them at the end. */
  readonly nodes: { $ref: string }[];
  readonly lossy: { place: string; reason: string }[];
}

export interface SharedSchemas {
  /** The conversion of one root; `refs` gathers what it refers to, itself through nothing else. */
  conversion(
    direction: Conversion['direction'],
    refs: Set<SharedSchema>,
    lossy: (place: string, reason: string) => void,
  ): Conversion;
  /** Converts what has been referred to so far, and all that this refers to in turn. */
  settle(): void;
  /** Names what the roots reach, and writes the names into all references. */
  finish(roots: Iterable<SharedSchema>): { schemas: Record<string, JsonSchema>; lossy: Lossy[] };
}

const maxNodes = 50_000;
const maxBytes = 1_000_000;

/** The schemas that operations and one another refer to by `$ref`: each becomes `schema:name`, in two forms where input and output differ. */
export const sharedSchemas = (document: OpenapiObject, dialect: Conversion['dialect']): SharedSchemas => {
  const known = new Map<string, SharedSchema>();
  const waiting: { shared: SharedSchema; raw: unknown }[] = [];

  const conversion: SharedSchemas['conversion'] = (direction, refs, lossy) => ({
    dialect,
    direction,
    keepExamples: true,
    budget: { left: maxNodes },
    lossy,
    refer(ref, place) {
      const shared = shareOf(ref, place, direction);
      refs.add(shared);
      return node(shared);
    },
  });

  const shareOf = (ref: unknown, from: string, direction: Conversion['direction']): SharedSchema => {
    const { value: raw, place } = target(document, ref, from);
    const key = `${direction} ${place}`;
    let shared = known.get(key);
    if (shared === undefined) {
      shared = {
        place,
        direction,
        schema: {},
        fault: undefined,
        refs: new Set(),
        inPlace: new Set(),
        nodes: [],
        lossy: [],
      };
      known.set(key, shared);
      waiting.push({ shared, raw });
    }
    return shared;
  };

  const convert = (shared: SharedSchema, raw: unknown): void => {
    const base = conversion(shared.direction, shared.refs, (place, reason) => shared.lossy.push({ place, reason }));
    try {
      shared.schema = convertSchema(raw, shared.place, {
        ...base,
        // One form can then serve both directions.
        keepExamples: false,
        refer(ref, place, inPlace) {
          const other = shareOf(ref, place, shared.direction);
          shared.refs.add(other);
          if (inPlace) shared.inPlace.add(other);
          return node(other);
        },
      });
      if (JSON.stringify(shared.schema).length > maxBytes)
        throw new Untranslatable(shared.place, 'the schema is too large');
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      shared.fault = error.message;
    }
  };

  return {
    conversion,
    settle() {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) convert(next.shared, next.raw);
      const all = [...known.values()];
      for (const shared of all)
        if (endless(shared)) shared.fault ??= `the schema refers to itself without end (${shared.place})`;
      spreadFaults(all);
    },
    finish(roots) {
      const reached = reach(roots);
      const twins = twinsOf(reached);
      const taken = new Set<string>();
      const schemas: [string, JsonSchema][] = [];
      const lossy = new Map<string, Lossy>();
      for (const shared of [...reached].sort(byPlace)) {
        const twin = twins.get(shared);
        if (twin !== undefined && shared.direction === 'input') continue;
        const alone =
          !known.has(`output ${shared.place}`) || !reached.has(known.get(`output ${shared.place}`) as SharedSchema);
        const suffix = shared.direction === 'input' && !alone ? '.input' : '';
        const name = unique(`${nameOf(shared.place)}${suffix}`, taken);
        for (const { nodes } of twin === undefined ? [shared] : [shared, twin])
          for (const reference of nodes) reference.$ref = `schema:${name}`;
        schemas.push([name, shared.schema]);
        for (const { place, reason } of [...shared.lossy, ...(twin?.lossy ?? [])])
          lossy.set(`${place} ${reason}`, { operation: `schema:${name}`, place, reason });
      }
      return { schemas: Object.fromEntries(schemas), lossy: [...lossy.values()] };
    },
  };
};

const node = (shared: SharedSchema): { $ref: string } => {
  // Until it has a name the place stands for it, so that the two forms of one schema read the same.
  const reference = { $ref: shared.place };
  shared.nodes.push(reference);
  return reference;
};

const endless = (start: SharedSchema): boolean => {
  const seen = new Set<SharedSchema>();
  const waiting = [...start.inPlace];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === start) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...next.inPlace);
  }
  return false;
};

const spreadFaults = (all: readonly SharedSchema[]): void => {
  const users = new Map<SharedSchema, SharedSchema[]>();
  for (const shared of all)
    for (const used of shared.refs) {
      const list = users.get(used) ?? [];
      if (list.push(shared) === 1) users.set(used, list);
    }
  const waiting = all.filter(({ fault }) => fault !== undefined);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const user of users.get(next) ?? [])
      if (user.fault === undefined) {
        user.fault = next.fault;
        waiting.push(user);
      }
};

const reach = (roots: Iterable<SharedSchema>): Set<SharedSchema> => {
  const reached = new Set<SharedSchema>(roots);
  // A Set visits what is added while it is being walked.
  for (const shared of reached) for (const used of shared.refs) reached.add(used);
  return reached;
};

/** Pairs the two forms of a schema where neither they nor anything below them differ. */
const twinsOf = (reached: ReadonlySet<SharedSchema>): Map<SharedSchema, SharedSchema> => {
  const byKey = new Map([...reached].map((shared) => [`${shared.direction} ${shared.place}`, shared]));
  const other = ({ place, direction }: SharedSchema) =>
    byKey.get(`${direction === 'input' ? 'output' : 'input'} ${place}`);
  const pairs = new Map<SharedSchema, SharedSchema>();
  for (const shared of reached) {
    const twin = other(shared);
    if (twin !== undefined && JSON.stringify(shared.schema) === JSON.stringify(twin.schema)) pairs.set(shared, twin);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const [shared, twin] of pairs)
      if ([...shared.refs].some((used) => !pairs.has(used))) {
        pairs.delete(shared);
        pairs.delete(twin);
        changed = true;
      }
  }
  return pairs;
};

const nameOf = (place: string): string => {
  const name = place
    .replace(/^#\/(components\/schemas\/)?/, '')
    .replaceAll('/', '.')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 100);
  return name === '' || name === '__proto__' ? 'schema' : name;
};

const byPlace = (a: SharedSchema, b: SharedSchema): number =>
  a.place === b.place ? (a.direction === 'output' ? -1 : 1) : a.place < b.place ? -1 : 1;
