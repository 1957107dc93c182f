import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Json, pointerPath, pointerSegment } from '../../intents/json.ts';
import type { Decision, Mask } from '../../policies/types.ts';
import { visiblePart } from '../../policies/visible.ts';

const see = (value: unknown, fields: readonly string[] | undefined, redactions: Record<string, Mask> = {}) =>
  visiblePart(value, {
    fields,
    obligations: [{ type: 'redact', fields: redactions, rule: 'x' }],
  } as Partial<Decision> as Decision);

const order = {
  id: 'A-1',
  customer: { name: 'Jo', email: 'jo@example.org' },
  items: [
    { sku: 'a', price: 1 },
    { sku: 'b', price: 2 },
  ],
  notes: ['secret', 'very'],
};

describe('a list of fields', () => {
  test.each([
    ['none at all: everything', undefined, order],
    ['an empty one: nothing', [], {}],
    ['a member', ['/id'], { id: 'A-1' }],
    ['a member of a member', ['/customer/name'], { customer: { name: 'Jo' } }],
    ['a whole object', ['/customer'], { customer: order.customer }],
    ['a whole list', ['/notes'], { notes: order.notes }],
    ['a member of every item', ['/items/*/sku'], { items: [{ sku: 'a' }, { sku: 'b' }] }],
    ['the same without the star', ['/items/sku'], { items: [{ sku: 'a' }, { sku: 'b' }] }],
    ['a member of one item', ['/items/1/sku'], { items: [{}, { sku: 'b' }] }],
    ['every member', ['/*'], order],
    ['a member of every member', ['/*/name'], { customer: { name: 'Jo' }, items: [{}, {}], notes: [] }],
    [
      'a name and a star together',
      ['/customer/name', '/*/email'],
      { customer: order.customer, items: [{}, {}], notes: [] },
    ],
    ['more and less of the same', ['/customer/name', '/customer'], { customer: order.customer }],
    ['what is not there', ['/total'], {}],
    ['what every object inherits', ['/constructor', '/__proto__', '/toString/name'], {}],
  ] as [string, string[] | undefined, unknown][])('%s', (_name, fields, expected) => {
    expect(see(order, fields)).toEqual(expected);
  });

  test.each([
    ['a scalar for an object', { customer: 'Jo <jo@example.org>' }, ['/customer/name'], {}],
    ['null for an object', { customer: null }, ['/customer/name'], {}],
    [
      'a list for an object',
      { customer: [{ name: 'Jo', email: 'x' }, 'secret', null] },
      ['/customer/name'],
      { customer: [{ name: 'Jo' }] },
    ],
    [
      'lists in lists',
      { items: [[{ sku: 'a', price: 1 }], ['secret'], 5] },
      ['/items/*/sku'],
      { items: [[{ sku: 'a' }], []] },
    ],
    [
      'an object for a list',
      { items: { first: { sku: 'a', price: 1 } } },
      ['/items/*/sku'],
      { items: { first: { sku: 'a' } } },
    ],
    ['a scalar for the whole', 'secret', ['/id'], null],
    ['a number for the whole', 5, [], null],
    ['null for the whole', null, ['/id'], null],
    ['a list for the whole', [{ id: 1, x: 2 }, 'secret'], ['/id'], [{ id: 1 }]],
    ['a list of scalars and no fields', ['secret', 5], [], []],
  ] as [string, unknown, string[], unknown][])('%s', (_name, value, fields, expected) => {
    expect(see(value, fields)).toEqual(expected);
  });

  test('a member named __proto__ is a member like any other', () => {
    const seen = see(JSON.parse('{"__proto__": {"admin": true}, "id": 1}'), ['/*']) as Record<string, unknown>;
    expect(Object.keys(seen)).toEqual(['__proto__', 'id']);
    expect(Object.getPrototypeOf(seen)).toBe(Object.prototype);
    expect(seen.admin).toBeUndefined();
  });
});

