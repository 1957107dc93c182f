import { describe, expect, test } from 'vitest';
import { toFiles } from '../../../intents/import/files.ts';
import { importMcp, type McpTool } from '../../../intents/import/mcp.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

const imported = (...tools: McpTool[]) =>
  importMcp(tools, { backend: 'desk', sourceName: 'desk', url: 'https://desk.example/mcp' });
const loaded = (...tools: McpTool[]) => {
  const result = imported(...tools);
  const sources = toFiles(result, { tenant: 'acme' })
    .filter(({ path }) => path.startsWith('intents/') || path.startsWith('schemas'))
    .flatMap(({ path, text }) => readSources(path, text).sources);
  const { catalogue, findings } = loadCatalogue(sources);
  expect(findings).toEqual([]);
  return { result, catalogue };
};

describe('what a tool does is what it says, and the worst where it says nothing', () => {
  test.each([
    [undefined, 'destructive'],
    [{ readOnlyHint: true }, 'read'],
    [{ destructiveHint: false }, 'write'],
    [{ readOnlyHint: 'yes', destructiveHint: 0 }, 'destructive'],
    ['nonsense', 'destructive'],
  ])('%j: %s', (annotations, effect) => {
    expect(imported({ name: 'go', inputSchema: { type: 'object' }, annotations }).intents[0]?.effect).toBe(effect);
  });
});

test('arguments are typed, shared parts of a schema and a circle among them', () => {
  const { catalogue } = loaded({
    name: 'plant',
    description: 'Plants a tree. [Docs](https://desk.example)',
    inputSchema: {
      type: 'object',
      required: ['tree'],
      properties: { tree: { $ref: '#/$defs/tree' }, when: { type: 'string', format: 'date', default: '2026-01-01' } },
      $defs: { tree: { type: 'object', properties: { branches: { type: 'array', items: { $ref: '#/$defs/tree' } } } } },
    },
    outputSchema: { type: 'object', properties: { id: { type: 'string' } } },
  });
  const intent = catalogue.find('desk.plant');
  expect(intent).toMatchObject({ title: 'Plants a tree', call: { kind: 'mcp', tool: 'plant' }, sinks: ['/tree'] });
  const fits = catalogue.library.validator(intent?.input ?? {});
  expect(fits({ tree: { branches: [{ branches: [] }] } })).toBe(true);
  expect(fits({ tree: { branches: ['no'] } })).toBe(false);
  expect(fits({ tree: {}, more: 1 })).toBe(false);
});

test('a name that cannot be a slot gets another, and the call says so', () => {
  const { result } = loaded({
    name: 'Send Mail!',
    inputSchema: {
      type: 'object',
      required: ['to.address'],
      properties: { 'to.address': { type: 'string' }, '1': {} },
    },
  });
  expect(result.intents[0]).toMatchObject({
    name: 'desk.send-mail',
    input: { required: ['to_address'], properties: { to_address: { type: 'string' }, _1: {} } },
    call: { mcp: 'Send Mail!', arguments: { 'to.address': '$.to_address', '1': '$._1' } },
  });
});

test('two tools whose names come to the same are told apart', () => {
  const { result } = loaded(
    { name: 'get_a', inputSchema: { type: 'object' } },
    { name: 'get-a', inputSchema: { type: 'object' } },
  );
  expect(result.intents.map(({ name }) => name)).toEqual(['desk.get-a', 'desk.get-a-2']);
});

describe('a tool that cannot be translated is skipped with its reason and place', () => {
  test.each([
    [{ type: 'array' }, 'the arguments of a tool are an object with its members in it (#/go/inputSchema)'],
    [undefined, 'nothing where a schema should be (#/go/inputSchema)'],
    [{ type: 'object', required: ['a'] }, '"a" is required and not described (#/go/inputSchema)'],
    [
      { type: 'object', properties: { a: { $ref: '#/$defs/b' } } },
      '$ref "#/go/inputSchema/$defs/b" refers to nothing (#/go/inputSchema/properties/a)',
    ],
    [
      { type: 'object', properties: { a: { $ref: 'https://else.example/a' } } },
      '$ref "https://else.example/a" leads out of the document (#/go/inputSchema/properties/a)',
    ],
  ])('%j', (inputSchema, reason) => {
    const { intents, skipped } = imported({ name: 'go', inputSchema });
    expect({ intents, skipped }).toEqual({ intents: [], skipped: [{ operation: 'tool go', reason }] });
  });
});
