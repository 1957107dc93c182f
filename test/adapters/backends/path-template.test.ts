import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Unsendable } from '../../../adapters/backends/failure.ts';
import { urlTemplate } from '../../../adapters/backends/path-template.ts';

const base = new URL('http://127.0.0.1:4001/api/v2/');
const refused = (value: string): boolean =>
  value.split(/[/\\]/).some((part) => ['.', '..'].includes(part)) ||
  value === '' ||
  /\p{Cc}/u.test(value) ||
  !value.isWellFormed();
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc
    .array(fc.constantFrom('.', '..', '/', '\\', '%2e', '%2F', '?', '#', '@', ':', '//', 'a', '\0', '\r\n', '\ud800'))
    .map((parts) => parts.join('')),
);

describe('urlTemplate', () => {
  test('any two values leave host, prefix and segments as they are, and can be read back', () =>
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const { pathFor } = urlTemplate(base, '/orders/{a}/lines/x-{b}.json');
        if (refused(a) || refused(b)) return void expect(() => pathFor({ a, b })).toThrow(Unsendable);
        const path = pathFor({ a, b });
        const url = new URL(path, 'http://127.0.0.1:4001');
        expect(url.href).toBe(`http://127.0.0.1:4001${path}`);
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual([
          '',
          'api',
          'v2',
          'orders',
          a,
          'lines',
          `x-${b}.json`,
        ]);
      }),
      { numRuns: 2000 },
    ));

  test.each(['', '.', '..', 'a/../b', '../x', 'a\\..', './a', 'a\nb', 'a\u0085b', '\ud800'])('refuses %j', (id) =>
    expect(() => urlTemplate(base, '/orders/{id}/refunds').pathFor({ id })).toThrow(Unsendable),
  );

  test.each([
    ['%2e%2e', '/api/v2/orders/%252e%252e'],
    ['a/b?c#d', '/api/v2/orders/a%2Fb%3Fc%23d'],
    ['...', '/api/v2/orders/...'],
    ['//evil.example', '/api/v2/orders/%2F%2Fevil.example'],
    [7, '/api/v2/orders/7'],
    [true, '/api/v2/orders/true'],
  ])('%j', (id, path) => expect(urlTemplate(base, '/orders/{id}').pathFor({ id })).toBe(path));

  test.each([[null], [undefined], [['a']], [{ a: 1 }]])('refuses %j, which is no scalar', (id) =>
    expect(() => urlTemplate(base, '/orders/{id}').pathFor(id === undefined ? {} : { id })).toThrow(
      /\{id\} in the path/,
    ),
  );

  test('reads own members only', () =>
    expect(() => urlTemplate(base, '/{constructor}').pathFor({})).toThrow('{constructor} in the path has no value.'));

  test.each([
    ['orders', 'begin with "/"'],
    ['/orders?open={x}', 'cannot hold a query'],
    ['/orders/{id', 'a brace without its pair'],
    ['/orders/{}', 'a {} without a name'],
    ['/orders/../admin', '".." segment'],
    ['/orders/%2E%2e/{id}', '".." segment'],
    ['/orders//{id}', 'has an empty'],
    ['/a b', 'percent-encoded'],
    ['/x/%2{digit}', 'half an escape'],
  ])('refuses the template %s', (template, why) => expect(() => urlTemplate(base, template)).toThrow(why));

  test('keeps a trailing slash and a base without a path', () =>
    expect(urlTemplate(new URL('http://shop'), '/orders/').pathFor({})).toBe('/orders/'));
});
