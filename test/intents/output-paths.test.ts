import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadSetup } from '../../gateway/setup.ts';
import type { Intent } from '../../intents/contract.ts';
import type { JsonSchema } from '../../intents/json.ts';
import { memberPaths, unknownMembers } from '../../intents/output-paths.ts';
import { wantedMembers } from '../../intents/wanted-members.ts';

const { setup } = await loadSetup('examples/shop', {});
if (setup === undefined) throw new Error('the shop does not load');
const { intents, library } = setup.catalogue;
const { resolveRef } = library;
const withOutput = (output: JsonSchema): Intent => ({ ...(intents[0] as Intent), output });

test('what can be named is taken, and nothing else', () => {
  for (const intent of intents) {
    const paths = memberPaths(intent.output, resolveRef) ?? [];
    expect([intent.id, paths.length > 0]).toEqual([intent.id, true]);
    const pointers = paths.map((path) => `/${path}`);
    expect(unknownMembers(intent, pointers, resolveRef)).toEqual([]);
    const strange = fc.stringMatching(/^[a-z_]{1,12}$/).filter((name) => !paths.includes(name));
    fc.assert(
      fc.property(strange, (name) => {
        expect(unknownMembers(intent, [`/${name}`], resolveRef)).toHaveLength(1);
      }),
      { numRuns: 20 },
    );
  }
});

const tree: JsonSchema = {
  type: 'object',
  properties: {
    list: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
    n: { type: 'integer' },
  },
};
test.each([
  ['/list/id', []],
  ['/list/*/id', []],
  ['/list/0/id', []],
  ['/list/0', []],
  ['', []],
  ['/list/ib', ['/list has no "ib". Did you mean "id"?']],
  ['/n/more', ['/n has no "more".']],
  ['/lst', ['The output has no "lst". Did you mean "list"?']],
  ['/constructor', ['The output has no "constructor".']],
  ['/__proto__/x', ['The output has no "__proto__".']],
])('of a closed output "%s"', (pointer, details) =>
  expect(unknownMembers(withOutput(tree), [pointer], resolveRef).map(({ detail }) => detail)).toEqual(details),
);

test.each<[string, JsonSchema]>([
  ['a free object', { type: 'object' }],
  ['one that takes more', { ...tree, additionalProperties: { type: 'string' } }],
  ['alternatives', { oneOf: [tree, { type: 'object', properties: { x: {} } }] }],
])('of %s any name may be', (_, output) => {
  expect(unknownMembers(withOutput(output), ['/anything/below'], resolveRef)).toEqual([]);
  expect(memberPaths(output, resolveRef)).toBeUndefined();
});

test.each([
  ['what is the status of it', ['/id', '/status']],
  ['STATUS and totals', ['/id', '/status', '/total']],
  ['when was it placed at', ['/id', '/placed_at']],
  ['show it', undefined],
  ['statuslessness', undefined],
])('"%s" names %j', (text, pointers) => {
  const order = intents.find(({ name }) => name === 'orders.get') as Intent;
  expect(wantedMembers(text, order, resolveRef)).toEqual(pointers);
});
