import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toFiles } from '../../../intents/import/files.ts';
import { importOpenapi } from '../../../intents/import/openapi.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

const options = { backend: 'api', sourceName: 'nasty.json' };
const run = (document: unknown) => importOpenapi(document, options);

const loads = (imported: ReturnType<typeof run>) => {
  const read = toFiles(imported, { tenant: 'default' })
    .filter(({ path }) => path.startsWith('intents/') || path.startsWith('schemas'))
    .map(({ path, text }) => readSources(path, text));
  const { catalogue, findings } = loadCatalogue(read.flatMap(({ sources }) => sources));
  expect([...read.flatMap((file) => file.findings), ...findings]).toEqual([]);
  expect(catalogue.intents).toHaveLength(imported.intents.length);
};

describe('what is no OpenAPI 3.0 or 3.1 document is refused with what was found', () => {
  test.each([
    ['null', null, 'it is nothing, not an object'],
    ['a list', [], 'it is a list, not an object'],
    ['a string', 'openapi: 3.0.0', 'it is a string, not an object'],
    ['an empty object', {}, 'it has no "openapi" key'],
    ['Swagger of old', { swagger: '1.2', paths: {} }, 'This is Swagger 1.2'],
    ['Swagger of a wrong type', { swagger: { a: 1 } }, 'This is Swagger 2.0'],
    ['a later version', { openapi: '4.0.0', paths: {} }, 'The document says "openapi": "4.0.0"'],
    ['a version as a number', { openapi: 3, paths: {} }, 'The document says "openapi": a number'],
    ['a version as an object', { openapi: {}, paths: {} }, 'The document says "openapi": an object'],
    ['no paths', { openapi: '3.0.0' }, '"paths" is missing'],
    ['paths as a list', { openapi: '3.1.0', paths: [] }, '"paths" is a list'],
  ])('%s', (_name, document, message) => {
    expect(() => run(document)).toThrow(message);
    if (!message.startsWith('"paths"')) expect(() => run(document)).toThrow('OpenAPI 3.0 and 3.1 are supported');
  });
});

const nested = (levels: number, inside: unknown, wrap: (inner: unknown) => unknown): unknown =>
  Array.from({ length: levels }).reduce((inner) => wrap(inner), inside);
const deep = (levels: number) => nested(levels, { type: 'string' }, (items) => ({ type: 'array', items }));
const ok = { responses: { 200: { description: 'ok' } } };
const bodyOf = (schema: unknown) => ({ ...ok, requestBody: { content: { 'application/json': { schema } } } });
const answers = (schema: unknown) => ({ responses: { 200: { content: { 'application/json': { schema } } } } });

