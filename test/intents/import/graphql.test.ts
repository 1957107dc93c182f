import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildASTSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Imported } from '../../../intents/import/draft.ts';
import { toFiles } from '../../../intents/import/files.ts';
import { importGraphql } from '../../../intents/import/graphql.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

/** Loads the files of an import as the gateway does. */
const loaded = (imported: Imported) => {
  const read = toFiles(imported, { tenant: 'acme' })
    .filter(({ path }) => path.startsWith('intents/') || path.startsWith('schemas'))
    .map(({ path, text }) => readSources(path, text));
  const { catalogue, findings } = loadCatalogue(read.flatMap(({ sources }) => sources));
  return { catalogue, findings: [...read.flatMap((one) => one.findings), ...findings] };
};
const imported = (sdl: string) => importGraphql({ sdl }, { backend: 'shop', sourceName: 'shop.graphql' });

const shop = `
  directive @intent(name: String, effect: String, examples: [String!], sinks: [String!], undo: String) on FIELD_DEFINITION
  scalar Money
  enum Status { OPEN CLOSED }
  interface Thing { id: ID! }
  type Order implements Thing { id: ID!, status: Status!, total: Money, lines: [Line!]!, parent: Order, big: BigInt,
    invoice(year: Int!): String, old: String @deprecated(reason: "gone") }
  scalar BigInt
  type Line { sku: String!, quantity: Int }
  type Note { id: ID!, status: String }
  union Hit = Order | Note
  input Filter { status: Status, and: [Filter!], not: Filter }
  input Key @oneOf { id: ID, number: Int }
  type Query {
    "One order, by its number."
    order(id: ID!): Order
    orders(filter: Filter, first: Int = 10): [Order!]!
    byKey(key: Key!): Thing
    search(text: String!): [Hit!]
    count: Int!
  }
  input RefundInput { orderId: ID!, amount: Float, clientMutationId: String }
  type Mutation {
    refundOrder(input: RefundInput!): Order
      @intent(name: "money.back", effect: "destructive", examples: ["refund order [orderId: A-1]"], sinks: ["/orderId"])
    deleteOrder(id: ID!): Boolean @intent(effect: "maybe", examples: ["drop [nothing: 1]"], undo: "no.such")
    getToken(id: ID!): String
  }
  type Subscription { moved: Order }
`;

describe('a schema with most of what GraphQL has', () => {
  const result = imported(shop);
  const of = (operation: string) => {
    const found = result.intents.find((intent) => intent.operation === operation);
    if (found === undefined) throw new Error(`no ${operation}`);
    return found;
  };

  test('every field of the roots is an intent, or skipped with its reason', () => {
    expect(
      Object.fromEntries(result.intents.map(({ operation, name, effect }) => [operation, `${name} ${effect}`])),
    ).toEqual({
      'query order': 'order.get read',
      'query orders': 'orders.list read',
      'query byKey': 'by-key.get read',
      'query search': 'shop.search read',
      'query count': 'shop.count read',
      'mutation refundOrder': 'money.back destructive',
      'mutation deleteOrder': 'order.delete destructive',
      'mutation getToken': 'token.get write',
    });
    expect(result.skipped).toEqual([
      { operation: 'subscription moved', reason: 'it is a subscription, and an intent is answered once' },
    ]);
  });

  test('the loader takes it, and every document is valid by the schema', () => {
    const { catalogue, findings } = loaded(result);
    expect(findings).toEqual([]);
    for (const { input, output } of catalogue.intents) {
      catalogue.library.validator(input);
      if (output !== undefined) catalogue.library.validator(output);
    }
    const schema = buildASTSchema(parse(shop));
    for (const { call } of result.intents) expect(validate(schema, parse(call.graphql))).toEqual([]);
  });

  test('a recursive input, a oneOf, an open scalar, a 64-bit one, a union and an interface are typed', () => {
    expect(result.schemas.Filter).toMatchObject({
      properties: { and: { type: 'array', items: { $ref: 'schema:Filter' } }, not: { $ref: 'schema:Filter' } },
      additionalProperties: false,
    });
    expect(result.schemas.Key).toMatchObject({ minProperties: 1, maxProperties: 1 });
    expect(of('query order').output).toMatchObject({
      type: ['object', 'null'],
      properties: { total: { title: 'Money' }, big: { type: ['integer', 'string', 'null'] } },
    });
    expect(of('query search').call.graphql).toContain('... on Note {\n      id\n');
    // Two types of a union may not give one name two types: the second is left out, and said.
    expect(of('query search').call.graphql).not.toMatch(/on Note \{[^}]*status/);
    expect(result.lossy).toContainEqual(
      expect.objectContaining({ operation: 'query search', reason: expect.stringContaining('status') }),
    );
    expect(result.lossy).toContainEqual({
      operation: 'scalar Money',
      place: 'Money',
      reason: 'any JSON is taken: the schema says no more of it',
    });
  });

  test('what needs arguments, is deprecated or comes round again is not asked for', () => {
    const { graphql } = of('query order').call;
    for (const field of ['invoice', 'old', 'parent']) expect(graphql).not.toMatch(new RegExp(`\\b${field}\\b`));
    expect(graphql).toContain('lines {\n      sku\n      quantity\n    }');
  });

  test('an input object gives its members, and a default is told', () => {
    const { input, call, sinks } = of('mutation refundOrder');
    expect(Object.keys(input.properties ?? {})).toEqual(['orderId', 'amount']);
    expect(call.variables).toEqual({ input: { orderId: '$.orderId', amount: '$.amount' } });
    expect(sinks).toEqual(['/orderId']);
    expect(of('query orders').input.properties?.first?.description).toBe('Default: 10.');
  });

  test('a hint is honoured, and what is wrong in one is left out and said', () => {
    expect(of('mutation refundOrder').examples[0]).toBe('refund order [orderId: A-1]');
    const said = result.lossy
      .filter(({ operation }) => operation === 'mutation deleteOrder')
      .map(({ reason }) => reason);
    expect(said).toEqual([
      '"effect" left out: it is read, write or destructive',
      '"examples" left out: "drop [nothing: 1]": "nothing" is not a member of the input',
      '"undo" left out: there is no no.such',
    ]);
  });

  test('three different examples each', () => {
    for (const { name, examples } of result.intents) expect(new Set(examples).size, name).toBe(3);
  });
});

