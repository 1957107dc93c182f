import type { Catalogue } from '../catalogue.ts';
import { entityRead } from '../entity-read.ts';
import type { GraphqlEntity, GraphqlField, GraphqlModel, GraphqlRoot } from './graphql-model.ts';
import { intentTypeName, rootName } from './graphql-names.ts';
import { ownScalars } from './graphql-scalars.ts';
import { fixedTypes } from './graphql-text.ts';
import { graphqlTypes } from './graphql-types.ts';

/**
 * Projects a catalogue into GraphQL: a field per intent and major, and a type per entity that can be read by its
 * identifier. Deterministic: the same contracts give the same names, and no two things one name.
 */
export const toGraphql = (catalogue: Pick<Catalogue, 'intents' | 'entities' | 'library' | 'find'>): GraphqlModel => {
  const { intents, entities, library, find } = catalogue;
  const known = new Map<string, GraphqlEntity>();
  const types = graphqlTypes(library, known, [...fixedTypes, ...Object.keys(ownScalars)]);
  const sorted = [...entities].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entity of sorted) {
    const read = entityRead(entity, catalogue);
    if (read === undefined) continue;
    const object = types.object(entity.name, entity.description);
    const key: GraphqlField = { ...bare, name: read.key, property: read.key };
    known.set(entity.name, { name: entity.name, intent: read.intent, argument: read.argument, key, object });
  }
  for (const [name, entity] of known) {
    types.output(entity.intent, name, entity.object);
    const key = entity.object.fields.find(({ property }) => property === entity.key.property) ?? entity.key;
    known.set(name, Object.assign(entity, { key }));
  }
  const roots = intents.map((intent): GraphqlRoot => {
    const name = intentTypeName(intent, find);
    const entity = [...known.values()].find((one) => one.intent === intent);
    const args = types.args(intent, name);
    return {
      name: rootName(intent, find),
      intent,
      major: find(intent.name) === intent ? undefined : intent.major,
      type: entity === undefined ? types.output(intent, name) : { kind: 'object', of: entity.object },
      args: args ?? [{ ...bare, name: 'input', property: 'input', required: true }],
      whole: args === undefined,
    };
  });
  return { roots, entities: [...known.values()], notes: types.notes };
};

const bare: GraphqlField = {
  name: '',
  property: '',
  type: { kind: 'scalar', name: 'JSON' },
  description: '',
  required: false,
  nullable: true,
  deprecated: false,
};
