import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../intents/json.ts';
import { compileExpression } from '../../../intents/mapping/expression.ts';

const run = (text: string, value: unknown = {}) => compileExpression(text).evaluate(value);

describe('what an expression gives is plain JSON', () => {
  const order = {
    id: 'A-1',
    lines: [
      { name: 'Jacket', price: 20, qty: 2 },
      { name: 'Hat', price: 5, qty: 1 },
    ],
  };
  test.each<[string, Json | undefined]>([
    ['$sum(lines.(price * qty))', 45],
    ['lines[price > 10].name', 'Jacket'],
    ['lines[].name', ['Jacket', 'Hat']],
    ['lines^(price).name', ['Hat', 'Jacket']],
    ['{ "order": id, "first": lines[0].name }', { order: 'A-1', first: 'Jacket' }],
    ['$match(id, /^([A-Z])-(\\d+)$/).groups[1]', '1'],
    ['$pad(id, -6, "0")', '000A-1'],
    ['nothing.here', undefined],
    ['{ "a": nothing }', {}],
  ])('%s', async (text, expected) => {
    const frozen = freeze(order);
    expect(await run(text, frozen)).toEqual(expected);
    expect(JSON.stringify(frozen)).toBe(JSON.stringify(order));
  });

  test('two ways, one answer: a copy of anything', () =>
    fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        expect(JSON.stringify(await run('$', value))).toBe(JSON.stringify(value));
      }),
      { numRuns: 50 },
    ));
});

describe('what would not end, or grow, ends', () => {
  test.each([
    ['($f := function($n) { $f($n + 1) }; $f(1))', 'took longer than 250 ms'],
    ['($f := function($n) { 1 + $f($n + 1) }; $f(1))', 'went deeper than it may'],
    ['[1..10000000]', 'made a list of more than 100000 items'],
    ['$pad("x", 1000000000)', 'made a list of more than'],
    ['$reduce([1..22], function($s, $i) { $s & $s }, "abcd")', 'makes too much'],
    ['1 / 0', 'makes what is no number'],
    ['$uppercase', 'makes a function'],
    ['{ "f": $uppercase }', 'makes a function'],
  ])('%s', (text, message) => expect(run(text)).rejects.toThrow(message));

  test('what it stumbles over is not told: it may be a secret', async () => {
    const failed = await run('$sum(pin)', { pin: 'p1n-is-secret' }).catch((error: unknown) => error);
    expect(String(failed)).toContain('T0412');
    expect(JSON.stringify([String(failed), failed])).not.toContain('p1n');
  });
});

test.each([
  ['a.(b', 0, 'This is not JSONata: Expected ")" before end of expression.'],
  ['a b', 2, 'This is not JSONata: Syntax error: "b".'],
  ['a & $eval(b)', 4, '$eval is not taken here: it runs what stands in its input.'],
  ['$map(a, $random)', 8, '$random is not taken here'],
  ['$now()', 0, '$now is not taken here'],
  ['$match(a, /(x+)+y/)', 10, 'The pattern /(x+)+y/ could be made slow'],
  ['x'.repeat(4_001), 0, 'An expression has at most 4000 characters.'],
])('is refused at load: %s', (text, offset, message) => {
  expect(() => compileExpression(text)).toThrow(message);
  try {
    compileExpression(text);
  } catch (error) {
    expect(error).toMatchObject({ offset });
  }
});

test.each<[string, string[]]>([
  ['$.a.b', ['a', 'a.b']],
  ['lines[price > 3].name', ['lines', 'lines.price', 'lines.name']],
  ['lines.{ "n": name, "o": $$.id }', ['lines', 'lines.name', 'id']],
  ['$map(lines, function($l) { $l.price & unit })', ['lines', 'unit']],
  ['($x := a.b; $x.c)', ['a', 'a.b']],
  ['lines@$l.$l.price', ['lines']],
  ['**.x & a.*.y', ['a']],
  ['$ ~> |a|{ "b": c }|', []],
])('%s surely reads %j', (text, paths) =>
  expect(compileExpression(text).reads.map(({ path }) => path.join('.'))).toEqual(paths),
);

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
};
