import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type ExecutionResult, execute, getOperationAST, type OperationDefinitionNode, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { GraphqlOperation } from '../../gateway/doors/graphql-operation.ts';
import { planOperation } from '../../gateway/doors/graphql-plan.ts';
import { readyToRun } from '../../gateway/doors/graphql-run.ts';
import { schemaOf } from '../../gateway/doors/graphql-views.ts';
import { loadSetup } from '../../gateway/setup.ts';
import type { Catalogue } from '../../intents/catalogue.ts';
import { loadCatalogue } from '../../intents/load.ts';
import { toGraphql } from '../../intents/project/graphql.ts';
import { viewOf } from '../../intents/project/graphql-view.ts';
import { readSources } from '../../intents/source.ts';
import { type RandomOperation, randomOperation } from './graphql-random.ts';

const corners = (name: string): Catalogue => {
  const text = readFileSync(join(import.meta.dirname, '../intents/project', name), 'utf8');
  return loadCatalogue(readSources(name, text).sources).catalogue;
};
const shop = async (): Promise<Catalogue> => {
  const { setup } = await loadSetup('examples/shop', {});
  if (setup === undefined) throw new Error('the shop does not load');
  return setup.catalogue;
};
const worldOf = (catalogue: Catalogue) => {
  const view = viewOf(toGraphql(catalogue), () => true);
  const compiled = new Map(catalogue.intents.map(({ id }) => [id, { narrow: true }])) as never;
  return { view, schema: schemaOf(view, catalogue.library), catalogue, compiled };
};
type World = ReturnType<typeof worldOf>;

/** An operation whose backends answer as they are told, each a moment later. */
const operationOf = ({ view, compiled }: World, { output, joined }: RandomOperation) => {
  const asked: unknown[] = [];
  const kept = new Map<string, Promise<unknown>>();
  const ask = (key: string, what: unknown, value: () => unknown): Promise<unknown> => {
    let found = kept.get(key);
    if (found === undefined) {
      asked.push(what);
      found = Promise.resolve().then(() => {
        const answer = value();
        if (answer instanceof Error) throw answer;
        return answer;
      });
      kept.set(key, found);
    }
    return found;
  };
  const roots = [...view.queries, ...view.mutations];
  const operation = {
    gate: { compiled },
    output: (response: string, what: { name: string; major: number | undefined }, more: unknown) => {
      const root = roots.find(({ intent, major }) => intent.name === what.name && major === what.major);
      return ask(response, { response, what, more }, () => output(root as never, response));
    },
    join: (entity: { object: { name: string } }, id: string) =>
      ask(`${entity.object.name} ${id}`, { entity: entity.object.name, id }, () => joined(entity.object as never, id)),
    keyFor: (response: string, alone: boolean) => `${response} ${alone}`,
  } as unknown as GraphqlOperation;
  return { operation, asked: () => asked.map((one) => JSON.stringify(one)).sort() };
};

/** Errors come in the order in which things went wrong, which nobody promises. */
const told = ({ errors, ...rest }: ExecutionResult): string =>
  JSON.stringify([rest, errors?.map((error) => JSON.stringify(error)).sort()]);

describe.each([
  { name: 'the example', load: shop },
  { name: 'the corners', load: () => corners('corners.yaml') },
  { name: 'what is joined', load: () => corners('graphql-corners.yaml') },
])('operations over $name', async ({ load }) => {
  const world = worldOf(await load());
  const { schema, view, catalogue } = world;

  test('come to the same compiled as by the library, where they come to anything', async () => {
    const ended = { compiled: 0, library: 0 };
    await fc.assert(
      fc.asyncProperty(randomOperation(view, schema, catalogue.library), async (random) => {
        const document = parse(random.query, { noLocation: false });
        fc.pre(validate(schema, document).length === 0);
        const library = operationOf(world, random);
        const rest = { schema, document, variableValues: random.variables };
        const expected = await execute({ ...rest, contextValue: library.operation });

        const compiled = operationOf(world, random);
        const planned = planOperation(document, getOperationAST(document) as OperationDefinitionNode, world, world);
        const data = await readyToRun(planned, random.variables, schema)?.(compiled.operation);
        if (data === undefined) {
          // Whatever is left to the library comes to what it would have by itself, and nothing is asked for twice.
          expect(told(await execute({ ...rest, contextValue: compiled.operation }))).toBe(told(expected));
          ended.library++;
        } else {
          expect(JSON.stringify({ data })).toBe(JSON.stringify(expected));
          ended.compiled++;
        }
        expect(compiled.asked()).toEqual(library.asked());
      }),
      // To make a counterexample of this kind smaller takes more memory than there is.
      { numRuns: 500, endOnFailure: true },
    );
    expect(ended.compiled).toBeGreaterThan(200);
    expect(ended.library).toBeGreaterThan(50);
  }, 60_000);
});
