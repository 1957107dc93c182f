import { createRequire } from 'node:module';
import * as grpc from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { grpcBackend } from '../../../adapters/backends/grpc.ts';
import type { GrpcBinding } from '../../../intents/contract.ts';
import { context } from './contract.ts';
import { grpcOptions, startGrpc } from './grpc-world.ts';

let world: Awaited<ReturnType<typeof startGrpc>>;
beforeEach(async () => {
  world = await startGrpc();
});
afterEach(() => world.stop());

const compile = (method: string, more: Partial<GrpcBinding> = {}) =>
  world.backend.compile({ kind: 'grpc', backend: 'echo', service: 'echo.v1.Echo', method, ...more });

describe('messages', () => {
  test('are ProtoJSON both ways, with the names of the proto', async () => {
    const parcel = {
      tracking_id: 'T-1',
      weight_grams: '9007199254740993',
      size: 'SIZE_LARGE',
      labels: ['a'],
      seal: 'AQI=',
      shipped_at: '2026-11-23T10:00:00Z',
      counts: { a: 1 },
    };
    expect(await compile('Weigh').call(parcel, context())).toEqual({ ok: true, value: parcel });
    const { tracking_id, size, labels, counts } = parcel;
    expect(world.parcel()).toMatchObject({ tracking_id, size, labels, counts, seal: Buffer.from([1, 2]) });
  });

  test('show zero values, and leave out messages that are not there', async () =>
    expect(await compile('Weigh').call({ trackingId: 'T-1', inner: {} }, context())).toMatchObject({
      value: {
        tracking_id: 'T-1',
        weight_grams: '0',
        size: 'SIZE_UNSPECIFIED',
        labels: [],
        seal: '',
        counts: {},
        inner: { tracking_id: '' },
      },
    }));

  test('can be written out, and picked from', async () => {
    const { call, preview } = compile('Say', { message: { say: '$.words.0' }, result: '$.said' });
    expect(await call({ words: ['hi'] }, context())).toEqual({ ok: true, value: 'hi' });
    expect(preview({ words: ['hi'] })).toEqual({ operation: 'echo.v1.Echo/Say', payload: { say: 'hi' } });
  });

  test.each([[{ say: 1 }], [{ unknown: 'x' }], [{ say: ['a'] }]])('that do not fit are refused: %j', async (input) => {
    const reply = await compile('Say').call(input, context());
    expect(reply).toMatchObject({ code: 'upstream.rejected', reached: 'no' });
    expect(world.received()).toEqual({});
  });
});

describe('methods', () => {
  test.each([
    ['Watch', 'echo.v1.Echo', '"echo.v1.Echo/Watch" streams (server_streaming)'],
    ['Sing', 'echo.v1.Echo', 'has no method "Sing"; it has Say, Weigh, Watch.'],
    ['Say', 'echo.v1.Nobody', 'The server has no service "echo.v1.Nobody".'],
  ])('%s of %s is refused', async (method, service, why) => {
    const reply = await compile(method, { service }).call({}, context());
    expect(reply).toMatchObject({ code: 'upstream.failed', reached: 'no', detail: expect.stringContaining(why) });
    expect(await world.backend.probe(AbortSignal.timeout(5000))).toEqual([expect.stringContaining(why)]);
  });

  test('that are there make no message', async () => {
    compile('Say');
    compile('Weigh');
    expect(await world.backend.probe(AbortSignal.timeout(5000))).toEqual([]);
  });
});

