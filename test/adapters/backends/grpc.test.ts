import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as grpc from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { grpcBackend } from '../../../adapters/backends/grpc.ts';
import type { GrpcOptions } from '../../../adapters/backends/grpc-client.ts';
import type { GrpcBinding } from '../../../intents/contract.ts';
import { context } from './contract.ts';
import { echoPackage, grpcOptions, startGrpc } from './grpc-world.ts';

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
    ['Chat', 'echo.v1.Echo', '"echo.v1.Echo/Chat" takes a stream (client_streaming)'],
    ['Sing', 'echo.v1.Echo', 'has no method "Sing"; it has Say, Weigh, Watch, Chat.'],
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

describe('a method that streams its answer', () => {
  test('gives a list, each message picked from', async () => {
    expect(await compile('Watch').call({ say: 'a b c' }, context())).toEqual({
      ok: true,
      value: [{ said: 'a' }, { said: 'b' }, { said: 'c' }],
    });
    expect(await compile('Watch', { result: '$.said' }).call({ say: 'a b' }, context())).toEqual({
      ok: true,
      value: ['a', 'b'],
    });
  });

  test.each([
    [
      'fails in the middle',
      'a broken',
      { code: 'upstream.failed', reached: 'yes', detail: 'INTERNAL: Broke in the middle.' },
    ],
    ['is more than is taken, all together', 'long long long', { code: 'upstream.invalid', reached: 'yes' }],
    ['stops answering', 'a silence', { code: 'upstream.timeout', reached: 'maybe' }],
  ])('that %s is a failure, never half a list', async (_, say, expected) => {
    expect(await compile('Watch').call({ say }, context())).toMatchObject({ ok: false, ...expected });
    expect(await compile('Say').call({ say: 'after' }, context())).toMatchObject({ ok: true });
  });

  test('is taken back where the signal fires', async () => {
    const asked = new AbortController();
    const answer = compile('Watch').call({ say: 'a silence' }, context(asked.signal));
    await expect.poll(world.calls).toBe(1);
    asked.abort();
    expect(await answer).toMatchObject({ ok: false, code: 'upstream.timeout' });
    await expect.poll(world.cancelled).toBe(true);
    expect(await compile('Watch').call({ say: 'a' }, context(AbortSignal.abort()))).toMatchObject({ reached: 'no' });
  });

  test('of very many messages is given up', async () => {
    const small = await startGrpc();
    const roomy = grpcBackend({ ...grpcOptions(small.address), maxBytes: 1_000_000, timeoutMs: 20_000 });
    const { call } = roomy.compile({ kind: 'grpc', backend: 'echo', service: 'echo.v1.Echo', method: 'Watch' });
    const say = (count: number) => Array.from({ length: count }, () => 'a').join(' ');
    expect(await call({ say: say(10_000) }, context())).toMatchObject({ ok: true });
    expect(await call({ say: say(10_001) }, context())).toMatchObject({
      code: 'upstream.invalid',
      detail: expect.stringContaining('10000 messages'),
    });
    await roomy.close();
    await small.stop();
  });
});

describe('details of an error', () => {
  const told = (input: object, more: Partial<GrpcBinding> = {}) => compile('Say', more).call(input as never, context());

  test('are told by field, without what must not be shown, and with what to try again after', async () => {
    const reply = await told({ say: 'details' });
    expect(reply).toMatchObject({
      code: 'upstream.rejected',
      detail: 'INVALID_ARGUMENT: No. (TOO_HEAVY)',
      told: {
        errors: [
          { pointer: '/parcel/lines/2/weight_grams', detail: 'Too heavy for ***.' },
          { pointer: '/say', detail: 'No such word.' },
        ],
        retryAfterS: 8,
      },
    });
  });

  test('speak of the members of the input that filled the fields', async () =>
    expect(await told({ words: { first: 'details' } }, { message: { say: '$.words.first' } })).toMatchObject({
      told: { errors: [{ pointer: '/parcel/lines/2/weight_grams' }, { pointer: '/words/first' }] },
    }));
});

describe('several addresses', () => {
  const ask = async (backend: ReturnType<typeof grpcBackend>) =>
    backend
      .compile({ kind: 'grpc', backend: 'echo', service: 'echo.v1.Echo', method: 'Say' })
      .call({ say: 'a' }, context());

  test('take turns, and one that is gone is passed over', async () => {
    const second = await startGrpc();
    const both = grpcBackend({ ...grpcOptions('127.0.0.1:1'), address: [world.address, second.address] });
    const turns = [0, 0];
    for (let count = 0; count < 40; count++) {
      expect(await ask(both)).toMatchObject({ ok: true });
      for (const [index, { calls }] of [world, second].entries()) turns[index] = calls();
    }
    expect(turns.map((count) => count >= 10)).toEqual([true, true]);
    await second.stop();
    await expect.poll(() => ask(both)).toMatchObject({ ok: true });
    for (let count = 0; count < 5; count++) expect(await ask(both)).toMatchObject({ ok: true });
    await both.close();
  });

  test.each([[['localhost:1', '127.0.0.1:2']], [['127.0.0.1:1', '[::1]:2']]])('%j cannot take turns', (address) =>
    expect(() => grpcBackend({ ...grpcOptions(''), address })).toThrow('Several addresses are all IPv4'),
  );
});

describe('TLS', () => {
  const pem = (name: string) => readFileSync(new URL(`tls/${name}`, import.meta.url));
  const [ca, cert, key] = [pem('ca.pem'), pem('client.pem'), pem('client.key')];
  const start = async (mutual: boolean) => {
    const server = new grpc.Server();
    server.addService(echoPackage['echo.v1.Echo'] as unknown as grpc.ServiceDefinition, {
      Say: ({ request }: { request: { say: string } }, reply: (error: null, value: object) => void) =>
        reply(null, { said: request.say }),
    });
    new ReflectionService(echoPackage).addToServer(server);
    const pair = { cert_chain: pem('server.pem'), private_key: pem('server.key') };
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createSsl(ca, [pair], mutual), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    onTestFinished(() => server.forceShutdown());
    return `127.0.0.1:${port}`;
  };
  const say = async (address: string, tls: GrpcOptions['tls']) => {
    const backend = grpcBackend({ ...grpcOptions(address), tls, timeoutMs: 2_000 });
    onTestFinished(() => backend.close());
    const { call } = backend.compile({ kind: 'grpc', backend: 'echo', service: 'echo.v1.Echo', method: 'Say' });
    return call({ say: 'a' }, context());
  };
  const serverName = 'server.test';

  test('with a CA of its own, and the name in the certificate', async () => {
    const address = await start(false);
    expect(await say(address, { ca, serverName })).toMatchObject({ ok: true });
    for (const tls of [{ ca }, { ca, serverName: 'other.test' }, { serverName }, true, false])
      expect(await say(address, tls)).toMatchObject({ ok: false, reached: 'no' });
  });

  test('with a certificate of this gateway, where it is asked for', async () => {
    const address = await start(true);
    expect(await say(address, { ca, cert, key, serverName })).toMatchObject({ ok: true });
    expect(await say(address, { ca, serverName })).toMatchObject({ ok: false });
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
