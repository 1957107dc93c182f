import type { Catalogue, Entity } from './catalogue.ts';
import type { Intent } from './contract.ts';
import { didYouMean } from './did-you-mean.ts';
import { isObject, type JsonSchema } from './json.ts';

/** How an entity is had by its identifier. */
export interface EntityRead {
  readonly intent: Intent;
  /** The member of the intent's input that takes the identifier. */
  readonly argument: string;
  /** The member of its output that holds it. */
  readonly key: string;
}

export const identifierRef = (entity: string): string => `ontology:${entity}.id`;

/** The entity whose identifier a schema is by reference. */
export const identified = (schema: unknown): string | undefined =>
  isObject(schema) && typeof schema.$ref === 'string' ? /^ontology:(\w+)\.id$/.exec(schema.$ref)?.[1] : undefined;

/**
 * The read intent that shows an entity by its identifier: the one that the ontology names, else the only one there is.
 * @returns undefined where there is none, or several and nobody said which
 */
export const entityRead = (
  { name, read }: Entity,
  { intents, find, library }: Pick<Catalogue, 'intents' | 'find' | 'library'>,
): EntityRead | undefined => {
  if (read !== undefined) {
    const intent = find(read);
    return intent && readOf(name, intent, library.resolveRef);
  }
  const found = intents.flatMap((intent) =>
    intent.entity === name && find(intent.name) === intent ? (readOf(name, intent, library.resolveRef) ?? []) : [],
  );
  return found.length === 1 ? found[0] : undefined;
};

/** What is wrong with the intent that an entity is said to be read by. */
export const checkRead = (
  entity: string,
  read: string,
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): string | undefined => {
  const intent = intents.filter(({ name }) => name === read).sort((a, b) => b.major - a.major)[0];
  if (intent === undefined)
    return `"${read}" is not an intent.${didYouMean(
      read,
      intents.map(({ name }) => name),
    )}`;
  const ref = identifierRef(entity);
  return readOf(entity, intent, resolveRef) === undefined
    ? `"${read}" does not show one ${entity} by its identifier: that is a read which needs nothing but a "${ref}", and whose output is an object with that "${ref}" in it.`
    : undefined;
};

const readOf = (
  entity: string,
  intent: Intent,
  resolveRef: (schema: JsonSchema) => JsonSchema,
): EntityRead | undefined => {
  const { effect, input, output } = intent;
  if (effect !== 'read' || output === undefined) return undefined;
  const members = ({ properties = {} }: JsonSchema) =>
    Object.entries(properties).flatMap(([name, schema]) => (identified(schema) === entity ? [name] : []));
  const [argument, second] = members(input);
  const needed = (input.required ?? []).filter(
    (name) => name !== argument && resolveRef(input.properties?.[name] ?? {}).default === undefined,
  );
  const keys = members(resolveRef(output));
  // A thing may speak of others of its kind.
  const key = keys.length === 1 ? keys[0] : keys.find((name) => name === 'id' || name === argument);
  return argument === undefined || second !== undefined || needed.length > 0 || key === undefined
    ? undefined
    : { intent, argument, key };
};
