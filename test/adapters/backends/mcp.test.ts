import { fileURLToPath } from 'node:url';
import fastify from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { mcpBackend } from '../../../adapters/backends/mcp.ts';
import type { McpBinding } from '../../../intents/contract.ts';
import type { Input } from '../../../intents/json.ts';
import type { Backend, CallContext, Probing } from '../../../intents/ports.ts';
import { context } from './contract.ts';
import { overHttp, patient, startMcp, tool } from './mcp-world.ts';

const stopping: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop();
});

const program = [process.execPath, fileURLToPath(new URL('./mcp-stdio-server.ts', import.meta.url))];
const overStdio = (
  more: { command?: readonly string[]; env?: Record<string, string>; timeoutMs?: number; now?: () => number } = {},
) => {
  const { command = program, env = {}, timeoutMs = patient.timeoutMs, now = () => performance.now() } = more;
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const backend = mcpBackend({ name: 'echo', ...patient, timeoutMs, server: { command, env, folder, now } });
  stopping.push(() => backend.close());
  return backend;
};
const overMcp = async (sessions = false) => {
  const world = await startMcp(sessions);
  const backend = overHttp(world.url, patient.timeoutMs);
  stopping.push(world.stop, () => backend.close());
  return { ...world, backend };
};
const call = (backend: Backend, binding: McpBinding, input: Input = {}, asked: CallContext = context()) =>
  backend.compile(binding).call(input, asked);

describe('what a tool answers', () => {
  test.each([
    { name: 'plain words', text: 'All is well.', value: { text: 'All is well.' } },
    { name: 'JSON of an object', text: ' {"a": 1}', value: { a: 1 } },
    { name: 'JSON of a list', text: '[1, 2]', value: [1, 2] },
    { name: 'what only begins like JSON', text: '[done]', value: { text: '[done]' } },
    { name: 'nothing', text: '', value: { text: '' } },
    {
      name: 'words and a picture',
      text: 'seen',
      value: { text: 'seen', content: [{ type: 'image', data: 'AA==', mimeType: 'image/png' }] },
    },
  ])('$name', async ({ text, value }) => {
    const { backend } = await overMcp();
    expect(await call(backend, tool('text'), { text })).toEqual({ ok: true, value });
  });

  test('an error without a status is a failure of no known kind', async () => {
    const { backend } = await overMcp();
    expect(await call(backend, tool('fails'))).toEqual({
      ok: false,
      code: 'upstream.failed',
      reached: 'yes',
      detail: 'The tool says that it failed: The disk is full.',
    });
  });

  test('arguments that the server refuses', async () => {
    const { backend } = await overMcp();
    expect(await call(backend, tool('place'), { sku: 1 })).toMatchObject({ ok: false, reached: 'yes' });
  });

  test('a tool that is not there', async () => {
    const { backend } = await overMcp();
    expect(await call(backend, tool('nothing'))).toMatchObject({ ok: false, code: 'upstream.rejected' });
  });
});

test('arguments and result go where the binding says', async () => {
  const { backend } = await overMcp();
  const binding = tool('place', {
    arguments: { sku: '$.item.sku', count: 2, note: '$.note' },
    result: '$.id',
  });
  const input = { item: { sku: 'S-1' } };
  expect(backend.compile(binding).preview(input)).toEqual({
    operation: 'tool place',
    payload: { sku: 'S-1', count: 2 },
  });
  expect(await call(backend, binding, input)).toEqual({ ok: true, value: 'S-1-2' });
});

describe('what the server says of its tools', () => {
  const members = (...names: string[]) =>
    names.map((name) => ({ name: name.replace('?', ''), required: !name.endsWith('?') }));
  test.each([
    { name: 'all that it needs', binding: tool('place', { members: members('sku', 'count', 'note?') }), says: [] },
    {
      name: 'no such tool',
      binding: tool('plaice'),
      says: [expect.stringContaining('There is no tool "plaice"; the server has echo,')],
    },
    {
      name: 'one too many, by name',
      binding: tool('place', { members: members('sku', 'count', 'colour?') }),
      says: ['tool "place" takes no "colour"; it takes sku, count, note.'],
    },
    {
      name: 'one that is missing',
      binding: tool('place', { arguments: { sku: '$.sku' }, members: members('sku') }),
      says: ['tool "place" needs "count", which the binding does not give.'],
    },
    {
      name: 'one that may be missing',
      binding: tool('place', { arguments: { sku: '$.sku', count: 1 }, members: members('sku?') }),
      says: ['tool "place" needs "sku", which the intent may leave out: require it, or give a default.'],
    },
    {
      name: 'a constant of another type',
      binding: tool('place', { arguments: { sku: 'S-1', count: 'two' } }),
      says: ['tool "place" takes "count" as integer, and is given a constant.'],
    },
  ])('$name', async ({ binding, says }) => {
    const { backend } = await overMcp();
    backend.compile(binding);
    expect(await backend.probe(AbortSignal.timeout(5_000))).toEqual(says);
  });

  test('a server that is not there cannot be asked', async () => {
    const backend: Backend & Probing = overHttp('http://127.0.0.1:9/mcp');
    stopping.push(() => backend.close());
    backend.compile(tool('echo'));
    await expect(backend.probe(AbortSignal.timeout(5_000))).rejects.toThrow();
  });
});

