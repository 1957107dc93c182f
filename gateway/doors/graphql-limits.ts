import {
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { OstiaryError } from '../../intents/problems.ts';
import type { Config } from '../config-document.ts';

export type GraphqlLimits = Config['doors']['graphql'];

/** What a list is taken to hold, and what a field costs that is had by a call. */
const listFactor = 10;
export const callCost = 10;

interface Measure {
  readonly depth: number;
  readonly cost: number;
}

/**
 * Holds a valid document against the limits. A field costs 1, one that calls a backend 10, and what is below a list ten
 * times as much; a subscription is a list. What asks for the schema itself is as deep as the schema's own, and costs nothing.
 * @param calls whether a field of a type is had by a call of its own
 * @returns what it asks for too much of
 */
export const faultOf = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  {
    schema,
    limits,
    calls,
  }: { schema: GraphQLSchema; limits: GraphqlLimits; calls: (type: string, field: string) => boolean },
): OstiaryError | undefined => {
  let aliases = 0;
  visit(document, {
    Field({ alias }) {
      if (alias !== undefined) aliases++;
    },
  });
  if (aliases > limits.aliases) return tooMuch('aliases', aliases, limits.aliases);
  const fragments = new Map<string, Measure>();
  const definitions = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  );
  const typeNamed = (name: string) => schema.getType(name);

  const measure = ({ selections }: SelectionSetNode, type: GraphQLNamedType | undefined): Measure => {
    let [depth, cost] = [0, 0];
    const add = (one: Measure) => {
      depth = Math.max(depth, one.depth);
      cost = Math.min(cost + one.cost, Number.MAX_SAFE_INTEGER);
    };
    for (const selection of selections)
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        if (name.startsWith('__')) continue;
        const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
        const below =
          selection.selectionSet === undefined
            ? { depth: 0, cost: 0 }
            : measure(selection.selectionSet, field && getNamedType(field.type));
        const many =
          field !== undefined && (isListType(getNullableType(field.type)) || type === schema.getSubscriptionType());
        const own = calls(type?.name ?? '', name) ? callCost : 1;
        add({
          depth: below.depth + 1,
          cost: many ? (own === 1 ? 1 : own * listFactor) + below.cost * listFactor : own + below.cost,
        });
      } else if (selection.kind === Kind.INLINE_FRAGMENT)
        add(
          measure(
            selection.selectionSet,
            selection.typeCondition ? typeNamed(selection.typeCondition.name.value) : type,
          ),
        );
      else {
        const name = selection.name.value;
        const definition = definitions.get(name);
        // Each once: fragments that spread one another would else be walked without end.
        let known = fragments.get(name);
        if (known === undefined && definition !== undefined) {
          known = measure(definition.selectionSet, typeNamed(definition.typeCondition.name.value));
          fragments.set(name, known);
        }
        if (known !== undefined) add(known);
      }
    return { depth, cost };
  };

  const root = schema.getRootType(operation.operation) ?? undefined;
  const { depth, cost } = measure(operation.selectionSet, root);
  if (depth > limits.depth) return tooMuch('depth', depth, limits.depth);
  return cost > limits.cost ? tooMuch('cost', cost, limits.cost) : undefined;
};

export const tooMuch = (what: string, found: number, most: number): OstiaryError =>
  new OstiaryError(
    'request.too_costly',
    `The operation asks for too much at once: its ${what} is ${found}, and at most ${most} is taken. Ask for less, or in several requests.`,
    { limit: what, at_most: most },
  );