describe('a redaction', () => {
  test.each([
    ['drops a member', { '/customer/email': 'drop' }, { ...order, customer: { name: 'Jo' } }],
    ['drops an object', { '/customer': 'drop' }, { id: order.id, items: order.items, notes: order.notes }],
    ['masks all but the first character', { '/id': 'mask' }, { ...order, id: 'A***' }],
    [
      'keeps the domain of an address',
      { '/customer/email': 'mail-mask' },
      { ...order, customer: { name: 'Jo', email: 'j***@example.org' } },
    ],
    [
      'masks what is no text',
      { '/items/*/price': 'mask' },
      {
        ...order,
        items: [
          { sku: 'a', price: '***' },
          { sku: 'b', price: '***' },
        ],
      },
    ],
    ['reaches into lists', { '/items/price': 'drop' }, { ...order, items: [{ sku: 'a' }, { sku: 'b' }] }],
    ['reaches one item', { '/items/1/price': 'drop' }, { ...order, items: [{ sku: 'a', price: 1 }, { sku: 'b' }] }],
    ['masks a whole list', { '/notes': 'mask' }, { ...order, notes: '***' }],
    ['masks each item', { '/notes/*': 'mask' }, { ...order, notes: ['s***', 'v***'] }],
    ['empties each item', { '/notes/*': 'drop' }, { ...order, notes: [null, null] }],
    ['reaches every member', { '/*/email': 'drop' }, { ...order, customer: { name: 'Jo' } }],
    ['leaves what is not there', { '/total/sum': 'mask', '/__proto__/x': 'mask' }, order],
  ] as [string, Record<string, Mask>, unknown][])('%s', (_name, redactions, expected) => {
    const before = structuredClone(order);
    expect(see(order, undefined, redactions)).toEqual(expected);
    expect(order).toEqual(before);
  });

  test.each([
    ['a text for an object', { customer: 'Jo <jo@example.org>' }, '/customer/email', 'mask', { customer: 'J***' }],
    [
      'a text for an object, dropped',
      { customer: 'Jo <jo@example.org>' },
      '/customer/email',
      'drop',
      { customer: null },
    ],
    ['null for an object', { customer: null }, '/customer/email', 'mask', { customer: null }],
    [
      'a list of texts for objects',
      { customers: ['jo@example.org'] },
      '/customers/*/email',
      'drop',
      { customers: [null] },
    ],
    [
      'lists in lists',
      { customers: [[{ email: 'jo@example.org' }]] },
      '/customers/*/email',
      'drop',
      { customers: [[{}]] },
    ],
    ['a list for the whole', [{ email: 'jo@example.org' }], '/email', 'drop', [{}]],
    ['a text for the whole', 'jo@example.org', '/email', 'mask', 'j***'],
  ] as [string, unknown, string, Mask, unknown][])('%s', (_name, value, pointer, mask, expected) => {
    expect(see(value, undefined, { [pointer]: mask })).toEqual(expected);
  });

  test.each([
    ['jo@example.org', 'j***@example.org'],
    ['jo', 'j***'],
    ['', '***'],
    ['@example.org', '@***'],
    ['jo@example.org, and his phone is 555', 'j***'],
    ['jo@example.org\nsecret@example.org', 'j***'],
    ['Jo <jo@example.org>', 'J***'],
    ['😀@example.org', '😀***@example.org'],
  ])('an address %j is %j', (email, expected) => {
    expect(see({ email }, undefined, { '/email': 'mail-mask' })).toEqual({ email: expected });
  });

  test('comes after the list of fields, and undoes nothing of it', () => {
    expect(see(order, ['/customer/email'], { '/customer/email': 'mask', '/customer/name': 'mask' })).toEqual({
      customer: { email: 'j***' },
    });
  });
});

// Every leaf of these values is its own pointer, so that what is seen says where it stood.
const names = fc.constantFrom('a', 'b', '0', '1', 'a/b', '*', '__proto__');
const shape: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constant('leaf'),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie('any')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
})).any;
const filled = (value: unknown, pointer = ''): Json => {
  if (Array.isArray(value)) return value.map((item, index) => filled(item, `${pointer}/${index}`));
  if (typeof value !== 'object' || value === null) return pointer;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, filled(member, `${pointer}/${pointerSegment(name)}`)]),
  );
};
const leavesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];

/** Whether a pattern leads to a value or to something above it, in any reading of the lists on the way. */
const covers = (pattern: readonly string[], path: readonly string[], value: unknown): boolean => {
  const [wanted, ...wants] = pattern;
  if (wanted === undefined) return true;
  const [name, ...rest] = path;
  if (name === undefined || typeof value !== 'object' || value === null) return false;
  const inner = (value as Record<string, unknown>)[name];
  if ((wanted === '*' || wanted === name) && covers(wants, rest, inner)) return true;
  return Array.isArray(value) && covers(pattern, rest, inner);
};
const pointers = fc
  .array(names, { minLength: 1, maxLength: 3 })
  .map((path) => path.map((name) => `/${pointerSegment(name)}`).join(''));

test('what is seen holds no value that no field covers', () => {
  fc.assert(
    fc.property(shape, fc.array(pointers, { maxLength: 3 }), (given, fields) => {
      const value = filled(given);
      for (const leaf of leavesOf(see(value, fields))) {
        const covered = fields.some((field) => covers(pointerPath(field), pointerPath(String(leaf)), value));
        expect(
          covered || (leaf === null && typeof value === 'string'),
          `${String(leaf)} of ${JSON.stringify(value)}`,
        ).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('what a redaction names plainly is never seen as it was', () => {
  fc.assert(
    fc.property(shape, pointers, fc.constantFrom<Mask>('drop', 'mask', 'mail-mask'), (given, pointer, mask) => {
      const value = filled(given);
      const path = pointerPath(pointer);
      const exact = (leaf: string) => {
        const at = pointerPath(leaf);
        return at.length >= path.length && path.every((name, index) => name === '*' || name === at[index]);
      };
      const seen = leavesOf(see(value, undefined, { [pointer]: mask }));
      expect(
        seen.filter((leaf) => typeof leaf === 'string' && leaf.startsWith('/') && !leaf.includes('***') && exact(leaf)),
      ).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
