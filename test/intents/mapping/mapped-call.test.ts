import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restBackend } from '../../../adapters/backends/rest.ts';
import type { GrpcBinding, RestBinding } from '../../../intents/contract.ts';
import type { Input } from '../../../intents/json.ts';
import { compileMapped } from '../../../intents/mapping/mapped-call.ts';
import type { Backend } from '../../../intents/ports.ts';
import { context } from '../../adapters/backends/contract.ts';
import { startGrpc } from '../../adapters/backends/grpc-world.ts';
import { listen, options } from '../../adapters/backends/rest-world.ts';

let server: Awaited<ReturnType<typeof listen>>;
let backend: Backend;
beforeAll(async () => {
  const app = fastify({ forceCloseConnections: true });
  app.route({
    method: ['GET', 'POST'],
    url: '/x/*',
    handler: ({ url, body, headers }, reply) =>
      reply.send({ url, body: body ?? null, key: headers['x-key'] ?? null, lines: [{ sum: 3 }, { sum: 4 }] }),
  });
  server = await listen(app);
  backend = restBackend(options(server.origin));
});
afterAll(async () => {
  await backend.close();
  await server.stop();
});

const compile = (binding: Partial<RestBinding>) =>
  compileMapped(backend, { kind: 'rest', backend: 'echo', method: 'POST', path: '/x/{id}', ...binding });
const send = (binding: Partial<RestBinding>, input: Input) => compile(binding).call(input, context());
const lines = [
  { price: 2, qty: 3 },
  { price: 1, qty: 4 },
];

describe('before the call', () => {
  test('expressions stand beside references and constants', async () =>
    expect(
      await send(
        {
          query: { n: { jsonata: '$count(lines)' } },
          headers: { 'x-key': { jsonata: '$uppercase(id)' } },
          body: {
            id: '$.id',
            currency: 'EUR',
            sum: { jsonata: '$sum(lines.(price * qty))' },
            absent: { jsonata: 'no' },
          },
        },
        { id: 'a-1', lines },
      ),
    ).toMatchObject({
      value: { url: '/x/a-1?n=2', key: 'A-1', body: { id: 'a-1', currency: 'EUR', sum: 10 } },
    }));

  test('a whole body is one expression', async () =>
    expect(await send({ body: { jsonata: 'lines.{ "cost": price * qty }' } }, { id: '1', lines })).toMatchObject({
      value: { body: [{ cost: 6 }, { cost: 4 }] },
    }));

  test('what an expression has read does not go by name as well', async () =>
    expect(await send({ query: { n: { jsonata: '$count(lines)' } } }, { id: '1', lines, note: 'x' })).toMatchObject({
      value: { url: '/x/1?n=2', body: { note: 'x' } },
    }));

  test('what cannot be worked out is not sent', async () => {
    const reply = await send({ body: { n: { jsonata: '$sum(id)' } } }, { id: 'secret-id' });
    expect(reply).toMatchObject({ ok: false, code: 'upstream.rejected', reached: 'no' });
    expect(JSON.stringify(reply)).not.toContain('secret-id');
  });

  test('a value that cannot stand where it is put is refused', async () =>
    expect(await send({ headers: { 'x-key': { jsonata: '"a\\nb"' } } }, { id: '1' })).toMatchObject({
      code: 'upstream.rejected',
      reached: 'no',
    }));

  test('is shown as it would be sent', async () => {
    const { prepare, preview } = compile({ body: { sum: { jsonata: '$sum(lines.price)' } } });
    expect(preview((await prepare?.({ id: '1', lines })) ?? {})).toMatchObject({ payload: { sum: 3 } });
  });
});

describe('after the call', () => {
  test('an answer is made into another', async () =>
    expect(
      await send({ mapped: { where: '$.url', none: '$.nothing', total: { jsonata: '$sum(lines.sum)' } } }, { id: '1' }),
    ).toEqual({ ok: true, value: { where: '/x/1', total: 7 } }));

  test('by one expression', async () =>
    expect(await send({ mapped: { jsonata: 'lines.sum' } }, { id: '1' })).toEqual({ ok: true, value: [3, 4] }));

  test('one that fails is a fault of the answer', async () =>
    expect(await send({ mapped: { jsonata: '$sum(url)' } }, { id: '1' })).toMatchObject({
      code: 'upstream.invalid',
      reached: 'yes',
    }));
});

describe('of a stream each message is mapped', () => {
  const binding: GrpcBinding = {
    kind: 'grpc',
    backend: 'echo',
    service: 'echo.v1.Echo',
    method: 'Watch',
    message: { say: { jsonata: '$join(words, " ")' } },
    mapped: { word: { jsonata: '$uppercase(said)' } },
  };

  test('as a list, one by one, and none', async () => {
    const world = await startGrpc();
    try {
      const { call } = compileMapped(world.backend, binding);
      const expected = [{ word: 'A' }, { word: 'B' }];
      expect(await call({ words: ['a', 'b'] }, context())).toEqual({ ok: true, value: expected });
      const items: unknown[] = [];
      const passed = await call(
        { words: ['a', 'b'] },
        {
          ...context(),
          items: async (item) => {
            items.push(item);
          },
        },
      );
      expect([passed, items]).toEqual([{ ok: true, value: [] }, expected]);
      const failing = compileMapped(world.backend, { ...binding, mapped: { jsonata: '$sum(said)' } });
      expect(await failing.call({ words: ['a'] }, context())).toMatchObject({ code: 'upstream.invalid' });
      const unary = compileMapped(world.backend, { ...binding, method: 'Say' });
      expect(await unary.call({ words: ['a', 'b'] }, context())).toEqual({ ok: true, value: { word: 'A B' } });
    } finally {
      await world.stop();
    }
  });
});
