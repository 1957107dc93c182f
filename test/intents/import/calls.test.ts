import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { restBackend } from '../../../adapters/backends/rest.ts';
import { toFiles } from '../../../intents/import/files.ts';
import { importOpenapi } from '../../../intents/import/openapi.ts';
import type { Input } from '../../../intents/json.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

const document = parse(readFileSync(join(import.meta.dirname, 'documents/rules-3.0.yaml'), 'utf8'));
const files = toFiles(importOpenapi(document, { backend: 'pets', sourceName: 'rules' }), { tenant: 'acme' });
const { catalogue } = loadCatalogue(
  files
    .filter(({ path }) => path.startsWith('intents/') || path === 'schemas.json')
    .flatMap(({ path, text }) => readSources(path, text).sources),
);

const heard: { line: string; trace: string | undefined; body: unknown }[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const trace = request.headers['x-trace.id']?.toString();
  heard.push({ line: `${request.method} ${request.url}`, trace, body: body === '' ? undefined : JSON.parse(body) });
  response.setHeader('content-type', 'application/json').end('{}');
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
  const found = catalogue.find(intent);
  if (found === undefined) throw new Error(`there is no ${intent}`);
  expect(catalogue.library.validator(found.input)(input)).toBe(true);
  const reply = await backend.compile(found.call).call(input, { signal: AbortSignal.timeout(5_000), headers: {} });
  expect(reply.ok).toBe(true);
  expect(heard.at(-1)).toEqual({ line, trace, body });
});
