import { expect, test } from 'vitest';
import type { Intent } from '../../../intents/contract.ts';
import type { JsonSchema } from '../../../intents/json.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';
import { compileBackward } from '../../../intents/versions/backward.ts';
import { contract } from './contracts.ts';

const string = { type: 'string' };
const input = { type: 'object', required: ['order_id'], properties: { order_id: string } };
const now = {
  type: 'object',
  required: ['refund_id', 'money'],
  properties: {
    refund_id: string,
    money: { type: 'object', properties: { amount: { type: 'number' } } },
    state: { enum: ['done', 'waiting'] },
    note: string,
  },
};
const then = (properties: Record<string, JsonSchema>, required: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
});
const loaded = (output: JsonSchema, answer: object | undefined, own: object = now) => {
  const from = [{ major: 1, input, output, ...(answer && { answer }) }];
  const text = contract({ version: '2.0.0', input, output: own, from });
  return loadCatalogue(readSources('contracts.yaml', text).sources);
};
const findings = (...asked: Parameters<typeof loaded>) =>
  loaded(...asked).findings.map(({ severity, message }) => `${severity}: ${message}`);

test('an answer in the words of the earlier major, by name, by reference and by constant', () => {
  const { catalogue, findings: found } = loaded(
    then({ id: string, amount: { type: 'number' }, note: string, currency: string }, ['id', 'currency']),
    { id: '$.refund_id', amount: '$.money.amount', currency: 'EUR' },
  );
  expect(found).toEqual([]);
  const { from } = catalogue.intents[0] as Intent;
  const back = from?.[0] && compileBackward(from[0], catalogue.library);
  expect(back?.({ refund_id: 'R-1', money: { amount: 2 }, state: 'done', note: 'n' })).toEqual({
    id: 'R-1',
    amount: 2,
    note: 'n',
    currency: 'EUR',
  });
  // What a policy hides is not there, and stays hidden.
  expect(back?.({ refund_id: 'R-1' })).toEqual({ id: 'R-1', currency: 'EUR' });
  expect(back?.(null)).toBeNull();
});

test('of a list, each item', () => {
  const { catalogue, findings: found } = loaded(
    { type: 'array', items: then({ id: string }) },
    { id: '$.refund_id' },
    { type: 'array', items: now },
  );
  expect(found).toEqual([]);
  const { from } = catalogue.intents[0] as Intent;
  const back = from?.[0] && compileBackward(from[0], catalogue.library);
  expect(back?.([{ refund_id: 'a' }, { refund_id: 'b' }])).toEqual([{ id: 'a' }, { id: 'b' }]);
});

test.each<[string, JsonSchema, object | undefined, string]>([
  [
    'a reference to nothing',
    then({ id: string }),
    { id: '$.refnd_id' },
    'error: $.refnd_id refers to nothing in the output of major 2. Did you mean "refund_id"?',
  ],
  [
    'a member that is none',
    then({ identifier: string }),
    { identifer: '$.refund_id' },
    'error: "identifer" is not a property of the output of major 1. Did you mean "identifier"?',
  ],
  [
    'a constant that does not fit',
    then({ n: { type: 'number' } }),
    { n: 'x' },
    'error: This does not fit "n" in major 1.',
  ],
  [
    'values that they do not know',
    then({ state: { enum: ['done'] } }),
    undefined,
    'warning: Some of what $.state may be in major 2 does not fit "state" in major 1.',
  ],
  [
    'what they are promised, and may not get',
    then({ note: string }, ['note']),
    undefined,
    'warning: "note" is required in the output of major 1, and may not be there: fill it with a constant, or with what major 2 requires.',
  ],
  [
    'a list for what is none',
    { type: 'array', items: now },
    undefined,
    'error: The output of major 2 is no list, and this is one.',
  ],
])('%s is told', (_, output, answer, message) => expect(findings(output, answer)).toEqual([message]));

test('"answer" needs "output"', () => {
  const text = contract({
    version: '2.0.0',
    input,
    output: now,
    from: [{ major: 1, input, answer: { id: '$.refund_id' } }],
  });
  expect(loadCatalogue(readSources('contracts.yaml', text).sources).findings).toMatchObject([
    { message: expect.stringContaining('"answer" needs "output"') },
  ]);
});