describe('a broken schema is refused with its place', () => {
  test.each([
    ['what does not parse', 'type Query { a: }', 'line 1, column 17: Syntax Error: Expected Name, found "}".'],
    ['a type that is nowhere', 'type Query { a: Nowhere }', 'Unknown type: "Nowhere"'],
    ['no root', 'type A { b: Int }', 'Query root type must be provided.'],
    ['a circle of required inputs', 'input A { a: A! } type Query { b(a: A): Int }', 'line 1, column 11'],
  ])('%s', (_name, sdl, message) => {
    expect(() => imported(sdl)).toThrow(message);
  });
  test.each([{}, { data: null }, { __schema: { types: 7 } }, [], null])('no introspection: %j', (introspection) => {
    expect(() => importGraphql({ introspection }, { backend: 'a', sourceName: 'a' })).toThrow(/introspection/);
  });
});

describe("GitHub's schema", () => {
  const file = fileURLToPath(new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema')));

  test('every query and mutation is an intent whose document is valid, and the loader takes them all', () => {
    const sdl = readFileSync(file, 'utf8');
    const schema = buildASTSchema(parse(sdl), { assumeValidSDL: true, assumeValid: true });
    const github = importGraphql({ sdl }, { backend: 'github', sourceName: 'schema.graphql' });
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}),
    );
    expect(fields.length).toBeGreaterThan(250);
    expect(github.intents.length + github.skipped.length).toBe(fields.length);
    expect(
      github.intents.flatMap(({ call }) => validate(schema, parse(call.graphql)).map(({ message }) => message)),
    ).toEqual([]);
    const { catalogue, findings } = loaded(github);
    expect(findings).toEqual([]);
    expect(catalogue.intents).toHaveLength(fields.length);
  }, 60_000);

  test('it takes under 5 s of CPU and 500 MB, from the bytes to the files', () => {
    const script = `
      import { readFileSync } from 'node:fs';
      import { toFiles } from './intents/import/files.ts';
      import { importGraphql } from './intents/import/graphql.ts';
      const sdl = readFileSync(${JSON.stringify(file)}, 'utf8');
      toFiles(importGraphql({ sdl }, { backend: 'github', sourceName: 'github' }), { tenant: 'default' });
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      console.log(JSON.stringify({ ms: (userCPUTime + systemCPUTime) / 1000, kilobytes: maxRSS }));`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: join(import.meta.dirname, '../../..'),
      encoding: 'utf8',
    });
    const { ms, kilobytes } = JSON.parse(printed);
    expect(ms).toBeLessThan(5_000);
    expect(kilobytes).toBeLessThan(500_000);
  }, 60_000);
});
