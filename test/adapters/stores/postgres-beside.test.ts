import { expect, test } from 'vitest';
import { isPlain, linesOf } from '../../../adapters/stores/postgres-beside.ts';
import type { Beside } from '../../../policies/ports.ts';

const answered = (id: string): Beside => ({
  claim: { id, request: `r-${id}`, answer: { text: '{"done":true}', expiresMs: 9_000 } },
});

test.each<{ name: string; besides: readonly Beside[]; lines: readonly (string | null)[] }>([
  { name: 'nothing', besides: [], lines: [null, null, null, null] },
  {
    name: 'a write that is opened twice, the last time as it stays',
    besides: [
      { opens: { request: 'a', body: '{"n":1}', untilMs: 5 } },
      { opens: { request: 'b', body: '{}', untilMs: 6 } },
      { opens: { request: 'a', body: '{"n":2}', untilMs: 7 } },
    ],
    lines: ['a\u001f7\u001f{"n":2}\u001eb\u001f6\u001f{}', null, null, null],
  },
  {
    name: 'an outcome, which closes a write and answers its key',
    besides: [{ closes: 'a', ...answered('k') }, { closes: 'b' }],
    lines: [null, 'a\u001eb', 'k\u001fr-k\u001f9000\u001f{"done":true}', null],
  },
  {
    name: 'keys that are free',
    besides: [{ claim: { id: 'k', request: 'a' } }, { claim: { id: 'l', request: 'b' } }],
    lines: [null, null, null, 'k\u001fa\u001el\u001fb'],
  },
])('lines of $name', ({ besides, lines }) => expect(linesOf(besides)).toEqual(lines));

test.each<{ name: string; body?: string; beside?: Beside }>([
  { name: 'an entry', body: '{"a":"\u001e"}' },
  { name: 'the request of a write', beside: { opens: { request: 'a\u001f', body: '{}', untilMs: 0 } } },
  { name: 'the body of a write', beside: { opens: { request: 'a', body: '\u001e', untilMs: 0 } } },
  { name: 'a write that is closed', beside: { closes: 'a\u001eb' } },
  { name: 'a key', beside: { claim: { id: '\u001f', request: 'a' } } },
  { name: 'who holds a key', beside: { claim: { id: 'k', request: 'a\u001e' } } },
  { name: 'an answer', beside: { claim: { id: 'k', request: 'a', answer: { text: '\u001f', expiresMs: 0 } } } },
])('$name that would come apart in another place is refused', ({ body = '{}', beside }) =>
  expect(isPlain(body, beside)).toBe(false),
);

test('what JSON holds of these characters goes along', () =>
  expect(
    isPlain(JSON.stringify({ a: '\u001e\u001f' }), {
      opens: { request: 'a', body: JSON.stringify('\u001f'), untilMs: 0 },
    }),
  ).toBe(true));
