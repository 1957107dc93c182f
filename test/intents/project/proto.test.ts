import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { create, createFileRegistry, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeObjects } from '../../../intents/check-schema.ts';
import type { Intent } from '../../../intents/contract.ts';
import type { JsonSchema } from '../../../intents/json.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import type { FieldError } from '../../../intents/problems.ts';
import { toProto } from '../../../intents/project/proto.ts';
import { protoDescriptors } from '../../../intents/project/proto-descriptors.ts';
import { fixedProtos } from '../../../intents/project/proto-fixed.ts';
import type { ProtoMessage } from '../../../intents/project/proto-model.ts';
import { isFieldNumber, numberOf } from '../../../intents/project/proto-names.ts';
import { protoTexts } from '../../../intents/project/proto-text.ts';
import { protoValues } from '../../../intents/project/proto-values.ts';
import { schemaLibrary } from '../../../intents/schema-library.ts';
import { readSources } from '../../../intents/source.ts';

const golden = join(import.meta.dirname, 'golden');
const { sources } = readSources('corners.yaml', readFileSync(join(import.meta.dirname, 'corners.yaml'), 'utf8'));
const { catalogue, findings } = loadCatalogue(sources);
const model = toProto(catalogue.intents, catalogue.library, 'acme');

const held = (path: string, made: string | Uint8Array): Buffer => {
  const file = join(golden, path);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, made);
  }
  return readFileSync(file);
};

describe('the corners of JSON Schema', () => {
  test('are written as they were reviewed (UPDATE_GOLDEN=1 rewrites them)', () => {
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    for (const [path, text] of protoTexts(model)) expect(text).toBe(held(path, text).toString());
    const notes = `${model.notes.join('\n')}\n`;
    expect(notes).toBe(held('notes.txt', notes).toString());
  });

  // Made of the golden text by protoc: in golden/, "protoc -I . -I ../../../../intents/proto --descriptor_set_out=protoc.binpb $(find acme -name '*.proto')".
  test('come to the descriptors that protoc makes of their text', () => {
    const compiled = fromBinary(FileDescriptorSetSchema, readFileSync(join(golden, 'protoc.binpb')));
    const ours = protoDescriptors(model);
    expect(ours.map(({ name }) => name).sort()).toEqual(compiled.file.map(({ name }) => name).sort());
    for (const file of ours) {
      const theirs = compiled.file.find(({ name }) => name === file.name) ?? create(FileDescriptorProtoSchema);
      expect(toJson(FileDescriptorProtoSchema, file)).toEqual(toJson(FileDescriptorProtoSchema, theirs));
      expect(toBinary(FileDescriptorProtoSchema, file)).toEqual(toBinary(FileDescriptorProtoSchema, theirs));
    }
  });
});

const library = schemaLibrary(new Map());
const intentOf = (name: string, input: JsonSchema, output?: JsonSchema): Intent =>
  ({
    name,
    major: 1,
    version: '1.0.0',
    id: `${name}@1`,
    title: name,
    description: '',
    effect: 'read',
    examples: [],
    sinks: [],
    input: closeObjects(input),
    output,
  }) as unknown as Intent;

describe('numbers', () => {
  test('are by the name alone, and such that protobuf takes them', () =>
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(numberOf(name)).toBe(numberOf(name));
        expect(isFieldNumber(numberOf(name))).toBe(true);
      }),
    ));

  test('are these: they must never change', () =>
    expect(['order_id', 'amount', 'open'].map(numberOf)).toEqual([1287960, 20502980, 21559722]));

  const property = fc.stringMatching(/^[a-z]{1,8}$/);
  test('and names stay where they are when a member is added', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(property, { minLength: 1, maxLength: 8 }),
        fc.string(),
        fc.nat(8),
        (names, more, at) => {
          const schema = (all: string[]) => ({
            type: 'object',
            properties: Object.fromEntries(all.map((name) => [name, { type: 'string' }])),
          });
          const fields = (all: string[]) =>
            toProto([intentOf('a.b', schema(all))], library, 'p').rpcs[0]?.request.fields ?? [];
          const later = fields([...names.slice(0, at), more, ...names.slice(at)]);
          for (const { property: name, number, name: written } of fields(names))
            expect(later.find((one) => one.property === name)).toMatchObject({ number, name: written });
        },
      ),
    ));

  test('that two members would share are told, with the way out; "x-number" settles it', () => {
    const clash = {
      type: 'object',
      properties: {
        a: { type: 'string', 'x-number': 5 },
        b: { type: 'string', 'x-number': 5 },
        c: { 'x-number': 19_001 },
      },
    };
    expect(() => toProto([intentOf('a.b', clash)], library, 'p')).toThrow(
      'a.b@1, input: "a" and "b" would both have the number 5. Give one of them its own: "x-number: 1".\na.b@1, input/c: "x-number" is a whole number',
    );
  });
});

