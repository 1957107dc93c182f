import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObject, pointerPath } from '../../intents/json.ts';
import { jsonBytes, trimTo } from '../../intents/trim.ts';

const orders = {
  count: 3,
  orders: [
    { id: 'A-1', notes: ['a', 'b', 'c'] },
    { id: 'A-2', notes: [] },
    { id: 'A-3', notes: ['d'] },
  ],
};

test.each([
  { name: 'all of it where there is room', bytes: 200, value: orders, left: [] },
  {
    name: 'the ends of lists first, all at one length',
    bytes: 77,
    value: {
      count: 3,
      orders: [
        { id: 'A-1', notes: ['a', 'b'] },
        { id: 'A-2', notes: [] },
      ],
    },
    left: [
      { pointer: '/orders', kept: 2, of: 3 },
      { pointer: '/orders/0/notes', kept: 2, of: 3 },
    ],
  },
  {
    name: 'then whole members, the largest first',
    bytes: 20,
    value: { count: 3 },
    left: [{ pointer: '/orders', kept: 0, of: 1 }],
  },
  {
    name: 'in the end nothing',
    bytes: 2,
    value: {},
    left: [
      { pointer: '/count', kept: 0, of: 1 },
      { pointer: '/orders', kept: 0, of: 1 },
    ],
  },
])('$name', ({ bytes, value, left }) => expect(trimTo(orders, bytes)).toEqual({ value, left }));

test('no text is cut, and none is changed', () =>
  expect(trimTo({ id: 'A-1', text: 'x'.repeat(100), ok: true }, 30)).toEqual({
    value: { id: 'A-1', ok: true },
    left: [{ pointer: '/text', kept: 0, of: 1 }],
  }));

/** What stays stands in the whole at the same place, and what is gone is told. */
const isPart = (part: unknown, whole: unknown, gone: ReadonlyMap<string, number>, at = ''): boolean => {
  if (Array.isArray(part) && Array.isArray(whole))
    return (
      (part.length === whole.length || gone.get(at) === part.length) &&
      part.every((item, index) => isPart(item, whole[index], gone, `${at}/${index}`))
    );
  if (isObject(part) && isObject(whole))
    return Object.entries(whole).every(([name, inner]) => {
      const here = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      return Object.hasOwn(part, name) ? isPart(part[name], inner, gone, here) : gone.has(here);
    });
  return Object.is(part, whole) || (part === null && gone.has(at));
};

test('of any JSON what stays fits, is unchanged, and what is left out is named', () => {
  const json = fc.jsonValue({ maxDepth: 4, depthSize: 'medium' }).map((value) => JSON.parse(JSON.stringify(value)));
  fc.assert(
    fc.property(json, fc.integer({ min: 4, max: 300 }), (whole, bytes) => {
      const { value, left } = trimTo(whole, bytes);
      expect(jsonBytes(value)).toBeLessThanOrEqual(bytes);
      expect(isPart(value, whole, new Map(left.map(({ pointer, kept }) => [pointer, kept])))).toBe(true);
      for (const { pointer } of left) expect(() => pointerPath(pointer)).not.toThrow();
      if (jsonBytes(whole) <= bytes) expect(left).toEqual([]);
    }),
  );
});
