import { expect, test } from 'vitest';
import { nearestExamples } from '../../../intents/resolve/nearest-examples.ts';

const examples = ['refund order A-1', 'give me my money back', 'I want to return the jacket', 'Geld zurück bitte'];

test.each([
  ['can I get the money back', 'give me my money back'],
  ['returning a jacket', 'I want to return the jacket'],
  ['bitte das Geld', 'Geld zurück bitte'],
  ['orders', 'refund order A-1'],
])('%s is nearest to %s', (text, nearest) => {
  expect(nearestExamples(examples, text, 2)[0]).toBe(nearest);
});

test('with nothing in common the first are shown, and never more than asked for', () => {
  expect(nearestExamples(examples, '🜂', 2)).toEqual(examples.slice(0, 2));
  expect(nearestExamples(examples, '', 9)).toEqual(examples);
  expect(nearestExamples([], 'refund', 2)).toEqual([]);
});
