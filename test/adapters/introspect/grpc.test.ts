import { createRequire } from 'node:module';
import type * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { expect, onTestFinished, test } from 'vitest';
import { reflectGrpc } from '../../../adapters/introspect/grpc.ts';
import { grpcOptions, startGrpc } from '../backends/grpc-world.ts';

const options = (address: string, timeoutMs = 5_000) => ({
  ...grpcOptions(address),
  timeoutMs,
  maxBytes: 1024 * 1024,
});
const started = async (...args: Parameters<typeof startGrpc>) => {
  const world = await startGrpc(...args);
  onTestFinished(world.stop);
  return world;
};
const require = createRequire(import.meta.url);

/** Reflection in version v1alpha alone. */
const old: NonNullable<Parameters<typeof startGrpc>[0]> = (server, loaded) => {
  const { ReflectionV1AlphaImplementation } = require('@grpc/reflection/build/src/implementations/reflection-v1alpha');
  new ReflectionV1AlphaImplementation(loaded).addToServer(server);
};
/** Reflection that takes questions and never answers. */
const silent: typeof old = (server) => {
  const file = require.resolve('@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto');
  const service = loadSync(file)['grpc.reflection.v1.ServerReflection'] as unknown as grpc.ServiceDefinition;
  server.addService(service, { ServerReflectionInfo: () => {} });
};

test.each([
  ['v1', undefined],
  ['v1alpha', old],
])('reads everything that a server serves, by reflection %s', async (_version, reflect) => {
  const { address } = await started(reflect);
  const registry = await reflectGrpc(options(address));
  expect(registry.getService('echo.v1.Echo')?.methods.map(({ name }) => name)).toEqual([
    'Say',
    'Weigh',
    'Watch',
    'Chat',
  ]);
  expect(registry.getMessage('echo.v1.Parcel')?.fields.length).toBeGreaterThan(5);
});

test('a server without reflection is told by its name', async () => {
  const { address } = await started(() => {});
  await expect(reflectGrpc(options(address))).rejects.toThrow(
    'The server has no reflection, neither v1 nor v1alpha. Import its .proto files or a descriptor set.',
  );
});

test('one that never answers is given up', async () => {
  const { address } = await started(silent);
  await expect(reflectGrpc(options(address, 300))).rejects.toThrow(/Deadline exceeded/);
});

test('one that describes more than is taken is given up', async () => {
  const { address } = await started();
  await expect(reflectGrpc({ ...options(address), maxBytes: 100 })).rejects.toThrow(
    'The descriptors have more than 100 bytes',
  );
});