/** Reflection that counts its questions; only in version v1alpha, and broken at first. */
const oldReflection =
  (seen: { questions: number; failures: number; hangs?: true }) => (server: grpc.Server, loaded: PackageDefinition) => {
    const require = createRequire(import.meta.url);
    const {
      ReflectionV1AlphaImplementation,
    } = require('@grpc/reflection/build/src/implementations/reflection-v1alpha');
    const file = require.resolve('@grpc/reflection/build/proto/grpc/reflection/v1alpha/reflection.proto');
    const service = loadSync(file)['grpc.reflection.v1alpha.ServerReflection'] as unknown as grpc.ServiceDefinition;
    const implementation = new ReflectionV1AlphaImplementation(loaded);
    server.addService(service, {
      ServerReflectionInfo: (stream: grpc.ServerDuplexStream<object, object>) => {
        stream.on('end', () => stream.end());
        stream.on('data', (question: { fileContainingSymbol: string }) => {
          seen.questions += 1;
          if (seen.hangs) return;
          if (seen.failures-- > 0) stream.emit('error', { code: grpc.status.UNAVAILABLE, details: 'not yet' });
          else
            stream.write({
              fileDescriptorResponse: implementation.fileContainingSymbol(question.fileContainingSymbol),
            });
        });
      },
    });
  };

describe('reflection', () => {
  const say = { kind: 'grpc', backend: 'echo', service: 'echo.v1.Echo', method: 'Say' } as const;

  test('falls back to v1alpha, is asked once, and again after a failure', async () => {
    const seen = { questions: 0, failures: 1 };
    const old = await startGrpc(oldReflection(seen));
    const { call } = old.backend.compile(say);
    expect(await call({ say: 'a' }, context())).toMatchObject({ code: 'upstream.unreachable', reached: 'no' });
    const others = [call, call, old.backend.compile(say).call].map((each) => each({ say: 'b' }, context()));
    expect(await Promise.all(others)).toEqual(others.map(() => ({ ok: true, value: { said: 'b' } })));
    expect(seen.questions).toBe(2);
    await old.stop();
  });

  test('one caller giving up leaves the others their answer', async () => {
    const { call } = world.backend.compile(say);
    const asked = new AbortController();
    const [first, second] = [call({ say: 'a' }, context(asked.signal)), call({ say: 'b' }, context())];
    asked.abort();
    expect(await first).toMatchObject({ code: 'upstream.timeout', reached: 'no' });
    expect(await second).toMatchObject({ ok: true });
  });

  test('that a server lacks is said so', async () => {
    const bare = await startGrpc(() => {});
    const reply = await bare.backend.compile(say).call({ say: 'a' }, context());
    expect(reply).toMatchObject({
      code: 'upstream.failed',
      reached: 'no',
      detail: expect.stringContaining('UNIMPLEMENTED'),
    });
    await expect(bare.backend.probe(AbortSignal.timeout(5000))).rejects.toThrow('Backend "echo" cannot be asked');
    await bare.stop();
  });

  test('that hangs ends with the timeout', async () => {
    const hung = await startGrpc(oldReflection({ questions: 0, failures: 0, hangs: true }));
    const { call } = hung.backend.compile(say);
    expect(await call({ say: 'a' }, context())).toMatchObject({ code: 'upstream.timeout', reached: 'no' });
    await hung.stop();
  });
});

test('a server that is gone was not reached', async () => {
  const { call } = compile('Say');
  await call({ say: 'a' }, context());
  world.server.forceShutdown();
  await expect.poll(world.openSockets).toBe(0);
  expect(await call({ say: 'a' }, context())).toMatchObject({ code: 'upstream.unreachable' });
});

test('takes no metadata that cannot be sent', () =>
  expect(() => grpcBackend({ ...grpcOptions('127.0.0.1:1'), metadata: { key: 'a\nb' } })).toThrow(
    /illegal characters/,
  ));

test('leaves out headers that cannot be metadata', async () => {
  const headers = { 'X-Request-Id': 'r-2', 'grpc-timeout': '1n', 'trace-bin': 'x', 'x-odd': 'é', 'bad key': 'x' };
  await compile('Say').call({ say: 'a' }, { ...context(), headers });
  expect(world.received()).toMatchObject({ 'x-request-id': 'r-2' });
  expect(Object.keys(world.received())).not.toEqual(expect.arrayContaining(['x-odd']));
});
