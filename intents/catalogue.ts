import type { Intent } from './contract.ts';
import type { JsonSchema } from './json.ts';
import type { SchemaLibrary } from './schema-library.ts';

/** An entity of the ontology, with its identifier and attributes as schemas. */
export interface Entity {
  readonly name: string;
  readonly description: string;
  readonly synonyms: readonly string[];
  readonly id: JsonSchema;
  readonly attributes: Readonly<Record<string, JsonSchema>>;
  /** How words that describe one become its identifier. */
  readonly resolve?: EntityLookup;
  /** Name of the read intent that shows one by its identifier; left out, the only one there is. */
  readonly read?: string;
}

/** A read intent that finds an entity by words. Paths are member names, outermost first. */
export interface EntityLookup {
  readonly intent: string;
  /** The member of the intent's input that takes the words. */
  readonly text: string;
  /** From the output to the list of hits. */
  readonly items: readonly string[];
  /** From a hit to its identifier, and to what people call it. */
  readonly id: readonly string[];
  readonly title: readonly string[] | undefined;
}

/** Everything that can be asked, as loaded. Immutable; a reload makes a new one. */
export interface Catalogue {
  /** Sorted by id. */
  readonly intents: readonly Intent[];
  /** Written and checked, and out of use: only policies may name them still. */
  readonly disabled: readonly Intent[];
  readonly entities: readonly Entity[];
  readonly library: SchemaLibrary;
  /** @param major left out, the newest @returns undefined where there is none */
  find(name: string, major?: number): Intent | undefined;
}

/** @param intents one per name and major */
export const catalogueOf = (
  intents: readonly Intent[],
  entities: readonly Entity[],
  library: SchemaLibrary,
  disabled: readonly Intent[] = [],
): Catalogue => {
  const byId = new Map<string, Intent>();
  const newest = new Map<string, Intent>();
  for (const intent of intents) {
    byId.set(intent.id, intent);
    const other = newest.get(intent.name);
    if (other === undefined || other.major < intent.major) newest.set(intent.name, intent);
  }
  return {
    intents: [...intents].sort((a, b) => (a.id < b.id ? -1 : 1)),
    disabled,
    entities,
    library,
    find: (name, major) => (major === undefined ? newest.get(name) : byId.get(`${name}@${major}`)),
  };
};