test('a list that is had item by item is a stream of items, of reads alone', () => {
  const output = {
    type: 'array',
    'x-stream': true,
    $defs: { a: { type: 'string' } },
    items: { type: 'object', properties: { a: { $ref: '#/$defs/a' } } },
  };
  const read = toProto([intentOf('a.list', { type: 'object' }, output)], library, 'p');
  expect(protoTexts(read).get('p/a/service.proto')).toContain('rpc List(ListRequest) returns (stream ListResponse)');
  expect(protoTexts(read).get('p/a/service.proto')).toContain(`optional string a = ${numberOf('a')};`);
  expect(protoDescriptors(read)[0]?.service[0]?.method[0]).toMatchObject({
    serverStreaming: true,
    clientStreaming: false,
  });
  const write = toProto([{ ...intentOf('a.list', { type: 'object' }, output), effect: 'write' }], library, 'p');
  expect(write.rpcs[0]).toMatchObject({ streams: false, response: { wraps: true } });
});

test('other intents coming and going move nothing of one', () => {
  const alone = (id: string) => catalogue.intents.filter((intent) => intent.id === id);
  for (const { intent, request, response } of model.rpcs) {
    const [rpc] = toProto(alone(intent.id), catalogue.library, 'acme').rpcs;
    const shape = ({ fullName, fields }: ProtoMessage) => [
      fullName,
      fields.map(({ name, number, shape: how, type }) => [name, number, how, type.kind]),
    ];
    expect([rpc?.path, shape(rpc?.request as ProtoMessage), shape(rpc?.response as ProtoMessage)]).toEqual([
      `/${intent.name.startsWith('corners.low') ? 'acme.corners.low_level.LowLevelService' : 'acme.corners.CornersService'}/${rpc?.method}`,
      shape(request),
      shape(response),
    ]);
  }
});

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [...fixedProtos().files].map(({ proto }) => proto).concat(protoDescriptors(model)),
  }),
);
const fits = (schema: JsonSchema) => {
  const validate = catalogue.library.validator(schema);
  return (value: unknown) => validate(value);
};
/** Through the bytes and back. */
const through = (message: ProtoMessage, value: unknown) => {
  const values = protoValues(message, fits);
  const descriptor = registry.getMessage(message.fullName);
  if (descriptor === undefined) throw new Error(`${message.fullName} is not there`);
  const lost: string[] = [];
  const wrong: FieldError[] = [];
  const bytes = toBinary(
    descriptor,
    fromJson(descriptor, values.toProto(value, (at) => lost.push(at)) as JsonValue, { registry }),
  );
  const json = toJson(descriptor, fromBinary(descriptor, bytes), { registry, useProtoFieldName: true });
  return { value: values.fromProto(json, (error) => wrong.push(error)), lost, wrong, json };
};
const requestOf = (id: string) => model.rpcs.find(({ intent }) => intent.id === id)?.request as ProtoMessage;
const responseOf = (id: string) => model.rpcs.find(({ intent }) => intent.id === id)?.response as ProtoMessage;

