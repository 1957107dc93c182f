import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { readDescriptorSet } from '../../../intents/import/descriptor-set.ts';
import type { Imported } from '../../../intents/import/draft.ts';
import { toFiles } from '../../../intents/import/files.ts';
import { importProto } from '../../../intents/import/proto.ts';
import { protoRegistryView } from '../../../intents/import/proto-registry-view.ts';
import { protoTextView } from '../../../intents/import/proto-text-view.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

const loaded = (imported: Imported) => {
  const read = toFiles(imported, { tenant: 'acme' })
    .filter(({ path }) => path.startsWith('intents/') || path.startsWith('schemas'))
    .map(({ path, text }) => readSources(path, text));
  const { catalogue, findings } = loadCatalogue(read.flatMap(({ sources }) => sources));
  return { catalogue, findings: [...read.flatMap((one) => one.findings), ...findings] };
};
const viewed = (files: Record<string, string>) => protoTextView([Object.keys(files)[0] ?? ''], (path) => files[path]);
const imported = (text: string, more: Record<string, string> = {}) =>
  importProto(viewed({ 'shop.proto': text, ...more }), { backend: 'shop', sourceName: 'shop.proto' });

const shop = `
syntax = "proto3";
package shop.v1;
import "ostiary/v1/intent.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
import "parts/line.proto";
// An order.
message Order {
  string order_id = 1; // Its number.
  int64 cents = 2; uint64 weight = 3; bytes scan = 4; double rate = 5;
  Status status = 6;
  repeated parts.Line lines = 7;
  map<int32, Order> parents = 8;
  google.protobuf.Timestamp at = 9;
  google.protobuf.Struct more = 10;
  google.protobuf.Int64Value limit = 11;
  oneof by { string card = 12; string cash = 13; }
  optional string note = 14;
}
enum Status { STATUS_UNSPECIFIED = 0; OPEN = 1; }
message Asked { string order_id = 1; }
service OrderService {
  // Gets one order.
  rpc GetOrder(Asked) returns (Order);
  rpc Place(Order) returns (Order) { option idempotency_level = IDEMPOTENT; }
  rpc PurgeOrders(Asked) returns (Order);
  rpc Peculiar(Asked) returns (Order) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Refund(Asked) returns (Order) {
    option (ostiary.v1.intent) = { name: "money.back" effect: EFFECT_DESTRUCTIVE examples: "refund [order_id: A-1]" sinks: "/order_id" };
  }
  rpc Watch(Asked) returns (stream Order);
  rpc Send(stream Asked) returns (Order);
}`;
const line = 'syntax = "proto3"; package parts; message Line { string sku = 1; Line instead = 2; }';

describe('protos as text', () => {
  const result = imported(shop, { 'parts/line.proto': line });
  const of = (name: string) => {
    const found = result.intents.find((intent) => intent.operation === `shop.v1.OrderService/${name}`);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };

  test('every method is an intent, or skipped with its reason', () => {
    expect(result.intents.map(({ name, effect, call }) => `${name} ${effect} ${call.grpc}`)).toEqual([
      'order.get-order read shop.v1.OrderService/GetOrder',
      'order.place write shop.v1.OrderService/Place',
      'order.purge-orders destructive shop.v1.OrderService/PurgeOrders',
      'order.peculiar read shop.v1.OrderService/Peculiar',
      'money.back destructive shop.v1.OrderService/Refund',
      'order.watch read shop.v1.OrderService/Watch',
    ]);
    expect(result.skipped).toEqual([
      { operation: 'shop.v1.OrderService/Send', reason: 'it takes a stream, and an intent is asked once' },
    ]);
    expect(of('Watch').output).toMatchObject({ type: 'array', items: { type: 'object' } });
    expect(of('GetOrder')).toMatchObject({ title: 'Gets one order', description: 'Gets one order.' });
    expect(of('Refund')).toMatchObject({
      examples: ['refund [order_id: A-1]', expect.anything(), expect.anything()],
      sinks: ['/order_id'],
    });
  });

  test('the loader takes it', () => {
    const { catalogue, findings } = loaded(result);
    expect(findings).toEqual([]);
    for (const { input } of catalogue.intents) catalogue.library.validator(input);
  });

  test.each([
    ['64-bit integers are strings', { cents: '9007199254740993' }, true],
    ['and not numbers', { cents: 12 }, false],
    ['an unsigned one has no sign', { weight: '-1' }, false],
    ['an enumeration is a name', { status: 'OPEN' }, true],
    ['that is known', { status: 'LOST' }, false],
    ['a recursive message in a map by number', { parents: { 7: { parents: { 8: {} } } } }, true],
    ['whose keys are numbers', { parents: { x: {} } }, false],
    ['a time', { at: '2026-01-02T03:04:05Z' }, true],
    ['any object', { more: { a: [1] } }, true],
    ['a wrapper', { limit: null }, true],
    ['one of a oneof', { card: 'a', note: 'b' }, true],
    ['and not two', { card: 'a', cash: 'b' }, false],
    ['an imported message within itself', { lines: [{ sku: 'a', instead: { sku: 'b' } }] }, true],
    ['an unknown member far down', { lines: [{ instead: { no: 1 } }] }, false],
  ])('%s: %j', (_name, value, fits) => {
    const { catalogue } = loaded(result);
    const { input } = catalogue.find('order.place') ?? {};
    expect(catalogue.library.validator(input ?? {})(value)).toBe(fits);
  });

  test('an answer may hold numbers for names that are not known yet, and no number at all', () => {
    const { catalogue } = loaded(result);
    const fits = catalogue.library.validator(catalogue.find('order.get-order')?.output ?? {});
    expect(fits({ status: 7, rate: 'NaN', parents: { 1: { status: 'OPEN' } } })).toBe(true);
    expect(fits({ status: 'LOST' })).toBe(false);
  });
});

