import type { Intent } from '../contract.ts';
import { streamsOutput } from '../shape.ts';
import type {
  GraphqlEntity,
  GraphqlEnum,
  GraphqlField,
  GraphqlInput,
  GraphqlModel,
  GraphqlObject,
  GraphqlRoot,
  GraphqlScalar,
  GraphqlType,
  GraphqlUnion,
} from './graphql-model.ts';

/** What of a model somebody sees, and every type that is reached from there. */
export interface GraphqlView {
  readonly queries: readonly GraphqlRoot[];
  readonly mutations: readonly GraphqlRoot[];
  /** Lists that are to be had item by item, each typed as one item; as a whole they are queries too. */
  readonly subscriptions: readonly GraphqlRoot[];
  readonly entities: readonly GraphqlEntity[];
  /** With the fields that are seen of each: what is joined by an intent that is not seen is left out. */
  readonly objects: ReadonlyMap<GraphqlObject, readonly GraphqlField[]>;
  readonly inputs: ReadonlySet<GraphqlInput>;
  readonly enums: ReadonlySet<GraphqlEnum>;
  readonly unions: ReadonlySet<GraphqlUnion>;
  readonly scalars: ReadonlySet<GraphqlScalar>;
}

/** @param sees the intents that whoever looks may call */
export const viewOf = (model: GraphqlModel, sees: (intent: Intent) => boolean): GraphqlView => {
  const roots = model.roots.filter(({ intent }) => sees(intent));
  const entities = model.entities.filter(({ intent }) => sees(intent));
  const objects = new Map<GraphqlObject, readonly GraphqlField[]>();
  const inputs = new Set<GraphqlInput>();
  const enums = new Set<GraphqlEnum>();
  const unions = new Set<GraphqlUnion>();
  const scalars = new Set<GraphqlScalar>();
  const waiting: GraphqlType[] = [];
  const reach = (type: GraphqlType) => waiting.push(type);
  for (const { type, args } of roots) for (const one of [type, ...args.map((arg) => arg.type)]) reach(one);
  for (const { object } of entities) reach({ kind: 'object', of: object });
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop())
    switch (type.kind) {
      case 'scalar':
        scalars.add(type.name);
        break;
      case 'enum':
        enums.add(type.of);
        break;
      case 'list':
        reach(type.of);
        break;
      case 'union':
        if (unions.has(type.of)) break;
        unions.add(type.of);
        for (const { object } of type.of.members) reach({ kind: 'object', of: object });
        break;
      case 'input':
        if (inputs.has(type.of)) break;
        inputs.add(type.of);
        for (const field of type.of.fields) reach(field.type);
        break;
      case 'object': {
        if (objects.has(type.of)) break;
        const fields = type.of.fields.filter(({ join }) => join === undefined || entities.includes(join));
        objects.set(type.of, fields);
        for (const field of fields) reach(field.type);
      }
    }
  return {
    queries: roots.filter(({ intent }) => intent.effect === 'read'),
    mutations: roots.filter(({ intent }) => intent.effect !== 'read'),
    subscriptions: roots.flatMap((root) =>
      streamsOutput(root.intent) && root.type.kind === 'list' ? [{ ...root, type: root.type.of }] : [],
    ),
    entities,
    objects,
    inputs,
    enums,
    unions,
    scalars,
  };
};
