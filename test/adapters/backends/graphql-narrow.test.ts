import fc from 'fast-check';
import { buildSchema, parse, print, validate } from 'graphql';
import { expect, test } from 'vitest';
import { narrowDocument } from '../../../adapters/backends/graphql-narrow.ts';

const schema = buildSchema(`
  type Query { order(id: ID!): Order search(text: String, limit: Int): Search }
  type Search { total: Int orders(first: Int): [Order] }
  type Order { id: ID status: String customer: Customer lines(first: Int): [Line] }
  type Customer { id: ID name: String orders: [Order] }
  type Line { sku: String count: Int }
`);
const narrow = (query: string, result: string[], fields: string[]) => {
  const document = narrowDocument(parse(query), result, fields);
  return document === undefined ? undefined : print(parse(document)).replaceAll(/\s+/g, ' ').trim();
};
const order = 'query ($id: ID!) { order(id: $id) { id status customer { id name } lines { sku count } } }';

test.each([
  { name: 'one member', fields: ['/id'], left: '{ id }' },
  { name: 'some', fields: ['/status', '/id'], left: '{ id status }' },
  { name: 'a part of one', fields: ['/customer/name'], left: '{ customer { name } }' },
  { name: 'all of one', fields: ['/customer'], left: '{ customer { id name } }' },
  { name: 'through a list', fields: ['/lines/sku'], left: '{ lines { sku } }' },
  { name: 'none that is there', fields: ['/nothing'], left: '{ __typename }' },
])('$name is asked for alone', ({ fields, left }) => {
  expect(narrow(order, ['order'], fields)).toBe(`query ($id: ID!) { order(id: $id) ${left} }`);
});

test.each([
  { name: 'all is wanted', query: order, fields: ['/id', '/status', '/customer', '/lines'] },
  { name: 'the whole is wanted', query: order, fields: [''] },
  { name: 'an index is said', query: order, fields: ['/0'] },
  { name: 'a star is said', query: order, fields: ['/*/id'] },
  {
    name: 'a fragment stands there',
    query: '{ order(id: 1) { ...All } } fragment All on Order { id status }',
    fields: ['/id'],
  },
  {
    name: 'a variable would go',
    query: 'query ($n: Int) { order(id: 1) { id lines(first: $n) { sku } } }',
    fields: ['/id'],
  },
  {
    name: 'a directive would go',
    query: 'query ($n: Boolean!) { order(id: 1) { id status @include(if: $n) } }',
    fields: ['/id'],
  },
])('nothing is left out where $name', ({ query, fields }) => {
  expect(narrow(query, ['order'], fields)).toBeUndefined();
});

test('a member is known by its alias, and the rest of the document stays', () =>
  expect(narrow('{ a: order(id: 1) { key: id state: status } search { total } }', ['a'], ['/state'])).toBe(
    '{ a: order(id: 1) { state: status } search { total } }',
  ));

test('what is left is valid, whatever is wanted', () => {
  const documents = [
    order,
    'query ($text: String, $n: Int) { search(text: $text) { total orders(first: $n) { ...One customer { id orders { id } } } } } fragment One on Order { id lines { sku } }',
    'query ($n: Int) { order(id: 1) { id ... on Order { lines(first: $n) { sku } } customer { ...C } } } fragment C on Customer { name }',
  ];
  const name = fc.constantFrom('id', 'status', 'customer', 'lines', 'sku', 'orders', 'total', '0', '*', 'none');
  const pointer = fc.array(name, { maxLength: 4 }).map((path) => path.map((one) => `/${one}`).join(''));
  fc.assert(
    fc.property(
      fc.constantFrom(...documents),
      fc.constantFrom(['order'], ['search'], ['search', 'orders'], []),
      fc.array(pointer, { maxLength: 5 }),
      (document, result, fields) => {
        const left = narrowDocument(parse(document), result, fields);
        if (left !== undefined) expect(validate(schema, parse(left))).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});