describe('broken protos are refused with their place', () => {
  test.each([
    ['what does not parse', { 'a.proto': 'syntax = "proto3";\nmessage A {\n  string = 1;\n}' }, /a\.proto.*line 3/],
    ['an import that is nowhere', { 'a.proto': 'import "b.proto";' }, 'a.proto imports "b.proto", which is nowhere'],
    ['a type that is nowhere', { 'a.proto': 'syntax = "proto3"; message A { Nowhere b = 1; }' }, /no such .*Nowhere/],
  ])('%s', (_name, files, message) => {
    expect(() => viewed(files as Record<string, string>)).toThrow(message);
  });
  test('files that import one another are read once', () => {
    const view = viewed({
      'a.proto': 'syntax = "proto3"; import "b.proto"; message A { B b = 1; } service S { rpc Go(A) returns (B); }',
      'b.proto': 'syntax = "proto3"; import "a.proto"; message B { A a = 1; } service T { rpc No(A) returns (B); }',
    });
    const result = importProto(view, { backend: 'a', sourceName: 'a' });
    expect(result.intents.map(({ operation }) => operation)).toEqual(['S/Go']);
    expect(loaded(result).findings).toEqual([]);
  });
});

describe('descriptor sets', () => {
  const set = readFileSync(fileURLToPath(new URL('../../../intents/proto/descriptors.binpb', import.meta.url)));

  test('give the same intents; what belongs to the server itself is skipped', () => {
    const result = importProto(protoRegistryView(readDescriptorSet(set)), { backend: 'gate', sourceName: 'gate' });
    expect(result.intents.map(({ operation }) => operation)).toContain('ostiary.v1.Intents/Ask');
    expect(result.skipped).toContainEqual({
      operation: 'grpc.health.v1.Health/Check',
      reason: 'it belongs to the server itself',
    });
    expect(loaded(result).findings).toEqual([]);
  });

  test.each([
    ['nothing', new Uint8Array(), 'The descriptor set holds no files.'],
    ['garbage', Buffer.from('no descriptor set at all'), /no descriptor set|holds no files/],
    [
      'one that leaves out an import',
      toBinary(
        FileDescriptorSetSchema,
        create(FileDescriptorSetSchema, {
          file: [create(FileDescriptorProtoSchema, { name: 'a.proto', dependency: ['b.proto'] })],
        }),
      ),
      'a.proto imports "b.proto", which the set leaves out; make it with --include_imports.',
    ],
  ])('%s is refused', (_name, bytes, message) => {
    expect(() => readDescriptorSet(bytes)).toThrow(message);
  });
});

describe("Google's protos", () => {
  const home = dirname(fileURLToPath(import.meta.resolve('google-proto-files/package.json')));
  const folders =
    'pubsub/v1 firestore/v1 spanner/v1 spanner/admin bigtable/v2 bigtable/admin/v2 storage/v2 logging/v2 monitoring/v3 cloud/dialogflow/cx/v3 cloud/kms/v1 cloud/tasks/v2 cloud/vision/v1 cloud/run/v2'.split(
      ' ',
    );

  test('every method is an intent or is skipped with its reason, within 5 s of CPU and 500 MB; the loader takes all', () => {
    const script = `
      import { existsSync, readdirSync, readFileSync } from 'node:fs';
      import { join } from 'node:path';
      import { toFiles } from './intents/import/files.ts';
      import { importProto } from './intents/import/proto.ts';
      import { protoTextView } from './intents/import/proto-text-view.ts';
      const home = ${JSON.stringify(home)};
      const files = ${JSON.stringify(folders)}.flatMap((folder) => readdirSync(join(home, 'google', folder), { recursive: true })
        .filter((name) => name.endsWith('.proto')).map((name) => join('google', folder, name)));
      const read = (path) => existsSync(join(home, path)) ? readFileSync(join(home, path), 'utf8') : undefined;
      const imported = importProto(protoTextView(files, read), { backend: 'google', sourceName: 'google' });
      const made = toFiles(imported, { tenant: 'default' });
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      const { loadCatalogue } = await import('./intents/load.ts');
      const { readSources } = await import('./intents/source.ts');
      const sources = made.filter(({ path }) => /^(intents|schemas)/.test(path)).map(({ path, text }) => readSources(path, text));
      const { catalogue, findings } = loadCatalogue(sources.flatMap(({ sources }) => sources));
      console.log(JSON.stringify({
        ms: (userCPUTime + systemCPUTime) / 1000, kilobytes: maxRSS, files: files.length,
        intents: imported.intents.length, skipped: imported.skipped, loaded: catalogue.intents.length,
        findings: [...sources.flatMap(({ findings }) => findings), ...findings],
      }));`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: join(import.meta.dirname, '../../..'),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const { ms, kilobytes, files, intents, skipped, loaded: count, findings } = JSON.parse(printed);
    const methods = folders
      .flatMap((folder) =>
        readdirSync(join(home, 'google', folder), { recursive: true, encoding: 'utf8' }).map((name) =>
          join(home, 'google', folder, name),
        ),
      )
      .filter((path) => path.endsWith('.proto') && existsSync(path))
      .flatMap((path) => readFileSync(path, 'utf8').match(/^\s*rpc\s+\w+\s*\(/gm) ?? []);
    expect(files).toBeGreaterThan(100);
    expect(intents + skipped.length).toBe(methods.length);
    expect(findings).toEqual([]);
    expect(count).toBe(intents);
    expect(ms).toBeLessThan(5_000);
    expect(kilobytes).toBeLessThan(500_000);
  }, 120_000);
});
