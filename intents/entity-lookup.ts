import type { EntityLookup } from './catalogue.ts';
import { schemaAt } from './check-schema.ts';
import type { Intent } from './contract.ts';
import { didYouMean } from './did-you-mean.ts';
import type { JsonSchema } from './json.ts';

/** As the ontology file writes it. */
export interface WrittenLookup {
  readonly intent: string;
  readonly text: string;
  readonly items: string;
  readonly id: string;
  readonly title?: string | undefined;
}

/** @returns `$.a.b` as member names */
const membersOf = (path: string): string[] => path.split('.').slice(1);

export const toLookup = ({ intent, text, items, id, title }: WrittenLookup): EntityLookup => ({
  intent,
  text,
  items: membersOf(items),
  id: membersOf(id),
  title: title === undefined ? undefined : membersOf(title),
});

/**
 * Says what is wrong with the way an entity is to be found: the intent must be a read that needs nothing but the words, and
 * its output must have what is picked from it.
 * @param intents of the catalogue; the newest major of the name counts
 */
export const checkLookup = (
  { intent: name, text, items, id, title }: EntityLookup,
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): { member: 'intent' | 'text' | 'items' | 'id' | 'title'; message: string }[] => {
  const intent = intents.filter((one) => one.name === name).sort((a, b) => b.major - a.major)[0];
  if (intent === undefined)
    return [
      {
        member: 'intent',
        message: `"${name}" is not an intent.${didYouMean(
          name,
          intents.map((one) => one.name),
        )}`,
      },
    ];
  if (intent.effect !== 'read')
    return [{ member: 'intent', message: `"${name}" is a ${intent.effect}: what is only looked up changes nothing.` }];
  const { properties = {}, required = [] } = intent.input;
  if (!Object.hasOwn(properties, text))
    return [
      {
        member: 'text',
        message: `"${text}" is not in the input of ${name}.${didYouMean(text, Object.keys(properties))}`,
      },
    ];
  const needed = required.find((other) => other !== text && resolveRef(properties[other] ?? {}).default === undefined);
  if (needed !== undefined)
    return [{ member: 'intent', message: `"${name}" needs "${needed}" as well, which words alone do not give.` }];
  const { output } = intent;
  if (output === undefined) return [{ member: 'intent', message: `"${name}" has no output to look into.` }];
  const list = schemaAt(output, items, resolveRef);
  if (list === undefined || list.items === undefined)
    return [{ member: 'items', message: `$.${items.join('.')} is no list in the output of ${name}.` }];
  return (['id', 'title'] as const).flatMap((member) => {
    const path = member === 'id' ? id : title;
    return path === undefined || schemaAt(output, [...items, '*', ...path], resolveRef) !== undefined
      ? []
      : [{ member, message: `$.${path.join('.')} is not in the hits of ${name}.` }];
  });
};
