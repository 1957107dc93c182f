import { type GraphQLSchema, getArgumentValues, getVariableValues, type VariableValues } from 'graphql';
import type { Holder, Later } from './graphql-complete.ts';
import type { GraphqlOperation } from './graphql-operation.ts';
import type { Plan, Planned, PlannedRoot } from './graphql-plan.ts';
import { callRoot } from './graphql-resolvers.ts';

type Called = Extract<PlannedRoot, { root: unknown }>;

/** What becomes of an operation: its data, or undefined where anything is other than it should be. */
export type Run = (operation: GraphqlOperation) => Promise<Holder | undefined>;

/** More mistakes in variables are not listed; the library stops there too. */
const mostMistakes = 50;

/**
 * Makes an operation ready to run without the library.
 * @param given its variables, as they were sent
 * @returns undefined where it is for the library to run. Where a run ends without data the library tells what there is, from
 * the same operation, which asks for nothing twice
 */
export const readyToRun = (
  { operation, plan }: Planned,
  given: Readonly<Record<string, unknown>> | null | undefined,
  schema: GraphQLSchema,
): Run | undefined => {
  const { variableValues } = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? {}, {
    maxErrors: mostMistakes,
  });
  const planned = variableValues && plan(variableValues);
  return planned && ((running) => runPlan(planned, variableValues, running));
};

const runPlan = async (
  { serial, roots }: Plan,
  variables: VariableValues,
  operation: GraphqlOperation,
): Promise<Holder | undefined> => {
  const data: Holder = {};
  const calls: (() => Promise<boolean>)[] = [];
  try {
    for (const one of roots) {
      const { key } = one;
      // Its place.
      data[key] = 'value' in one ? one.value : undefined;
      if ('value' in one) continue;
      const args = getArgumentValues(one.field, one.node, variables);
      calls.push(() => settle(one, args, operation, data));
    }
  } catch {
    return undefined;
  }
  if (!serial) return (await Promise.all(calls.map((call) => call()))).every(Boolean) ? data : undefined;
  for (const call of calls) if (!(await call())) return undefined;
  return data;
};

/** @returns false as soon as anything goes wrong; true once the field and all that it joins stand in the data */
const settle = (
  { key, root, alone, wanted, complete }: Called,
  args: Readonly<Record<string, unknown>>,
  operation: GraphqlOperation,
  data: Holder,
): Promise<boolean> =>
  new Promise((resolve) => {
    let open = 0;
    const wait = (promise: Promise<unknown>, then: (value: unknown) => void): void => {
      open++;
      promise
        .then((value) => {
          then(value);
          if (--open === 0) resolve(true);
        })
        .catch(() => resolve(false));
    };
    const later: Later = (entity, id, then) => wait(operation.join(entity, id), then);
    wait(callRoot(root, args, operation, { response: key, alone, wanted }), (output) => {
      data[key] = complete(output, later, data, key);
    });
  });
