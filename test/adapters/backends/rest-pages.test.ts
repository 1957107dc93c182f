import fastify from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { restBackend } from '../../../adapters/backends/rest.ts';
import { nextLink } from '../../../adapters/backends/rest-pages.ts';
import type { RestBinding, RestPages } from '../../../intents/contract.ts';
import type { Input } from '../../../intents/json.ts';
import type { Backend } from '../../../intents/ports.ts';
import { context } from './contract.ts';
import { listen, options } from './rest-world.ts';

/** So many items there are, in pages of three; the last of seven is half empty. */
const all = [1, 2, 3, 4, 5, 6, 7];
const size = 3;
let urls: string[] = [];
let server: Awaited<ReturnType<typeof listen>>;
let backend: Backend;
beforeAll(async () => {
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async ({ url }) => {
    urls.push(url.replace('/api', ''));
  });
  const from = (start: number) => all.slice(start, start + size);
  type Query = { Querystring: { page?: string; offset?: string; cursor?: string; to?: string } };
  app.get<Query>('/api/link', ({ query: { page = '1' } }, reply) => {
    const n = Number(page);
    if (n * size < all.length)
      reply.header(
        'link',
        `</api/link?page=1>; rel="first", <${server.origin}/api/link?page=${n + 1}&api_key=echoed>; title="a, b"; rel="next last"`,
      );
    return from((n - 1) * size);
  });
  app.get<Query>('/api/cursor', ({ query: { cursor = '0' } }) => {
    const next = Number(cursor) + size;
    return { total: all.length, data: { items: from(Number(cursor)) }, next: next < all.length ? String(next) : null };
  });
  app.get<Query>('/api/next', ({ query: { page = '0' } }) => ({
    items: from(Number(page) * size),
    ...(page === '2' ? {} : { links: { next: `next?page=${Number(page) + 1}` } }),
  }));
  app.get<Query>('/api/number', ({ query: { page = 'none' } }) => from((Number(page) - 1) * size));
  app.get<Query>('/api/offset', ({ query: { offset = 'none' } }) => from(Number(offset)));
  app.get('/api/forever', () => ({ items: [1], next: `c-${urls.length}` }));
  app.get('/api/round', () => ({ items: [1], next: 'same' }));
  app.get<Query>('/api/elsewhere', ({ query: { to = '' } }) => ({ items: [1], next: to }));
  app.get<Query>('/api/broken', ({ query: { cursor } }, reply) =>
    cursor === undefined ? { items: [1], next: 'b' } : reply.code(503).send(),
  );
  app.get('/api/large', () => ({ items: ['x'.repeat(9_000)], next: `c-${urls.length}` }));
  server = await listen(app);
  backend = restBackend({ ...options(`${server.origin}/api`), timeoutMs: 5_000, query: { api_key: 'k-1f9a' } });
});
afterAll(async () => {
  await backend.close();
  await server.stop();
});
beforeEach(() => {
  urls = [];
});

const compile = (path: string, pages: RestPages, binding: Partial<RestBinding> = {}) =>
  backend.compile({ kind: 'rest', backend: 'echo', method: 'GET', path, pages, ...binding });
const read = (path: string, pages: RestPages, binding: Partial<RestBinding> = {}, input: Input = {}) =>
  compile(path, pages, binding).call(input, context());
const cursor = { by: 'cursor', at: '$.next', parameter: 'cursor', items: '$.items' } as const;

describe('a list is read to its end', () => {
  test('by the Link header', async () => {
    expect(await read('/link', { by: 'link' }, {}, { q: 'a b' })).toEqual({ ok: true, value: all });
    expect(urls).toEqual([
      '/link?q=a%20b&api_key=k-1f9a',
      '/link?page=2&api_key=k-1f9a',
      '/link?page=3&api_key=k-1f9a',
    ]);
  });

  test('by a cursor; the rest of the first page stays', async () => {
    const pages = { ...cursor, items: '$.data.items' } as const;
    expect(await read('/cursor', pages, {}, { q: '1' })).toEqual({
      ok: true,
      value: { total: 7, data: { items: all }, next: '3' },
    });
    expect(urls.map((url) => url.replace('&api_key=k-1f9a', ''))).toEqual([
      '/cursor?q=1',
      '/cursor?q=1&cursor=3',
      '/cursor?q=1&cursor=6',
    ]);
    expect(await read('/cursor', pages, { result: '$.data.items' })).toEqual({ ok: true, value: all });
  });

  test('by an address in the page, whole or not', async () =>
    expect(await read('/next', { by: 'next', at: '$.links.next', items: '$.items' }, { result: '$.items' })).toEqual({
      ok: true,
      value: all,
    }));

  test.each([
    ['number', 'page', undefined, 4],
    ['number', 'page', size, 3],
    ['offset', 'offset', undefined, 4],
    ['offset', 'offset', size, 3],
  ] as const)('by %s: %s, pages of %s, in %i calls', async (by, parameter, of, calls) => {
    expect(await read(`/${by}`, { by, parameter, ...(of && { size: of }) })).toEqual({ ok: true, value: all });
    expect(urls).toHaveLength(calls);
  });

  test('item by item, and not one page ahead', async () => {
    const items: unknown[] = [];
    const taken = await compile('/link', { by: 'link' }).call(
      {},
      {
        ...context(),
        items: async (item) => {
          items.push([item, urls.length]);
        },
      },
    );
    expect(taken).toEqual({ ok: true, value: [] });
    expect(items).toEqual(all.map((item, index) => [item, Math.floor(index / size) + 1]));
  });

  test('whoever takes the items ends it', async () => {
    const stop = new Error('enough');
    const taking = compile('/link', { by: 'link' }).call({}, { ...context(), items: () => Promise.reject(stop) });
    await expect(taking).rejects.toBe(stop);
    expect(urls).toHaveLength(1);
  });
});