test('a session that the server lost is opened anew, and the call is done once', async () => {
  const { backend, sessions } = await overMcp(true);
  expect(await call(backend, tool('echo'), { say: 'hello' })).toMatchObject({ ok: true });
  expect(sessions.size).toBe(1);
  sessions.clear();
  expect(await call(backend, tool('echo'), { say: 'again' })).toEqual({ ok: true, value: { said: 'again' } });
  expect(sessions.size).toBe(1);
});

test('a session that is no longer needed is ended', async () => {
  const { backend, sessions, ended } = await overMcp(true);
  await call(backend, tool('echo'), { say: 'hello' });
  expect([...sessions.keys()]).toHaveLength(1);
  await backend.close();
  expect(ended()).toEqual([...sessions.keys()]);
});

test('a redirect is not followed', async () => {
  const { url, received } = await overMcp();
  const app = fastify();
  app.all('/mcp', (_request, reply) => reply.redirect(url, 307));
  app.all('/elsewhere', (_request, reply) => reply.redirect('/mcp', 307));
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  stopping.push(() => app.close());
  for (const path of ['/mcp', '/elsewhere']) {
    const backend = overHttp(`${origin}${path}`, patient.timeoutMs);
    stopping.push(() => backend.close());
    expect(await call(backend, tool('echo'), { say: 'hello' })).toMatchObject({ ok: false, reached: 'no' });
  }
  expect(received()).toEqual({});
});

test('many calls at once share a connection and each gets its own answer', async () => {
  const { backend } = await overMcp();
  const says = Array.from({ length: 20 }, (_, index) => `say ${index}`);
  const replies = await Promise.all(says.map((say) => call(backend, tool('echo'), { say })));
  expect(replies).toEqual(says.map((said) => ({ ok: true, value: { said } })));
});

describe('over standard input and output', () => {
  test('hands on no environment but what is named', async () => {
    const backend = overStdio({ env: { ONLY_THIS: 'a-secret-value' } });
    const reply = await call(backend, tool('environment'));
    expect(reply).toMatchObject({ ok: true, value: { names: ['ONLY_THIS'] } });
  });

  test('starts a server that died again, and says what it said', async () => {
    const backend = overStdio();
    const first = await call(backend, tool('environment'), {});
    const died = await call(backend, tool('dies'));
    expect(died).toMatchObject({ ok: false, code: 'upstream.failed', reached: 'maybe' });
    expect(died).toMatchObject({ detail: expect.stringContaining('out of memory, so to speak') });
    const second = await call(backend, tool('environment'), {});
    expect(second).toMatchObject({ ok: true });
    expect(second).not.toEqual(first);
  });

  test('leaves one alone that does not stay, and tries again after a minute', async () => {
    let now = 0;
    const backend = overStdio({ command: [process.execPath, '-e', 'process.exit(1)'], now: () => now });
    for (let tries = 0; tries < 5; tries++)
      expect(await call(backend, tool('echo'))).toMatchObject({
        ok: false,
        code: 'upstream.unreachable',
        reached: 'no',
      });
    const alone = { detail: expect.stringContaining('it is left alone') };
    expect(await call(backend, tool('echo'))).toMatchObject({ ok: false, code: 'upstream.unreachable', ...alone });
    now = 60_001;
    expect(await call(backend, tool('echo'))).not.toMatchObject(alone);
  });

  test('a program that is not there', async () => {
    const backend = overStdio({ command: ['/nowhere/at/all'] });
    expect(await call(backend, tool('echo'))).toMatchObject({ code: 'upstream.unreachable', reached: 'no' });
  });

  test('stops where the signal fires, and tells the server', async () => {
    const backend = overStdio();
    await call(backend, tool('environment'));
    const asked = new AbortController();
    const reply = call(backend, tool('waits'), {}, context(asked.signal));
    setTimeout(() => asked.abort(), 50);
    expect(await reply).toMatchObject({ ok: false, code: 'upstream.timeout', reached: 'maybe' });
    expect(await call(backend, tool('dies'))).toMatchObject({ detail: expect.stringContaining('given up') });
  });

  test('an answer beyond the limit', async () => {
    const backend = overStdio();
    const reply = await call(backend, tool('large'), { chars: patient.maxBytes + 100_000 });
    expect(reply).toMatchObject({ ok: false, reached: 'maybe' });
    expect(await call(backend, tool('echo'), { say: 'hello' })).toMatchObject({ ok: true });
  });
});
