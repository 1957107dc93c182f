import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../intents/load.ts';
import { readSources } from '../../intents/source.ts';

const load = (...texts: string[]) => {
  const read = texts.map((text, index) => readSources(`file-${index}.yaml`, text));
  const loaded = loadCatalogue(read.flatMap(({ sources }) => sources));
  return { ...loaded, findings: [...read.flatMap(({ findings }) => findings), ...loaded.findings] };
};

const refund = `intent: orders.refund
version: 2.1.0
title: Refund an order
effect: write
sinks: [/order_id]
examples:
  - refund order [order_id: A-1001]
  - ask: the customer wants her money back for A-1001
    input: { order_id: A-1001 }
input:
  type: object
  required: [order_id]
  properties:
    order_id: { $ref: "ontology:Order.id" }
    amount: { type: number }
call:
  backend: shop
  rest: POST /orders/{order_id}/refunds
  body: { amount: $.amount }
`;
const ontology = `ontology: shop
entities:
  Order: { id: { type: string, pattern: "^A-\\\\d{4}$" } }
types:
  Currency: { enum: [EUR, USD] }
`;

describe('a contract', () => {
  test('loads with its references, examples and binding', () => {
    const { catalogue, findings } = load(refund, ontology);
    expect(findings).toEqual([]);
    const intent = catalogue.find('orders.refund');
    expect(intent).toMatchObject({
      id: 'orders.refund@2',
      major: 2,
      sinks: ['/order_id'],
      call: { kind: 'rest', method: 'POST' },
    });
    expect(intent?.examples[0]).toEqual({
      text: 'refund order A-1001',
      annotations: [{ slot: 'order_id', value: 'A-1001', start: 13, end: 19 }],
      input: { order_id: 'A-1001' },
    });
    expect(intent?.input.additionalProperties).toBe(false);
  });

  test('two majors live side by side, and the newest answers to the bare name', () => {
    const { catalogue, findings } = load(refund, ontology, refund.replace('2.1.0', '1.4.0'));
    expect(findings).toEqual([]);
    expect(catalogue.find('orders.refund')?.version).toBe('2.1.0');
    expect(catalogue.find('orders.refund', 1)?.version).toBe('1.4.0');
    expect(catalogue.find('orders.refund', 3)).toBeUndefined();
  });
});