describe('an operation that cannot be translated is skipped with its reason and place', () => {
  test.each([
    ['a path item that is a list', { '/a': [] }, 'a list where an object should be (#/paths/~1a)'],
    ['a path item that refers to itself', { '/a': { $ref: '#/paths/~1a' } }, 'round in a circle (#/paths/~1a)'],
    ['an operation that is null', { '/a': { get: null } }, 'the operation is nothing, not an object (#/paths/~1a/get)'],
    [
      'parameters that are an object',
      { '/a': { get: { ...ok, parameters: {} } } },
      '"parameters" must be a list (#/paths/~1a/get/parameters)',
    ],
    [
      'a parameter without a name',
      { '/a': { get: { ...ok, parameters: [{ in: 'query' }] } } },
      'a parameter needs a "name" and an "in" (#/paths/~1a/get/parameters/0)',
    ],
    [
      'a parameter named __proto__',
      { '/a': { get: { ...ok, parameters: [{ name: '__proto__', in: 'query' }] } } },
      'a parameter needs a "name"',
    ],
    [
      'a parameter that refers to nothing',
      { '/a': { get: { ...ok, parameters: [{ $ref: '#/constructor/name' }] } } },
      'refers to nothing (#/paths/~1a/get/parameters/0)',
    ],
    ['a $ref that is a number', { '/a': { get: { ...ok, parameters: [{ $ref: 7 }] } } }, '$ref must be a string'],
    ['a $ref with half an escape', { '/a': { post: bodyOf({ $ref: '#/%zz' }) } }, 'is not percent-encoded rightly'],
    ['a path without a slash', { a: { get: ok } }, 'a path begins with "/"'],
    ['a path with a query', { '/a?b={c}': { get: ok } }, 'a character that cannot stand in a path'],
    ['a path that climbs', { '/a/../b': { get: ok } }, 'an empty, "." or ".." segment'],
    ['a path with an open brace', { '/a/{b': { get: ok } }, 'the braces of the path do not fit together'],
    ['a path with a nameless slot', { '/a/{}': { get: ok } }, 'the braces of the path do not fit together'],
    [
      'a header that frames the request',
      { '/a': { get: { ...ok, parameters: [{ name: 'Content-Length', in: 'header', required: true }] } } },
      'the gateway sets the header',
    ],
    [
      'a header that is none',
      { '/a': { get: { ...ok, parameters: [{ name: 'a\r\nb', in: 'header', required: true }] } } },
      'not the name of a header',
    ],
    [
      'a list of lists in the path',
      {
        '/a/{b}': {
          get: {
            ...ok,
            parameters: [
              { name: 'b', in: 'path', required: true, schema: { type: 'array', items: { type: 'array' } } },
            ],
          },
        },
      },
      'a list of lists or objects is not sent in the path',
    ],
    ['a body without content', { '/a': { post: { ...ok, requestBody: {} } } }, 'a request body needs "content"'],
    ['a body on GET', { '/a': { get: bodyOf({}) } }, 'a GET is not sent with a body'],
    [
      'a media type that is a string',
      { '/a': { post: { ...ok, requestBody: { content: { 'application/json': 'x' } } } } },
      'a media type must be an object',
    ],
    ['a schema that is a list', { '/a': { post: bodyOf([]) } }, 'a list where a schema should be'],
    [
      'a property that is a number',
      { '/a': { post: bodyOf({ properties: { b: 3 } }) } },
      'a number where a schema should be (#/paths/~1a/post/requestBody/content/application~1json/schema/properties/b)',
    ],
    [
      'properties that are a list',
      { '/a': { post: bodyOf({ properties: [1] }) } },
      'a list where schemas by name should be',
    ],
    ['responses that are a list', { '/a': { get: { responses: [] } } }, '"responses" is a list, not an object'],
    ['an answer that is null', { '/a': { get: { responses: { 200: null } } } }, 'nothing where an object should be'],
    [
      'content that is a list',
      { '/a': { get: { responses: { 200: { content: [] } } } } },
      '"content" is a list, not an object',
    ],
    ['a schema 100 levels deep', { '/a': { post: bodyOf(deep(100)) } }, 'nested deeper than 85 levels'],
    ['a schema 50,000 levels deep', { '/a': { post: bodyOf(deep(50_000)) } }, 'nested deeper than 85 levels'],
    [
      'an enum 50,000 levels deep',
      { '/a': { post: bodyOf({ enum: [nested(50_000, 1, (inner) => [inner])] }) } },
      'nested deeper than 85 levels',
    ],
    [
      'a schema without end',
      { '/a': { post: bodyOf(nested(17, {}, (inner) => ({ anyOf: [inner, inner] }))) } },
      'the schema is too large',
    ],
    [
      'a body that refers only to itself',
      {
        '/a': {
          post: bodyOf({
            type: 'array',
            items: { $ref: '#/paths/~1a/post/requestBody/content/application~1json/schema/items' },
          }),
        },
      },
      'refers to itself without end',
    ],
  ])('%s', (_name, paths, reason) => {
    const imported = run({ openapi: '3.0.3', paths });
    expect(imported.intents).toEqual([]);
    expect(imported.skipped).toHaveLength(1);
    expect(imported.skipped[0]?.reason).toContain(reason);
    expect(imported.schemas).toEqual({});
    loads(imported);
  });
});

