import { describe, expect, test } from 'vitest';
import { classedPaths } from '../../gateway/classed.ts';
import { withoutMasked, wordsWithoutMasked } from '../../gateway/road/masked.ts';
import type { JsonSchema } from '../../intents/json.ts';
import { schemaLibrary } from '../../intents/schema-library.ts';

const secret = { type: 'string', 'x-class': 'secret' };
const personal = { type: 'string', 'x-class': 'personal' };
const plain = { type: 'string' };
const object = (properties: Record<string, unknown>, more: object = {}) => ({ type: 'object', properties, ...more });
const tree = object({ pin: secret, children: { type: 'array', items: { $ref: 'schema:tree' } } });
const library = schemaLibrary(
  new Map<string, JsonSchema>([
    ['ontology:Person.mail', personal],
    ['schema:tree', tree as JsonSchema],
  ]),
);
const paths = (schema: object, classes = ['secret', 'personal']) =>
  classedPaths(schema as JsonSchema, classes, library.resolveRef).map((path) => path.join('/'));

describe('where classed values stand', () => {
  test.each([
    { name: 'a member', schema: object({ a: secret, b: plain }), at: ['a'] },
    { name: 'a reference to the ontology', schema: object({ a: { $ref: 'ontology:Person.mail' } }), at: ['a'] },
    {
      name: 'items of a list',
      schema: object({ a: { type: 'array', items: object({ b: personal }) } }),
      at: ['a/*/b'],
    },
    {
      name: 'one of several shapes',
      schema: object({ a: { oneOf: [object({ b: secret }), object({ c: plain })] } }),
      at: ['a/b'],
    },
    { name: 'a shape of the whole', schema: { ...object({}), allOf: [object({ a: secret })] }, at: ['a'] },
    {
      name: 'members without a name',
      schema: object({ a: { additionalProperties: secret }, b: { additionalProperties: plain } }),
      at: ['a'],
    },
    {
      name: 'members by a pattern',
      schema: object({ a: { patternProperties: { '^x': object({ y: secret }) } } }),
      at: ['a'],
    },
    { name: 'places in a list', schema: object({ a: { prefixItems: [plain, secret] } }), at: ['a'] },
    {
      name: 'seven levels deep',
      schema: object({ a: object({ b: object({ c: object({ d: object({ e: object({ f: secret }) }) }) }) }) }),
      at: ['a/b/c/d/e/f'],
    },
    { name: 'nowhere', schema: object({ a: object({ b: plain }) }), at: [] },
  ])('$name', ({ schema, at }) => expect(paths(schema)).toEqual(at));

  test('of another class are left out', () =>
    expect(paths(object({ a: secret, b: personal }), ['secret'])).toEqual(['a']));

  test('in a schema that refers to itself are found at every depth, or all below is hidden', () => {
    let value: Record<string, unknown> = { pin: '1234' };
    for (let depth = 0; depth < 30; depth++) value = { pin: '1234', children: [value, { pin: '1234' }] };
    const masked = withoutMasked(
      { tree: value },
      classedPaths(object({ tree: { $ref: 'schema:tree' } }) as JsonSchema, ['secret'], library.resolveRef),
    );
    expect(JSON.stringify(masked)).not.toContain('1234');
    expect(masked.tree).toMatchObject({ pin: '***', children: [{ pin: '***' }, { pin: '***' }] });
  });
});

describe('masking', () => {
  test('leaves everything else as it was, and makes nothing up', () => {
    const value = { a: [{ b: 'x', c: 1 }, { c: 2 }, 'other'], d: null };
    expect(withoutMasked(value, [['a', '*', 'b'], ['d', 'e'], ['f']])).toEqual({
      a: [{ b: '***', c: 1 }, { c: 2 }, 'other'],
      d: null,
    });
    expect(value.a[0]).toEqual({ b: 'x', c: 1 });
  });

  test('takes masked values out of words, the longest first', () => {
    const input = { mail: 'ada@example.com', name: 'ada', list: [{ pin: 4711 }], other: 'desk' };
    const words = 'mail ada@example.com to ada with 4711 about the desk';
    expect(wordsWithoutMasked(words, input, [['name'], ['mail'], ['list', '*', 'pin'], ['gone']])).toBe(
      'mail *** to *** with *** about the desk',
    );
  });
});