describe('values', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((one) => one.isWellFormed());
  // As JSON has them: it has no minus zero.
  const some = fc
    .jsonValue({ maxDepth: 3 })
    .filter((one) => JSON.stringify(one).isWellFormed())
    .map((one) => JSON.parse(JSON.stringify(one)) as unknown);
  const scalars = fc.record(
    {
      text,
      whole: fc.maxSafeInteger(),
      small: fc.integer(),
      real: fc.double({ noNaN: true, noDefaultInfinity: true }).map((real) => real + 0),
      yes: fc.boolean(),
      seal: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
      maybe: text,
      either: fc.oneof(text, fc.integer()),
      tags: fc.array(text),
      gaps: fc.array(fc.option(fc.integer()), { minLength: 1 }),
      matrix: fc.array(fc.array(fc.integer()), { minLength: 1 }),
      counts: fc.dictionary(text, fc.integer(), { minKeys: 1 }),
      free: fc.dictionary(text, some, { minKeys: 1 }),
      pinned: text,
    },
    { requiredKeys: ['text', 'whole', 'tags'] },
  );
  test('come back as they were', () =>
    fc.assert(
      fc.property(scalars, (value) => {
        expect(through(requestOf('corners.scalars@1'), value)).toMatchObject({
          value: JSON.parse(JSON.stringify(value)),
          lost: [],
          wrong: [],
        });
      }),
      { numRuns: 200 },
    ));

  test.each<[string, string, unknown]>([
    ['an alternative by what it is', 'corners.unions@2', { figure: { kind: 'square', side: 2 } }],
    ['a string among alternatives', 'corners.unions@2', { loose: 'a' }],
    ['a number among them', 'corners.unions@2', { loose: 3 }],
    ['a list among them', 'corners.unions@2', { loose: ['a', 'b'] }],
    ['an object among them', 'corners.unions@2', { loose: { a: 'x' } }],
    ['what may be null', 'corners.unions@2', { maybe_money: { amount: 0, currency: 'USD' } }],
    ['constants', 'corners.unions@2', { level: 'high' }],
    ['the empty string of an enum', 'corners.unions@2', { status: '' }],
    ['enum values that are alike', 'corners.unions@2', { status: 'in_transit' }],
    ['allOf', 'corners.unions@2', { both: { amount: 1, note: 'n' } }],
    ['an enum of numbers', 'corners.unions@2', { digits: 2 }],
    ['an enum of both', 'corners.unions@2', { mixed_enum: 1 }],
    [
      'a schema that refers to itself',
      'corners.recursive@1',
      { tree: { label: 'a', branches: [{ label: 'b' }] }, self: { node: { next: { next: {} } } } },
    ],
    ['a list of itself', 'corners.recursive@1', { endless: [[], [[]]] }],
    [
      'names that clash',
      'corners.names@1',
      {
        order_id: 'a',
        'order-id': 'b',
        orderId: 'c',
        '1st': 'd',
        _private: 'e',
        größe: 'f',
        status: 'on',
        Status: 'g',
        '': 'h',
      },
    ],
  ])('%s', (_, id, value) => expect(through(requestOf(id), value)).toMatchObject({ value, lost: [], wrong: [] }));

  test('of a list stand in the field "output", and none of a list is an empty one', () => {
    expect(through(responseOf('corners.unions@2'), [{ label: 'a' }])).toMatchObject({
      value: [{ label: 'a' }],
      json: { output: [{ label: 'a' }] },
    });
    expect(through(responseOf('corners.unions@2'), []).value).toEqual([]);
    expect(through(responseOf('corners.recursive-v2@1'), 'plain')).toMatchObject({ value: 'plain' });
    expect(through(responseOf('corners.scalars@1'), { anything: [1, null] })).toMatchObject({
      value: { anything: [1, null] },
    });
  });

  test('that do not fit are left out, with their place', () => {
    const value = {
      text: 1,
      whole: 1.5,
      small: 2 ** 40,
      single: 1e300,
      seal: '?',
      tags: ['a', 2],
      counts: { a: 'x', b: 2 },
      maybe: null,
      unknown: 1,
    };
    expect(through(requestOf('corners.scalars@1'), value)).toMatchObject({
      value: { tags: ['a'], counts: { b: 2 } },
      lost: ['/text', '/whole', '/small', '/single', '/seal', '/tags/1', '/counts/a'],
    });
    expect(through(requestOf('corners.unions@2'), { status: 'new', figure: { kind: 'line' } })).toMatchObject({
      value: {},
      lost: ['/figure', '/status'],
    });
  });

  test('that JSON cannot hold are told', () => {
    const values = protoValues(requestOf('corners.scalars@1'), fits);
    const wrong: FieldError[] = [];
    values.fromProto({ whole: '9007199254740993', real: 'NaN' }, (error) => wrong.push(error));
    expect(wrong).toEqual([
      { pointer: '/whole', detail: expect.stringContaining('2^53') },
      { pointer: '/real', detail: expect.stringContaining('number') },
    ]);
    const enums = protoValues(requestOf('corners.unions@2'), fits);
    expect(enums.fromProto({ status: 4711, level: 'LEVEL_UNSPECIFIED' }, (error) => wrong.push(error))).toEqual({});
    expect(wrong[2]).toEqual({ pointer: '/status', detail: '4711 is none of its values' });
  });
});
