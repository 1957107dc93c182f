import { expect, test } from 'vitest';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';
import { contract } from './contracts.ts';

const input = (properties: object, required: readonly string[] = []) => ({ type: 'object', properties, required });
const string = { type: 'string' };
const now = input({ order_id: string, reason: { enum: ['damaged', 'other'] } }, ['order_id', 'reason']);
const before = input({ order: string, why: string }, ['order']);

const findings = (from: unknown, more: Readonly<Record<string, unknown>> = {}, ...others: string[]) => {
  const text = [contract({ version: '2.0.0', input: now, from: [from], ...more }), ...others].join('\n---\n');
  return loadCatalogue(readSources('contracts.yaml', text).sources).findings.map(
    ({ severity, message }) => `${severity}: ${message}`,
  );
};

test('what maps every required member from what is surely there loads', () => {
  expect(findings({ major: 1, input: before, map: { order_id: '$.order', reason: 'other' } })).toEqual([]);
});

test.each([
  {
    name: 'a reference to nothing',
    from: { major: 1, input: before, map: { order_id: '$.ordr', reason: 'other' } },
    says: 'error: $.ordr refers to nothing in the input of major 1.',
  },
  {
    name: 'a member that is none',
    from: { major: 1, input: before, map: { order_id: '$.order', raison: 'other', reason: 'other' } },
    says: 'error: "raison" is not a property of the input. Did you mean "reason"?',
  },
  {
    name: 'a constant that does not fit',
    from: { major: 1, input: before, map: { order_id: '$.order', reason: 'lost' } },
    says: 'error: This does not fit "reason" in major 2.',
  },
  {
    name: 'a required member that nothing fills',
    from: { major: 1, input: before, map: { order_id: '$.order' } },
    says: 'error: "reason" is required in major 2: map it to a constant, or to what major 1 requires.',
  },
  {
    name: 'a required member from what may be absent',
    from: { major: 1, input: input({ order: string }), map: { order_id: '$.order', reason: 'other' } },
    says: 'error: "order_id" is required in major 2',
  },
  {
    name: 'values that may not fit',
    from: {
      major: 1,
      input: input({ order: string, why: string }, ['order', 'why']),
      map: { order_id: '$.order', reason: '$.why' },
    },
    says: 'warning: Some of what $.why may be in major 1 does not fit "reason"',
  },
  {
    name: 'a major that is not earlier',
    from: { major: 2, input: before, map: { order_id: '$.order', reason: 'other' } },
    says: 'error: 2 is no major before 2.',
  },
])('$name', ({ from, says }) => {
  expect(
    findings(from).some((message) => message.startsWith(says)),
    findings(from).join('\n'),
  ).toBe(true);
});

test('a major that stands by itself is not taken over', () => {
  const from = { major: 1, input: before, map: { order_id: '$.order', reason: 'other' } };
  expect(findings(from, {}, contract())).toEqual([
    'error: Callers of major 1 are served by orders.refund@1: one of the two has to go.',
  ]);
});

test('what is to be used instead exists', () => {
  const from = { major: 1, input: before, map: { order_id: '$.order', reason: 'other' } };
  expect(findings(from, { deprecated: { since: '2026-11-01', use: 'orders.refnd@2' } })).toEqual([
    'error: "orders.refnd@2" is not an intent. Did you mean "orders.refund@2"?',
  ]);
  expect(findings(from, { deprecated: { since: 'soon' } })[0]).toMatch(/deprecated\.since/);
});
