import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restBackend } from '../../../adapters/backends/rest.ts';
import type { RestBinding, RestStyle } from '../../../intents/contract.ts';
import type { Input, Json } from '../../../intents/json.ts';
import type { Backend } from '../../../intents/ports.ts';
import { context } from './contract.ts';
import { listen, options } from './rest-world.ts';

let server: Awaited<ReturnType<typeof listen>>;
let backend: Backend;
beforeAll(async () => {
  const app = fastify({ forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.all('/*', async ({ url, headers, body }, reply) => {
    const type = headers['content-type'] ?? '';
    const form = type.startsWith('multipart/')
      ? [...(await new Response(new Uint8Array(body as Buffer), { headers: { 'content-type': type } }).formData())]
      : [];
    const parts = await Promise.all(
      form.map(async ([name, value]) =>
        typeof value === 'string' ? [name, value] : [name, value.name, value.type, [...(await value.bytes())]],
      ),
    );
    const { cookie, 'x-color': color } = headers;
    await reply.send({ url, type: type.split(';')[0], body: String(body ?? ''), cookie, color, parts });
  });
  server = await listen(app);
  backend = restBackend(options(server.origin));
});
afterAll(async () => {
  await backend.close();
  await server.stop();
});

const send = async (binding: Partial<RestBinding>, input: Input) => {
  const call = backend.compile({ kind: 'rest', backend: 'echo', method: 'GET', path: '/', ...binding });
  const reply = await call.call(input, context());
  return reply.ok ? (reply.value as Record<string, unknown>) : { refused: reply.reached === 'no' && reply.detail };
};

const one = 'blue';
const list = ['blue', 'black', 'brown'];
const members = { R: 100, G: 200, B: 150 };

// The examples of OpenAPI 3.1.1, section 4.8.12.4; in that order: one value, a list, an object.
describe('path', () => {
  test.each<[RestStyle, string, string, string]>([
    [{ style: 'matrix' }, ';color=blue', ';color=blue,black,brown', ';color=R,100,G,200,B,150'],
    [{ style: 'matrix', explode: true }, ';color=blue', ';color=blue;color=black;color=brown', ';R=100;G=200;B=150'],
    [{ style: 'label' }, '.blue', '.blue,black,brown', '.R,100,G,200,B,150'],
    [{ style: 'label', explode: true }, '.blue', '.blue.black.brown', '.R=100.G=200.B=150'],
    [{ style: 'simple' }, 'blue', 'blue,black,brown', 'R,100,G,200,B,150'],
    [{ explode: true }, 'blue', 'blue,black,brown', 'R=100,G=200,B=150'],
  ])('%j', async (style, ...expected) => {
    const binding: Partial<RestBinding> = { path: '/{color}', styles: { path: { color: style } } };
    const sent = [one, list, members].map(async (color) => (await send(binding, { color })).url);
    expect(await Promise.all(sent)).toEqual(expected.map((text) => `/${text}`));
  });

  test.each<[string, Json]>([
    ['dots in a list', ['a', '..']],
    ['an empty list', []],
    ['an empty object', {}],
    ['a list in a list', [['a']]],
    ['a member named with dots', { '../x': 1 }],
  ])('refuses %s', async (_, color) =>
    expect(await send({ path: '/{color}', styles: { path: { color: {} } } }, { color })).toEqual({
      refused: expect.any(String),
    }),
  );

  test('keeps separators within a value apart from its own', async () =>
    expect(await send({ path: '/{color}', styles: { path: { color: {} } } }, { color: ['a,b', 'c;d'] })).toMatchObject({
      url: '/a%2Cb,c%3Bd',
    }));
});

describe('query', () => {
  test.each<[RestStyle, Json, string]>([
    [{}, one, 'color=blue'],
    [{}, '', 'color='],
    [{}, list, 'color=blue&color=black&color=brown'],
    [{}, members, 'R=100&G=200&B=150'],
    [{ style: 'form', explode: false }, list, 'color=blue,black,brown'],
    [{ style: 'form', explode: false }, members, 'color=R,100,G,200,B,150'],
    [{ style: 'spaceDelimited' }, list, 'color=blue%20black%20brown'],
    [{ style: 'spaceDelimited' }, members, 'color=R%20100%20G%20200%20B%20150'],
    [{ style: 'pipeDelimited' }, list, 'color=blue%7Cblack%7Cbrown'],
    [{ style: 'pipeDelimited' }, members, 'color=R%7C100%7CG%7C200%7CB%7C150'],
    [{ style: 'deepObject' }, members, 'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
    [{ allowReserved: true }, "/a?b:c@d,e;f$'()*!", "color=/a?b:c@d,e;f$'()*!"],
    [{ allowReserved: true }, 'a&x=1#y+z[0]', 'color=a%26x%3D1%23y%2Bz%5B0%5D'],
  ])('%j of %j', async (style, color, expected) =>
    expect(await send({ styles: { query: { color: style } } }, { color })).toMatchObject({ url: `/?${expected}` }),
  );

  test.each<[string, RestStyle, Json]>([
    ['null', {}, null],
    ['a nested value', { style: 'deepObject' }, { a: { b: 1 } }],
    ['a list as a deep object', { style: 'deepObject' }, list],
    ['a member that would stand in for another parameter', {}, { tenant: 'theirs' }],
  ])('refuses %s', async (_, style, color) =>
    expect(
      await send({ query: { color: '$.color', tenant: 'ours' }, styles: { query: { color: style } } }, { color }),
    ).toEqual({ refused: expect.any(String) }),
  );
});

describe('header and cookie', () => {
  test.each<[RestStyle, Json, string]>([
    [{}, list, 'blue,black,brown'],
    [{}, members, 'R,100,G,200,B,150'],
    [{ explode: true }, members, 'R=100,G=200,B=150'],
  ])('%j of %j', async (style, color, expected) =>
    expect(
      await send({ headers: { 'X-Color': '$.color' }, styles: { headers: { 'X-Color': style } } }, { color }),
    ).toMatchObject({ color: expected }),
  );

  test('an item with a comma would read as two', async () =>
    expect(
      await send({ headers: { 'x-color': '$.color' }, styles: { headers: { 'x-color': {} } } }, { color: ['a,b'] }),
    ).toEqual({ refused: expect.stringContaining('comma') }));

  test('cookies go in one header, and no value begins another', async () =>
    expect(
      await send({ cookies: { color: '$.color', ids: '$.ids', gone: '$.gone' } }, { color: 'a; b=c', ids: [1, 2] }),
    ).toMatchObject({ url: '/', cookie: 'color=a%3B%20b%3Dc; ids=1%2C2' }));

  test('a header "cookie" beside them is a mistake', () =>
    expect(() =>
      backend.compile({
        kind: 'rest',
        backend: 'echo',
        method: 'GET',
        path: '/',
        cookies: { a: '$.a' },
        headers: { Cookie: 'b' },
      }),
    ).toThrow('cookie'));
});

describe('body', () => {
  const form: Partial<RestBinding> = { method: 'POST', bodyAs: 'form' };
  test.each<[Input, Partial<RestBinding>, string]>([
    [{ a: 'x y&z', n: 2, list: [1, 2] }, {}, 'a=x%20y%26z&n=2&list=1&list=2'],
    [{ address: { city: 'Oslo' } }, {}, 'address=%7B%22city%22%3A%22Oslo%22%7D'],
    [
      { address: { city: 'Oslo' } },
      { styles: { body: { address: { style: 'deepObject' } } } },
      'address%5Bcity%5D=Oslo',
    ],
    [{ who: 'Ann' }, { body: { grant: 'fixed', user: '$.who' } }, 'grant=fixed&user=Ann'],
  ])('form of %j', async (input, binding, body) =>
    expect(await send({ ...form, ...binding }, input)).toMatchObject({
      type: 'application/x-www-form-urlencoded',
      body,
    }),
  );

  test('parts: texts, lists, JSON and a file', async () => {
    const binding: Partial<RestBinding> = {
      method: 'POST',
      bodyAs: 'multipart',
      parts: { photo: { encoding: 'base64', type: 'image/png', filename: '$.file' } },
    };
    const photo = Buffer.from([0, 255, 13, 10]).toString('base64');
    const sent = await send(binding, { note: 'hé', tags: ['a', 'b'], photo, file: 'a"\r\nb.png' });
    expect(sent).toMatchObject({
      type: 'multipart/form-data',
      parts: [
        ['note', 'hé'],
        ['tags', 'a'],
        ['tags', 'b'],
        ['photo', 'a"\r\nb.png', 'image/png', [0, 255, 13, 10]],
      ],
    });
    expect(await send(binding, { photo: 'not base64' })).toEqual({ refused: '"photo" must be a file in base64.' });
  });

  test('parts without a multipart body are a mistake', () =>
    expect(() =>
      backend.compile({ kind: 'rest', backend: 'echo', method: 'POST', path: '/', parts: { a: {} } }),
    ).toThrow('body_as: multipart'));
});
