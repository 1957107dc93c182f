import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { grpcBackend } from '../../../adapters/backends/grpc.ts';
import { descriptorsFrom } from '../../../adapters/backends/grpc-files.ts';
import { context } from './contract.ts';
import { grpcOptions, startGrpc } from './grpc-world.ts';

const proto = fileURLToPath(new URL('echo.proto', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ostiary-descriptors-'));
const write = (path: string, text: string | Uint8Array) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
};
let world: Awaited<ReturnType<typeof startGrpc>>;
beforeAll(async () => {
  world = await startGrpc(() => {});
  const files = [...descriptorsFrom([proto]).files].map(({ proto: file }) => file);
  write('echo.binpb', toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: files })));
  write('alone.binpb', toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: files.slice(-1) })));
  write(
    'tree/a/v1/a.proto',
    'syntax = "proto3"; package a.v1; import "b/b.proto"; service A { rpc Do(b.B) returns (b.B); }',
  );
  write(
    'tree/b/b.proto',
    'syntax = "proto3"; package b; message B { optional string name = 1; oneof kind { int32 n = 2; bool yes = 3; } map<string, B> inner = 4; }',
  );
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

const backendOf = (paths: readonly string[]) => {
  const backend = grpcBackend({ ...grpcOptions(world.address), descriptors: descriptorsFrom(paths) });
  onTestFinished(() => backend.close());
  return backend;
};

describe('a server without reflection', () => {
  test('cannot be called by it', async () =>
    expect(
      await world.backend
        .compile({ kind: 'grpc', backend: 'echo', service: 'echo.v1.Echo', method: 'Say' })
        .call({ say: 'a' }, context()),
    ).toMatchObject({ ok: false, reached: 'no' }));

  test.each([
    ['a .proto file', () => [proto]],
    ['a descriptor set', () => [join(folder, 'echo.binpb')]],
    ['several', () => [join(folder, 'tree'), join(folder, 'echo.binpb'), proto]],
  ])('is called by %s', async (_, paths) => {
    const backend = backendOf(paths());
    const compile = (method: string) =>
      backend.compile({ kind: 'grpc', backend: 'echo', service: 'echo.v1.Echo', method });
    expect(await compile('Say').call({ say: 'hello' }, context())).toEqual({ ok: true, value: { said: 'hello' } });
    const parcel = { tracking_id: 'p', weight_grams: '9007199254740993', size: 'SIZE_LARGE', counts: { a: 1 } };
    expect(await compile('Weigh').call({ ...parcel, shipped_at: '2026-01-02T03:04:05Z' }, context())).toMatchObject({
      value: { ...parcel, shipped_at: '2026-01-02T03:04:05Z' },
    });
    expect(await compile('Watch').call({ say: 'a b' }, context())).toMatchObject({
      value: [{ said: 'a' }, { said: 'b' }],
    });
    expect(await backend.probe(AbortSignal.timeout(1_000))).toEqual([]);
  });

  test.each([
    ['echo.v1.Echo', 'Sing', 'Service "echo.v1.Echo" has no method "Sing"; it has Say, Weigh, Watch, Chat.'],
    ['echo.v1.Ech', 'Say', 'There is no service "echo.v1.Ech"; there is echo.v1.Echo.'],
    ['echo.v1.Echo', 'Chat', '"echo.v1.Echo/Chat" takes a stream'],
  ])('%s/%s is refused at load', (service, method, message) =>
    expect(() => backendOf([proto]).compile({ kind: 'grpc', backend: 'echo', service, method })).toThrow(message),
  );
});

test('imports are found from the folder', () => {
  const registry = descriptorsFrom([join(folder, 'tree')]);
  const fields = registry.getService('a.v1.A')?.methods[0]?.input.fields.map(({ name, presence }) => [name, presence]);
  // An optional field, and one of a choice, are there or not; 1 is EXPLICIT.
  expect(fields).toEqual([
    ['name', 1],
    ['n', 1],
    ['yes', 1],
    ['inner', 2],
  ]);
});

test.each([
  ['nothing', () => join(folder, 'none'), 'There is no file or folder'],
  ['an empty folder', () => join(write('empty/x.txt', ''), '..'), 'holds neither .proto files nor descriptor sets'],
  ['no descriptor set', () => write('bad.binpb', 'no set at all'), 'bad.binpb is no descriptor set'],
  ['no proto', () => write('bad/bad.proto', 'mesage A {}'), 'cannot be read'],
  [
    'an import that is nowhere',
    () => write('lost/lost.proto', 'syntax = "proto3"; import "no/where.proto";'),
    'cannot be read',
  ],
  ['a set without what it imports', () => join(folder, 'alone.binpb'), 'which the descriptors leave out'],
])('%s is told', (_, path, message) => expect(() => descriptorsFrom([path()])).toThrow(message));
