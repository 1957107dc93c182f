import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  Kind,
  type OperationDefinitionNode,
  type VariableValues,
  visit,
} from 'graphql';
import type { GraphqlRoot } from '../../intents/project/graphql-model.ts';
import type { Gate } from '../gate.ts';
import { collector, type Fragments } from './graphql-collect.ts';
import { type Complete, completers, misfit } from './graphql-complete.ts';
import { isAlone, selectedIn } from './graphql-selection.ts';
import type { Served } from './graphql-views.ts';

/** An operation compiled: what is called, and how what comes of it is written. */
export interface Plan {
  /** One after the other. */
  readonly serial: boolean;
  readonly roots: readonly PlannedRoot[];
}
/** A field that an operation begins with, and what it is called in the answer. */
export type PlannedRoot = { readonly key: string } & (
  | { readonly value: string }
  | {
      readonly root: GraphqlRoot;
      readonly field: GraphQLField<unknown, unknown>;
      readonly node: FieldNode;
      /** Whether it is the only one. */
      readonly alone: boolean;
      /** What of the output is needed, where the backend can do without the rest. */
      readonly wanted: readonly string[] | undefined;
      readonly complete: Complete;
    }
);

/** An operation whose plans are made as they are wanted. */
export interface Planned {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** @returns undefined where the library is to run it */
  plan(variables: VariableValues): Plan | undefined;
}

/** There is a plan for each way in which the variables of `@skip` and `@include` can stand. */
const mostConditions = 4;

/** @param document valid, and within its limits */
export const planOperation = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  served: Pick<Served, 'schema' | 'view'>,
  gate: Pick<Gate, 'catalogue' | 'compiled'>,
): Planned => {
  const own = new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
  const conditions = conditionsOf(document).filter((name) => own.has(name));
  const plans = new Map<string, Plan | undefined>();
  return {
    document,
    operation,
    plan({ coerced }) {
      const given = Object.fromEntries(conditions.map((name) => [name, coerced[name] as boolean]));
      const says = Object.values(given);
      if (says.length > mostConditions || says.some((value) => typeof value !== 'boolean')) return undefined;
      const key = says.join();
      if (!plans.has(key)) plans.set(key, compilePlan(document, operation, given, served, gate));
      return plans.get(key);
    },
  };
};

/** The variables by which a document leaves fields out. */
const conditionsOf = (document: DocumentNode): readonly string[] => {
  const names = new Set<string>();
  visit(document, {
    [Kind.DIRECTIVE]: ({ name, arguments: [argument] = [] }: DirectiveNode) => {
      if ((name.value === 'skip' || name.value === 'include') && argument?.value.kind === Kind.VARIABLE)
        names.add(argument.value.name.value);
    },
  });
  return [...names];
};

/**
 * Compiles an operation of a valid document whose fields are all of contracts. What asks for the schema or for what a
 * router asks, words and confirmations are the library's.
 * @param given what the variables say by which the document leaves fields out
 * @returns undefined where it is not for this to compile
 */
const compilePlan = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, boolean>>,
  { schema, view }: Pick<Served, 'schema' | 'view'>,
  { catalogue, compiled }: Pick<Gate, 'catalogue' | 'compiled'>,
): Plan | undefined => {
  const serial = operation.operation === 'mutation';
  const type = schema.getRootType(operation.operation);
  if (!type || operation.operation === 'subscription') return undefined;
  const fragments: Fragments = Object.fromEntries(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const collect = collector(schema, fragments, given);
  const completed = completers({ schema, view }, catalogue.library, collect);
  const roots: PlannedRoot[] = [];
  try {
    const collected = collect([operation.selectionSet], type);
    for (const [key, nodes] of collected) {
      const [node] = nodes;
      const name = node?.name.value;
      const root = (serial ? view.mutations : view.queries).find((one) => one.name === name);
      const field = type.getFields()[name ?? ''];
      if (key === '__proto__' || node === undefined) return undefined;
      if (name === '__typename') roots.push({ key, value: type.name });
      else if (root === undefined || field === undefined) return undefined;
      else
        roots.push({
          ...{ key, root, field, node, alone: isAlone(operation) },
          wanted: compiled.get(root.intent.id)?.narrow
            ? selectedIn({ fieldNodes: nodes, fragments }, root.type)
            : undefined,
          complete: completed(root.type, nodes),
        });
    }
  } catch (error) {
    if (error === misfit) return undefined;
    throw error;
  }
  return { serial, roots };
};
