import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadSetup } from '../../../gateway/setup.ts';
import type { Catalogue } from '../../../intents/catalogue.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { intentOfMcpName, isCompact, mcpName, mcpTools, toMcpTools } from '../../../intents/project/mcp.ts';
import { readSources } from '../../../intents/source.ts';

const catalogue = (text: string): Catalogue => {
  const { catalogue: found, findings } = loadCatalogue(readSources('intents.yaml', text.replace(/---\n$/, '')).sources);
  expect(findings).toEqual([]);
  return found;
};
const intent = (name: string, more = '', version = '1.0.0') =>
  `intent: ${name}\nversion: ${version}\ntitle: A title\neffect: read\ncall: { backend: b, mcp: t }\n${more || 'input: { type: object }'}\n---\n`;

test('the tools of the example are as they were reviewed (UPDATE_GOLDEN=1 rewrites them)', async () => {
  const { setup } = await loadSetup('examples/shop', {});
  if (setup === undefined) throw new Error('the shop does not load');
  const { intents } = setup.catalogue;
  const text = `${JSON.stringify({ tools: mcpTools(intents, setup.catalogue, intents.length) }, null, 2)}\n`;
  const golden = join(import.meta.dirname, 'golden/shop-tools.json');
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
});

test('many intents are shown by the compact tools, in few words whatever their number', async () => {
  const { setup } = await loadSetup('examples/shop', {});
  if (setup === undefined) throw new Error('the shop does not load');
  const { intents } = setup.catalogue;
  expect([isCompact(40, 40), isCompact(41, 40)]).toEqual([false, true]);
  const tools = mcpTools(intents, setup.catalogue, 3);
  expect(tools.map(({ name }) => name)).toEqual(['search', 'describe', 'call', 'ask']);
  expect(JSON.stringify(tools).length).toBeLessThan(3_000);
});

describe('names', () => {
  test('of the newest are plain, of majors before it say which', () => {
    const { intents, find } = catalogue(intent('a.b') + intent('a.b', '', '2.1.0') + intent('a.b-c.d'));
    expect(intents.map((one) => mcpName(one, find))).toEqual(['a_b-c_d', 'a_b__v1', 'a_b']);
  });

  const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/);
  const name = fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('.'));
  const major = fc.option(fc.nat(99), { nil: undefined });
  const written = (plain: string, of: number | undefined) =>
    plain.replaceAll('.', '_') + (of === undefined ? '' : `__v${of}`);

  test('lead back to the intent, and no two meet', () => {
    fc.assert(
      fc.property(name, major, name, major, (a, aMajor, b, bMajor) => {
        expect(intentOfMcpName(written(a, aMajor))).toEqual({ name: a, major: aMajor });
        if (a !== b || aMajor !== bMajor) expect(written(a, aMajor)).not.toBe(written(b, bMajor));
        expect(['ask', 'search', 'describe', 'call']).not.toContain(written(a, aMajor));
      }),
    );
  });

  test('of nothing lead to nothing that an intent can be called', () => {
    fc.assert(
      fc.property(fc.string(), (any) => {
        expect(typeof intentOfMcpName(any).name).toBe('string');
      }),
    );
  });
});

describe('schemas', () => {
  const shared = `ontology: world
entities:
  Thing: { id: { type: string, pattern: "^T-\\\\d+$", x-class: personal } }
types:
  Tree: { type: object, properties: { x-left: { $ref: "ontology:Tree" }, thing: { $ref: "ontology:Thing.id" } } }
---
`;
  const [tool] = (() => {
    const found = catalogue(
      shared +
        intent(
          'a.b',
          `input:
  $schema: https://json-schema.org/draft/2020-12/schema
  type: object
  required: [tree]
  $defs: { own: { enum: [{ x-kept: 1 }] } }
  properties:
    tree: { $ref: "ontology:Tree" }
    own: { $ref: "#/$defs/own", default: { x-kept: 1 } }
output:
  type: object
  required: [id]
  properties: { id: { $ref: "ontology:Thing.id", description: Its number. }, list: { type: array, items: { type: object, properties: { n: { type: integer } } } } }`,
        ),
    );
    return toMcpTools(found.intents, found);
  })();

  test('stand alone, keep what JSON Schema 2020-12 says, and leave out what is ours', () => {
    expect(tool?.inputSchema).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['tree'],
      additionalProperties: false,
      $defs: {
        own: { enum: [{ 'x-kept': 1 }] },
        'ontology.Thing.id': { type: 'string', pattern: '^T-\\d+$' },
        'ontology.Tree': {
          type: 'object',
          properties: { 'x-left': { $ref: '#/$defs/ontology.Tree' }, thing: { $ref: '#/$defs/ontology.Thing.id' } },
        },
      },
      properties: {
        tree: { $ref: '#/$defs/ontology.Tree' },
        own: { $ref: '#/$defs/own', default: { 'x-kept': 1 } },
      },
    });
  });

  test('of outputs name members and say what they mean, and hold for anything an answer can be', () => {
    expect(tool?.outputSchema).toEqual({
      type: 'object',
      properties: {
        id: { description: 'Its number.' },
        list: { items: { properties: { n: {} } } },
      },
    });
    const validate = new Ajv2020({ strict: false }).compile(tool?.outputSchema ?? {});
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('id', 'list', 'n', 'result'), fc.jsonValue()), (answer) => {
        expect(validate(answer)).toBe(true);
      }),
    );
  });

  test('of inputs are taken by a strict validator', () => {
    expect(() =>
      new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(tool?.inputSchema ?? {}),
    ).not.toThrow();
  });

  test('of an output that is no object are left out', () => {
    const found = catalogue(intent('a.b', 'input: { type: object }\noutput: { type: array }'));
    expect(toMcpTools(found.intents, found)[0]).not.toHaveProperty('outputSchema');
  });
});

test.each([
  { effect: 'read', hints: [true, false] },
  { effect: 'write', hints: [false, false] },
  { effect: 'destructive', hints: [false, true] },
])('an effect is told by hints: $effect', ({ effect, hints }) => {
  const found = catalogue(intent('a.b').replace('effect: read', `effect: ${effect}\nsinks: []`));
  const [{ annotations } = {}] = toMcpTools(found.intents, found);
  expect([annotations?.readOnlyHint, annotations?.destructiveHint]).toEqual(hints);
});