describe('what is strange but can be said is imported, and loads', () => {
  test.each([
    [
      'names that every object has',
      {
        '/a/{constructor}': {
          post: bodyOf({
            type: 'object',
            required: ['toString', 'constructor'],
            properties: { toString: { type: 'string' }, constructor: { type: 'string' }, hasOwnProperty: {} },
          }),
        },
      },
    ],
    [
      'a format that every object has',
      { '/a': { post: bodyOf({ type: 'object', properties: { b: { type: 'string', format: 'constructor' } } }) } },
    ],
    [
      'words that YAML reads otherwise',
      {
        '/a': {
          post: {
            ...bodyOf({
              type: 'object',
              required: ['null', 'on'],
              properties: { null: {}, on: {}, '': {}, '- b': {}, 'c: d': {}, '#e': {} },
            }),
            summary: '- [x]: {y} #z',
            description: '---\n%YAML\n...',
          },
        },
      },
    ],
    [
      'brackets without their pair',
      {
        '/a': {
          get: {
            ...answers({ description: '[[[{{{', enum: [']', '{{[', '\u2028\u0085'] }),
            summary: ']]]',
            description: '{{{{'.repeat(99),
          },
        },
      },
    ],
    [
      'letters that are not Latin',
      {
        '/заказы/{номер}': { get: ok },
        '/a': { get: { ...ok, operationId: '注文を取得', tags: ['注文'], summary: '注文を取得' } },
      },
    ],
    [
      'half a character',
      { '/a': { get: { ...answers({ const: '\ud800' }), summary: '\ud83d', description: '\udc00' } } },
    ],
    [
      'very long words',
      {
        [`/${'a'.repeat(5_000)}`]: {
          get: {
            ...ok,
            operationId: 'aB'.repeat(5_000),
            tags: ['c'.repeat(5_000)],
            summary: '*'.repeat(50_000),
            description: '[a]('.repeat(50_000),
          },
        },
      },
    ],
    [
      'tags, summaries and ids of wrong types',
      {
        '/a': {
          get: { ...ok, tags: [{}], operationId: 3, summary: [], description: {}, deprecated: 'yes', servers: [] },
        },
      },
    ],
    [
      'the same name many times',
      {
        '/a': { get: { ...ok, operationId: 'a' }, put: { ...ok, operationId: 'a' }, post: { ...ok, operationId: 'A' } },
      },
    ],
    [
      'a default 50,000 levels deep',
      {
        '/a': {
          post: bodyOf({ type: 'object', properties: { b: { default: nested(50_000, 1, (inner) => [inner]) } } }),
        },
      },
    ],
    [
      'a schema that meets itself below',
      {
        '/a': { get: answers({ $ref: '#/paths/~1a/get/responses/200/content/application~1json/schema/properties/b' }) },
      },
    ],
  ])('%s', (_name, paths) => {
    const imported = run({ openapi: '3.1.0', paths });
    expect(imported.intents.length + imported.skipped.length).toBe(
      Object.values(paths).reduce((count: number, item) => count + Object.keys(item).length, 0),
    );
    for (const { name } of imported.intents) expect(name).toMatch(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/);
    loads(imported);
  });

  test('nothing reaches the prototype of all objects', () => {
    const document = JSON.parse(
      '{"openapi":"3.0.0","__proto__":{"polluted":1},"paths":{"__proto__":{"get":{}},"/a":{"post":{"__proto__":{"polluted":1},"requestBody":{"content":{"application/json":{"schema":{"type":"array","items":{"properties":{"__proto__":{"type":"string"}}}}}}},"responses":{}}}},"components":{"schemas":{"__proto__":{"type":"object"}}}}',
    );
    const imported = run(document);
    loads(imported);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(imported.lossy.map(({ place }) => place)).toContain(
      '#/paths/~1a/post/requestBody/content/application~1json/schema/items/properties/__proto__',
    );
  });
});

