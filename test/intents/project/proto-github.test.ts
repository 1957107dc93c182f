import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, createFileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { toFiles } from '../../../intents/import/files.ts';
import { importOpenapi } from '../../../intents/import/openapi.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { toProto } from '../../../intents/project/proto.ts';
import { protoDescriptors } from '../../../intents/project/proto-descriptors.ts';
import { fixedProtos } from '../../../intents/project/proto-fixed.ts';
import { readSources } from '../../../intents/source.ts';

test('all of GitHub is services, and links', () => {
  const path = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');
  const document = JSON.parse(readFileSync(path, 'utf8'));
  const files = toFiles(importOpenapi(document, { backend: 'github', sourceName: 'github' }), { tenant: 'acme' });
  const contracts = files.filter(({ path: name }) => name.startsWith('intents/') || name.startsWith('schemas'));
  const { catalogue } = loadCatalogue(contracts.flatMap(({ path: name, text }) => readSources(name, text).sources));
  const model = toProto(catalogue.intents, catalogue.library, 'github');
  expect(model.rpcs.length).toBe(catalogue.intents.length);
  expect(model.rpcs.length).toBeGreaterThan(1_000);
  const file = [...[...fixedProtos().files].map(({ proto }) => proto), ...protoDescriptors(model)];
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  for (const { request, response } of model.rpcs)
    for (const { fullName } of [request, response]) expect(registry.getMessage(fullName)?.typeName).toBe(fullName);
  // Of more than a thousand operations, so many places have types of their own to lose.
  expect(model.notes.length).toBeLessThan(40);
}, 60_000);
