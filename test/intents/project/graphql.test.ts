import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { buildSchema, type GraphQLUnionType, isObjectType, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { loadSetup } from '../../../gateway/setup.ts';
import type { Catalogue } from '../../../intents/catalogue.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { toGraphql } from '../../../intents/project/graphql.ts';
import { claims, memberNames, plainName } from '../../../intents/project/graphql-names.ts';
import { graphqlSdl, servedSdl } from '../../../intents/project/graphql-text.ts';
import { viewOf } from '../../../intents/project/graphql-view.ts';
import { readSources } from '../../../intents/source.ts';

const catalogue = (text: string): Catalogue => {
  const { catalogue: found, findings } = loadCatalogue(readSources('intents.yaml', text.replace(/---\n$/, '')).sources);
  expect(findings).toEqual([]);
  return found;
};
const built = (found: Catalogue, sees: (name: string) => boolean = () => true) =>
  served(viewOf(toGraphql(found), ({ name }) => sees(name)));
// What its directives mean is for a router to know.
const served = (view: ReturnType<typeof viewOf>) => buildSchema(servedSdl(view), { assumeValidSDL: true });
const all = () => true;
const file = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');

const shop = async () => {
  const { setup } = await loadSetup('examples/shop', {});
  if (setup === undefined) throw new Error('the shop does not load');
  return setup.catalogue;
};

test.each([
  { name: 'the example', golden: 'shop.graphql', load: shop },
  { name: 'the corners', golden: 'corners.graphql', load: async () => catalogue(file('corners.yaml')) },
  { name: 'what is joined', golden: 'joined.graphql', load: async () => catalogue(file('graphql-corners.yaml')) },
])('the schema of $name is as it was reviewed (UPDATE_GOLDEN=1 rewrites it)', async ({ golden, load }) => {
  const model = toGraphql(await load());
  const notes = model.notes.map((note) => `# ${note}\n`).join('');
  const text = `${notes}${graphqlSdl(viewOf(model, all))}\n`;
  const path = join(import.meta.dirname, 'golden', golden);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
  expect(validateSchema(served(viewOf(model, all)))).toEqual([]);
});

test('types are the same, and named the same, however much of the catalogue somebody sees', () => {
  const found = catalogue(file('graphql-corners.yaml'));
  const whole = built(found);
  fc.assert(
    fc.property(fc.subarray(found.intents.map(({ name }) => name)), (seen) => {
      const schema = built(found, (name) => seen.includes(name));
      expect(validateSchema(schema)).toEqual([]);
      for (const [name, type] of Object.entries(schema.getTypeMap())) {
        if (!isObjectType(type) || name.startsWith('_')) continue;
        const other = whole.getType(name);
        if (!isObjectType(other)) throw new Error(`${name} is not in the whole`);
        for (const [field, { type: of }] of Object.entries(type.getFields()))
          expect(String(of)).toBe(String(other.getFields()[field]?.type));
      }
    }),
    { numRuns: 30 },
  );
});

describe('what is joined', () => {
  const found = catalogue(file('graphql-corners.yaml'));

  test('is left out where the caller may not read it', () => {
    const schema = built(found, (name) => name !== 'customers.get');
    const order = schema.getType('Order');
    expect(isObjectType(order) && Object.keys(order.getFields())).toEqual([
      'id',
      'customer_id',
      'parcel',
      'replaces',
      'replaces_order',
    ]);
    expect(String((schema.getType('_Entity') as GraphQLUnionType).getTypes())).toBe('Order,Query_669619');
  });

  test('is there for each that sees it', () => {
    const order = built(found).getType('Order');
    const fields = isObjectType(order) ? order.getFields() : {};
    expect(String(fields.customer?.type)).toBe('Customer');
  });
});

describe('names', () => {
  test('are names of GraphQL, and no two meet', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: fc.constantFrom('_', 'a', '1', '-', 'é', '/', '') })), (members) => {
        const names = [...memberNames(members).values()];
        for (const name of names) expect(name).toMatch(/^(?!__)[_A-Za-z]\w*$/);
        expect(new Set(names).size).toBe(members.length);
      }),
    );
  });

  test('that are names already stay', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z_]\w*$/), (name) => {
        if (!name.startsWith('__')) expect(plainName(name)).toBe(name);
      }),
    );
  });

  test('are told apart by what they stand for, whatever is taken', () => {
    const claim = claims(['Order']);
    const first = claim('Order', 'a');
    expect(new Set(['Order', first, claim('Order', 'a'), claim('Order', 'b')]).size).toBe(4);
  });
});

test('any contract has a schema', () => {
  const leaf = fc.constantFrom(
    { type: 'string' },
    { type: ['string', 'null'] },
    { type: 'integer' },
    { enum: ['a', 'b', 'c-d', ''] },
    { type: 'object' },
    { $ref: 'schema:tree' },
    { const: 3 },
    {},
  );
  const { schema } = fc.letrec<{ schema: object }>((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.record({
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom('a', 'A', 'a-b', 'a_b', '1', '__c', 'é'), tie('schema'), {
          maxKeys: 4,
        }),
      }),
      tie('schema').map((items) => ({ type: 'array', items })),
      fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((oneOf) => ({ oneOf })),
      fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((allOf) => ({ allOf })),
    ),
  }));
  const tree = { type: 'object', properties: { a: { type: 'string' }, b: { $ref: 'schema:tree' } } };
  fc.assert(
    fc.property(schema, schema, (one, two) => {
      const { catalogue: found } = loadCatalogue(
        readSources(
          'intents.yaml',
          [
            { schemas: { tree } },
            {
              intent: 'a.b',
              version: '1.0.0',
              title: 'A',
              effect: 'read',
              input: { type: 'object', properties: { one } },
              output: two,
              call: { backend: 'b', mcp: 't' },
            },
          ]
            .map((document) => JSON.stringify(document))
            .join('\n---\n'),
        ).sources,
      );
      expect(found.intents).toHaveLength(1);
      expect(validateSchema(built(found))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test.each([
  { name: 'is not there', read: 'orders.nowhere', message: '"orders.nowhere" is not an intent.' },
  { name: 'needs more', read: 'orders.more', message: 'does not show one Order by its identifier' },
  { name: 'writes', read: 'orders.write', message: 'does not show one Order by its identifier' },
])('an entity cannot be read by an intent that $name', ({ read, message }) => {
  const intent = (name: string, effect: string, more: string) =>
    `---\nintent: ${name}\nversion: 1.0.0\ntitle: T\neffect: ${effect}\nsinks: []\ninput: { type: object, required: [id${more}], properties: { id: { $ref: "ontology:Order.id" }, more: { type: string } } }\noutput: { type: object, properties: { id: { $ref: "ontology:Order.id" } } }\ncall: { backend: b, mcp: t }\n`;
  const text = `ontology: world\nentities:\n  Order: { read: ${read}, id: { type: string } }\n${intent('orders.more', 'read', ', more')}${intent('orders.write', 'write', '')}`;
  const { findings } = loadCatalogue(readSources('intents.yaml', text).sources);
  expect(findings).toMatchObject([{ code: 'ontology.read', line: 3, message: expect.stringContaining(message) }]);
});