describe('and ends', () => {
  test.each([
    ['pages', { most: 2 }, 'There are more than 2 pages.', 2],
    ['items', { mostItems: 3 }, 'There are more than 3 items.', 4],
  ])('at so many %s: as a failure, since half a list is no list', async (_, limit, detail, calls) => {
    expect(await read('/forever', { ...cursor, ...limit })).toMatchObject({ code: 'upstream.invalid', detail });
    expect(urls).toHaveLength(calls);
  });

  test.each([{ most: 2 }, { mostItems: 2 }])('or as the first of it, where that is wanted: %j', async (limit) =>
    expect(await read('/forever', { ...cursor, ...limit, more: 'cut' }, { result: '$.items' })).toEqual({
      ok: true,
      value: [1, 1],
    }),
  );

  test('exactly at a limit it is whole', async () =>
    expect(await read('/link', { by: 'link', most: 3, mostItems: 7 })).toEqual({ ok: true, value: all }));

  test('at the size of an answer, all pages together', async () => {
    expect(await read('/large', cursor)).toMatchObject({ detail: 'The pages have more than 20000 bytes.' });
    expect(urls).toHaveLength(3);
  });

  test.each([
    ['/round', 'A page leads back to one before it.'],
    ['/broken', 'HTTP 503'],
  ])('%s', async (path, detail) =>
    expect(await read(path, cursor)).toMatchObject({ ok: false, detail: expect.stringContaining(detail) }),
  );

  test('at the deadline', async () => {
    const signal = AbortSignal.abort();
    expect(await compile('/link', { by: 'link' }).call({}, context(signal))).toMatchObject({
      code: 'upstream.timeout',
    });
  });
});

describe('never anywhere else', () => {
  const next = { by: 'next', at: '$.next', items: '$.items' } as const;
  test.each([
    'https://evil.example/api/x',
    '//evil.example/api/x',
    '/admin',
    '/api/../admin',
    '/apix',
    'http://u:p@127.0.0.1/api/x',
    'http://[',
    'file:///etc/passwd',
  ])('%s', async (to) => {
    expect(await read('/elsewhere', next, {}, { to })).toMatchObject({ ok: false, code: 'upstream.invalid' });
    expect(urls).toHaveLength(1);
  });

  test.each([
    [{ items: '$.next' }, 'is no list'],
    [{ at: '$.items' }, 'is no address'],
  ])('%j', async (wrong, detail) =>
    expect(await read('/round', { ...next, ...wrong })).toMatchObject({ detail: expect.stringContaining(detail) }),
  );

  test('an input cannot set the parameter of the pages', async () => {
    const refused = { ok: false, code: 'upstream.rejected', reached: 'no' };
    expect(await read('/cursor', cursor, {}, { cursor: 'mine' })).toMatchObject(refused);
    expect(urls).toEqual([]);
  });

  test.each<[Partial<RestBinding>]>([[{ method: 'POST' }], [{ answerAs: 'text' }]])('not for %j', (binding) =>
    expect(() => compile('/x', { by: 'link' }, binding)).toThrow('"pages" are for a GET that is answered in JSON.'),
  );
});

test.each([
  ['<a>; rel=next', 'a'],
  ['<a>; rel="prev", <b,c>; title="x, <y"; rel="NEXT"', undefined],
  ['<a>; rel="prev", <b,c>; rel="last next"', 'b,c'],
  ['<a>; rel="nextish"', undefined],
  ['', undefined],
])('Link: %s', (header, target) => expect(nextLink(header)).toBe(target));