describe('addresses of the backend', () => {
  test.each([
    ['https://api.example/v1/', ['https://api.example/v1']],
    ['/relative', []],
    ['https://user:secret@api.example', []],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration would read it as an environment variable
    ['https://${HOME}.example', []],
    ['https://{tenant}.example', []],
    ['file:///etc/passwd', []],
    ['javascript:alert(1)', []],
    [42, []],
  ])('%s', (url, servers) => {
    const imported = run({ openapi: '3.0.0', paths: {}, servers: [{ url }] });
    expect(imported.servers).toEqual(servers);
    const config = toFiles(imported, { tenant: 'default' }).find(({ path }) => path === 'ostiary.yaml');
    expect(config?.text).toContain(servers[0] === undefined ? '${BACKEND_URL:-' : `url: "${servers[0]}"`);
  });
});

const keys = fc.constantFrom(
  ...'openapi paths /a /b/{c} get post delete parameters name in required schema requestBody responses content 200 204 302'.split(
    ' ',
  ),
  ...'application/json $ref type properties items allOf anyOf oneOf enum const nullable readOnly format pattern default'.split(
    ' ',
  ),
  ...'components schemas A additionalProperties operationId tags summary servers url __proto__ constructor example'.split(
    ' ',
  ),
);
const leaves = fc.oneof(
  fc.constantFrom(
    'query',
    'path',
    'header',
    'object',
    'string',
    'array',
    'null',
    '#/components/schemas/A',
    'other.yaml#/A',
    '#/paths',
    'c',
  ),
  fc.constantFrom(true, false, null, 0, -1, 3.5),
  fc.string({ maxLength: 6 }),
);
const { node } = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaves,
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(keys, tie('node'), { maxKeys: 4 }),
  ),
}));
const schema = fc.dictionary(keys, node, { maxKeys: 5 });
const operation = fc.record(
  {
    parameters: fc.oneof(
      node,
      fc.array(
        fc.record(
          { name: fc.string({ maxLength: 8 }), in: fc.constantFrom('query', 'path', 'header', 'cookie'), schema },
          { requiredKeys: [] },
        ),
      ),
    ),
    requestBody: fc.oneof(
      node,
      schema.map((inner) => bodyOf(inner).requestBody),
    ),
    responses: fc.oneof(
      node,
      schema.map((inner) => answers(inner).responses),
    ),
    summary: node,
    operationId: fc.oneof(node, fc.string()),
    tags: node,
    servers: node,
  },
  { requiredKeys: [] },
);
const likely = fc.record(
  {
    openapi: fc.constantFrom('3.0.3', '3.1.0'),
    paths: fc.dictionary(
      fc.constantFrom('/a', '/b/{c}', '/b/{c}/d', 'e'),
      fc.dictionary(
        fc.constantFrom('get', 'post', 'put', 'delete', 'parameters'),
        fc.oneof({ weight: 4, arbitrary: operation }, node),
      ),
    ),
    components: fc.record({ schemas: fc.dictionary(fc.constantFrom('A', 'B', '__proto__'), schema) }),
    servers: node,
  },
  { requiredKeys: ['openapi', 'paths'] },
);

test('any JSON is imported or refused with a clear message', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), node), (document) => {
      try {
        run(document);
      } catch (error) {
        expect((error as Error).message).toMatch(/OpenAPI 3\.0 and 3\.1 are supported|"paths" is/);
      }
    }),
    { numRuns: 500 },
  );
});

test('any document with a version and paths gives files that load', () => {
  fc.assert(
    fc.property(likely, (document) => loads(run(document))),
    { numRuns: 300 },
  );
});