describe('every mistake is told with its place and what would be right', () => {
  test.each([
    [
      'an unknown key',
      ['effect: write', 'efect: write\neffect: write'],
      '4:1 intent.unknown-key "efect" is not known in the file. Did you mean "effect"?',
    ],
    [
      'a value of a list',
      ['effect: write', 'effect: wrte'],
      '4:9 intent.invalid "effect": Invalid option: expected one of "read"|"write"|"destructive". Did you mean "write"?',
    ],
    ['a missing key', ['title: Refund an order\n', ''], '1:1 intent.missing "title" is missing in the file.'],
    ['a bad version', ['2.1.0', 'v2'], '2:10 intent.invalid "version": a version is written like 2.1.0.'],
    [
      'a slot nobody knows',
      ['[order_id: A-1001]', '[order: A-1001]'],
      '7:5 intent.example "order" is not a property of the input. Did you mean "order_id"?',
    ],
    [
      'a stray bracket',
      ['[order_id: A-1001]', '[A-1001]'],
      '7:5 intent.example The example "refund order [A-1001]": a bracket is written [slot: value]; "[A-1001]" is not.',
    ],
    [
      'a reference to nothing',
      ['ontology:Order.id', 'ontology:Oder.id'],
      '14:17 intent.schema-ref "ontology:Oder.id" refers to nothing. Did you mean "ontology:Order.id"?',
    ],
    [
      'a keyword that is none',
      ['{ type: number }', '{ type: number, minimun: 0 }'],
      '15:29 intent.schema-keyword "minimun" is not a JSON Schema keyword. Did you mean "minimum"?',
    ],
    [
      'a type that is none',
      ['{ type: number }', '{ type: numbr }'],
      '15:15 intent.schema-malformed "numbr" is not a type. Did you mean "number"?',
    ],
    [
      'a pattern that does not compile',
      ['{ type: number }', '{ type: string, pattern: "(" }'],
      '15:29 intent.schema-pattern',
    ],
    [
      'a path slot without a property',
      ['{order_id}/refunds', '{order}/refunds'],
      '18:9 intent.binding {order} in the path is not a property of the input.',
    ],
    [
      'a path slot that may be absent',
      ['  required: [order_id]\n', ''],
      '17:9 intent.binding {order_id} in the path must be required in the input, or have a default.',
    ],
    [
      'a reference into nothing',
      ['$.amount', '$.amout'],
      '19:19 intent.binding $.amout refers to nothing in the input.',
    ],
    ['a write without sinks', ['sinks: [/order_id]\n', ''], '4:9 intent.sinks A write intent names its sinks'],
    [
      'a sink that is no input',
      ['[/order_id]', '[/order]'],
      '5:9 intent.sinks /order is not in the input. Did you mean "order_id"?',
    ],
    [
      'an undo that is none',
      ['effect: write', 'effect: write\nundo: orders.refnd'],
      '5:7 intent.undo "orders.refnd" is not an intent. Did you mean "orders.refund"?',
    ],
    [
      'an entity that is none',
      ['effect: write', 'effect: write\nentity: Ordr'],
      '5:9 intent.entity "Ordr" is not an entity of the ontology. Did you mean "Order"?',
    ],
    [
      'a required property that is none',
      ['required: [order_id]', 'required: [order_id, amout]'],
      '12:24 intent.required "amout" is required but is not a property. Did you mean "amount"?',
    ],
    ['YAML that is none', ['title: Refund an order', 'title: "Refund'], 'yaml.syntax'],
    [
      'an alias',
      ['title: Refund an order', 'title: &a x\ndescription: *a'],
      '4:14 yaml.alias Aliases are not taken: write out what *a stands for.',
    ],
    [
      'a duplicate key',
      ['title: Refund an order', 'title: x\ntitle: y'],
      '4:1 yaml.duplicate-key "title" stands twice in one map.',
    ],
  ] as const)('%s', (_name, [from, to], expected) => {
    expect(refund).toContain(from);
    const { findings } = load(refund.replace(from, to), ontology);
    const told = findings.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
    expect(told.join('\n')).toContain(expected);
  });

  test('all at once, over all files', () => {
    const { findings } = load(refund.replace('title:', 'titel:'), ontology.replace('enum', 'enumm'), 'nothing: here');
    expect(findings.map(({ file, code }) => [file, code])).toEqual([
      ['file-0.yaml', 'intent.missing'],
      ['file-0.yaml', 'intent.unknown-key'],
      ['file-2.yaml', 'file.kind'],
      ['file-1.yaml', 'ontology.schema-keyword'],
    ]);
  });

  test('the same name and major twice', () => {
    const { findings } = load(refund, ontology, refund.replace('2.1.0', '2.2.0'));
    expect(findings.map(({ file, message }) => `${file} ${message}`)).toEqual([
      'file-2.yaml orders.refund@2 is already defined in file-0.yaml:1. Two versions of one name need two majors.',
    ]);
  });
});

describe('a file that would hurt', () => {
  test.each([
    ['deep flow', `a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'yaml.too-deep'],
    ['deep blocks', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), 'yaml.too-deep'],
    ['too large', `a: ${'x'.repeat(5 * 1024 * 1024)}`, 'yaml.too-large'],
    ['an alias bomb', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]', 'yaml.alias'],
  ])('%s is refused at once', (_name, text, code) => {
    const started = process.cpuUsage();
    expect(readSources('bomb.yaml', text).findings[0]?.code).toBe(code);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
  });

  test('a key named __proto__ pollutes nothing', () => {
    load('intent: a.b\n__proto__: { polluted: yes }\n');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
