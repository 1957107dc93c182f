import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { restBackend } from '../../../adapters/backends/rest.ts';
import { toFiles } from '../../../intents/import/files.ts';
import { importOpenapi } from '../../../intents/import/openapi.ts';
import type { Input } from '../../../intents/json.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { compileMapped } from '../../../intents/mapping/mapped-call.ts';
import { readSources } from '../../../intents/source.ts';

const document = parse(readFileSync(join(import.meta.dirname, 'documents/rules-3.0.yaml'), 'utf8'));
const files = toFiles(importOpenapi(document, { backend: 'pets', sourceName: 'rules' }), { tenant: 'acme' });
const { catalogue } = loadCatalogue(
  files
    .filter(({ path }) => path.startsWith('intents/') || path === 'schemas.json')
    .flatMap(({ path, text }) => readSources(path, text).sources),
);

const heard: { line: string; trace: string | undefined; body: unknown; raw: string; headers: IncomingHttpHeaders }[] =
  [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks).toString();
  const { headers, method, url = '' } = request;
  const body = raw !== '' && /json/.test(headers['content-type'] ?? '') ? JSON.parse(raw) : undefined;
  heard.push({ line: `${method} ${url}`, trace: headers['x-trace.id']?.toString(), body, raw, headers });
  if (url.endsWith('/markdown'))
    response.setHeader('content-type', 'text/html; charset=latin1').end(Buffer.from('<p>\xe9', 'latin1'));
  else if (url.endsWith('/blob')) response.setHeader('content-type', 'image/png').end(Buffer.from([1, 2, 255]));
  else response.setHeader('content-type', 'application/json').end('{}');
});
let backend: ReturnType<typeof restBackend>;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`);
  backend = restBackend({ name: 'pets', url, timeoutMs: 5_000, maxBytes: 10_000, headers: {} });
});
afterAll(async () => {
  await backend.close();
  server.close();
});

test.each<{ intent: string; input: Input; line: string; trace?: string; body?: unknown }>([
  { intent: 'pets.get-pet', input: { petId: 'a/b' }, line: 'GET /v2/pets/a%2Fb' },
  {
    intent: 'pets.list-pets',
    input: { page: 2, tag: ['a', 'b'], filter_name: 'Rex', 'X-Trace_Id': 't-1' },
    line: 'GET /v2/pets?page=2&tag=a&tag=b&filter%5Bname%5D=Rex',
    trace: 't-1',
  },
  {
    intent: 'pets.create-pet',
    input: { name: 'Rex', owner: { mail: 'a@b.example' }, dry_run: true },
    line: 'POST /v2/pets?dry_run=true',
    body: { name: 'Rex', owner: { mail: 'a@b.example' } },
  },
  {
    intent: 'pets.rename',
    input: { petId: 'old', petId_body: 'new', first_name: null },
    line: 'PATCH /v2/pets/old',
    body: { petId: 'new', 'first.name': null },
  },
  {
    intent: 'pets.replace-pet',
    input: { petId: 'a', body: { kind: 'cat' } },
    line: 'PUT /v2/pets/a',
    body: { kind: 'cat' },
  },
  { intent: 'pets.delete', input: { petId: 'a', reason: 'sold' }, line: 'DELETE /v2/pets/a', body: { reason: 'sold' } },
  {
    intent: 'pets.post-pets-search',
    input: { limit: 3, tag: 'x' },
    line: 'POST /v2/pets/search',
    body: { limit: 3, tag: 'x' },
  },
  { intent: 'free.form', input: { body: { a: 'b' } }, line: 'POST /v2/free', body: { a: 'b' } },
])('$intent is heard as $line', async ({ intent, input, line, trace, body }) => {
  expect((await send(intent, input)).ok).toBe(true);
  expect(heard.at(-1)).toMatchObject({ line, trace, body });
});

const send = async (intent: string, input: Input) => {
  const found = catalogue.find(intent);
  if (found === undefined) throw new Error(`there is no ${intent}`);
  expect(catalogue.library.validator(found.input)(input)).toBe(true);
  return compileMapped(backend, found.call).call(input, { signal: AbortSignal.timeout(5_000), headers: {} });
};

test('every style, and cookies', async () => {
  await send('styled.styled', {
    ids: [1, 2],
    at: { x: 3, y: 4 },
    colour: ['red', 'blue'],
    words: ['a', 'b'],
    more: ['c', 'd'],
    'X-Ids': [5, 6],
    seen: ['e', 'f'],
  });
  expect(heard.at(-1)).toMatchObject({
    line: 'GET /v2/styled/1,2/.x,3,y,4/;colour=red;colour=blue?words=a%20b&more=c%7Cd',
    headers: { 'x-ids': '5,6', cookie: 'seen=e%2Cf' },
  });
  await send('pets.list-pets', { where: { name: 'Rex' }, ids: [1, 2], theme: 'dark' });
  expect(heard.at(-1)).toMatchObject({
    line: 'GET /v2/pets?where%5Bname%5D=Rex&ids=1,2',
    headers: { cookie: 'theme=dark' },
  });
});

test('a parameter that is a text of JSON', async () => {
  await send('pets.list-pets', { q: { name: ['Rex'] } });
  expect(heard.at(-1)?.line).toBe(`GET /v2/pets?q=${encodeURIComponent('{"name":["Rex"]}')}`);
});

test('a form', async () => {
  await send('form-encoded.form-encoded', { name: 'a b', tags: ['x', 'y'], at: { x: 1 }, filter: { z: 2 } });
  expect(heard.at(-1)).toMatchObject({
    raw: 'name=a%20b&tags=x%7Cy&at=%7B%22x%22%3A1%7D&filter%5Bz%5D=2',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
});

test('parts, with files', async () => {
  await send('parts.send-parts', {
    photo: 'aGVsbG8=',
    more: ['Zmlyc3Q=', 'c2Vjb25k'],
    note: 'a note',
    about: { of: 'me' },
  });
  const { raw, headers } = heard.at(-1) as (typeof heard)[0];
  expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  expect(raw.split(/--ostiary-\w+(?:--)?\r\n/).filter((part) => part !== '')).toEqual([
    'content-disposition: form-data; name="photo"; filename="photo"\r\ncontent-type: image/png\r\n\r\nhello\r\n',
    'content-disposition: form-data; name="more"; filename="more"\r\ncontent-type: application/octet-stream\r\n\r\nfirst\r\n',
    'content-disposition: form-data; name="more"; filename="more"\r\ncontent-type: application/octet-stream\r\n\r\nsecond\r\n',
    'content-disposition: form-data; name="note"\r\n\r\na note\r\n',
    'content-disposition: form-data; name="about"\r\ncontent-type: application/json\r\n\r\n{"of":"me"}\r\n',
  ]);
});

test('text and bytes, both ways', async () => {
  expect(await send('markdown.render', { body: '# é' })).toEqual({ ok: true, value: '<p>é' });
  expect(heard.at(-1)).toMatchObject({
    raw: '# é',
    headers: { 'content-type': 'text/x-markdown; charset=utf-8', accept: 'text/html' },
  });
  expect(await send('blob.put-blob', { body: 'aGVsbG8=' })).toEqual({ ok: true, value: 'AQL/' });
  expect(heard.at(-1)).toMatchObject({
    raw: 'hello',
    headers: { 'content-type': 'application/octet-stream', accept: 'image/png' },
  });
});

test('what is not of the type that was asked for is no answer', async () => {
  expect(
    await backend
      .compile({ kind: 'rest', backend: 'pets', method: 'POST', path: '/markdown', answerAs: 'text' })
      .call({}, { signal: AbortSignal.timeout(5_000), headers: {} }),
  ).toMatchObject({
    code: 'upstream.invalid',
    detail: expect.stringContaining('text/html is not what was asked for'),
  });
});