test('an object that says nothing of its members takes any, alone and in a list', () => {
  const free = { type: 'object' };
  const schema = {
    type: 'object',
    properties: { meta: free, list: { type: 'array', items: free }, none: { ...free, properties: {} } },
  };
  const { intents } = run({ openapi: '3.1.0', paths: { '/a': { post: bodyOf(schema) } } });
  const open = { type: 'object', additionalProperties: true };
  expect(intents[0]?.input.properties).toEqual({
    meta: open,
    list: { type: 'array', items: open },
    none: { type: 'object', properties: {} },
  });
});

test('x-intent is honoured, what is wrong in it is left out with its place, and false leaves the operation out', () => {
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
  const hint = {
    name: 'pets.adopt',
    version: '2.1.0',
    effect: 'destructive',
    purposes: ['support'],
    examples: ['adopt [id: 7]'],
  };
  const wrong = { name: 'Pets', effect: 'huge', sinks: ['/no'], colour: 'red', entity: 'Pet' };
  const { intents, skipped, lossy } = run({
    openapi: '3.0.0',
    paths: {
      '/first': { post: { ...ok, operationId: 'adopt', tags: ['pets'] } },
      '/a/{id}': { parameters: [id], put: { ...ok, 'x-intent': hint }, delete: { ...ok, 'x-intent': wrong } },
      '/b': { get: { ...ok, 'x-intent': false } },
    },
  });
  expect(intents.find(({ operation }) => operation === 'PUT /a/{id}')).toMatchObject({
    ...hint,
    group: 'pets',
    examples: ['adopt [id: 7]', expect.anything(), expect.anything()],
  });
  // Who claims a name in words comes before who gets it by chance.
  expect(intents.find(({ operation }) => operation === 'POST /first')?.name).toBe('pets.adopt-2');
  expect(skipped).toEqual([
    { operation: 'GET /b', reason: 'the document says it is no intent (#/paths/~1b/get/x-intent)' },
  ]);
  expect(lossy.filter(({ operation }) => operation === 'DELETE /a/{id}').map(({ place }) => place)).toEqual(
    ['colour', 'name', 'effect', 'sinks', 'entity'].map((member) => `#/paths/~1a~1{id}/delete/x-intent/${member}`),
  );
});

test('Swagger 2.0 is turned into OpenAPI, body, host and shared types with it; without paths it is refused', () => {
  const swagger = {
    swagger: '2.0',
    host: 'pets.example',
    basePath: '/v1',
    schemes: ['https'],
    paths: {
      '/pets': {
        post: {
          operationId: 'addPet',
          parameters: [{ name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/Pet' } }],
          responses: { 200: { description: 'ok', schema: { $ref: '#/definitions/Pet' } } },
        },
      },
    },
    definitions: {
      Pet: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, next: { $ref: '#/definitions/Pet' } },
      },
    },
  };
  const before = structuredClone(swagger);
  const result = run(swagger);
  expect(swagger).toEqual(before);
  expect(result.servers).toEqual(['https://pets.example/v1']);
  expect(result.intents[0]).toMatchObject({
    name: 'pets.add-pet',
    input: { required: ['name'], properties: { name: { type: 'string' }, next: { $ref: 'schema:Pet' } } },
    output: { $ref: 'schema:Pet' },
  });
  loads(result);
  expect(() => run({ swagger: '2.0' })).toThrow('"paths" is missing');
});

test('addresses of a document that was fetched are counted from where it was', () => {
  const at = (servers: unknown) =>
    importOpenapi(
      { openapi: '3.0.0', paths: {}, servers },
      { ...options, url: 'https://api.example/docs/openapi.json' },
    ).servers;
  expect(at(undefined)).toEqual(['https://api.example']);
  expect(at([{ url: '/v2' }, { url: 'https://b.example/' }])).toEqual(['https://api.example/v2', 'https://b.example']);
  expect(at([{ url: 'file:///etc' }, { url: '//me:x@c.example' }])).toEqual([]);
});
