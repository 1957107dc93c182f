import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Provenance } from '../../intents/contract.ts';
import type { Json } from '../../intents/json.ts';
import { bindingHash, confirmationText } from '../../policies/confirmations.ts';
import type { Asked } from '../../policies/types.ts';
import { asked, intent, principal, refund } from './set-up.ts';

describe('an approval is bound to what was shown', () => {
  const shown = asked();
  const hash = bindingHash(shown, 'bundle');
  const changes: Record<string, [Asked, string?]> = {
    'the tenant': [{ ...shown, principal: principal({ tenant: 'other' }) }],
    'the kind of caller': [{ ...shown, principal: principal({ type: 'agent' }) }],
    'the caller': [{ ...shown, principal: principal({ id: 'eve' }) }],
    'the intent': [{ ...shown, intent: intent('orders.get@2', 'read', {}) }],
    'the version of the contract': [{ ...shown, intent: { ...refund, version: '2.0.1' } }],
    'a value': [{ ...shown, input: { ...shown.input, amount: 20.01 } }],
    'the type of a value': [{ ...shown, input: { ...shown.input, amount: '20' } }],
    'one value more': [{ ...shown, input: { ...shown.input, note: '' } }],
    'one value less': [{ ...shown, input: { order_id: 'A-1', amount: 20 } }],
    'the purpose': [{ ...shown, purpose: { name: 'service', source: 'declared' } }],
    'no purpose': [{ ...shown, purpose: undefined }],
    'where a value came from': [{ ...shown, provenance: { ...shown.provenance, '/amount': 'model' } }],
    'one source less': [{ ...shown, provenance: {} }],
    'the policies': [shown, 'another bundle'],
  };
  test.each(Object.entries(changes))('%s changes it', (_name, [changed, bundle = 'bundle']) => {
    expect(bindingHash(changed, bundle)).not.toBe(hash);
  });

  test('the order of members does not, nor what was not shown', () => {
    const input = Object.fromEntries(Object.entries(shown.input).reverse());
    expect(bindingHash({ ...shown, input }, 'bundle')).toBe(hash);
    expect(bindingHash({ ...shown, context: { ...shown.context, now: new Date(0) } }, 'bundle')).toBe(hash);
    expect(hash).toMatch(/^[\w-]{43}$/);
  });
});

describe('what a person reads before saying yes', () => {
  const one = (value: Json, from: Provenance = 'user', title = 'Note') =>
    confirmationText('Refund an order', 'write', [{ pointer: '/note', title, value, from }]);

  test('names every value and where it came from', () => {
    expect(
      confirmationText('Erase a customer', 'destructive', [
        { pointer: '/id', title: 'Customer', value: 'C-1', from: 'input' },
        { pointer: '/deep', title: 'Deep', value: { a: [1, null] }, from: 'model' },
      ]),
    ).toBe(
      'Erase a customer (this cannot be taken back):\n  Customer: C-1 (given in the call)\n  Deep: {"a":[1,null]} (guessed by a language model)',
    );
  });

  test('says how much of a long value is not shown', () => {
    expect(one('x'.repeat(205))).toContain(`${'x'.repeat(200)}… (5 more characters)`);
    expect(one('😀'.repeat(201))).toContain(`${'😀'.repeat(200)}… (1 more characters)`);
  });

  test.each([
    ['a new line', 'ok (given in the call)\n  Amount: 1'],
    ['a carriage return', 'evil\rgood'],
    ['a line of Unicode', 'a\u2028b\u2029c'],
    ['text from right to left', 'abc\u202Edcba\u202C'],
    ['an isolate', '\u2066abc\u2069'],
    ['nothing to see', 'a\u200B\u2060\uFEFF\u00ADb'],
    ['a filler', 'a\u3164\u115F\uFFA0b'],
    ['tags', 'a\u{E0041}\u{E0042}'],
    ['half a character', 'a\uD800b'],
    ['colours of a terminal', '\u001B[31mred\u001B[0m'],
  ])('cannot be made to say something else by %s', (_name, value) => {
    for (const text of [
      one(value),
      one({ [value]: value }),
      one('x', 'user', value),
      confirmationText(value, 'write', []),
    ])
      expect(text.replace(/\n {2}/g, '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
    expect(one(value).split('\n')).toHaveLength(2);
  });

  test('has as many lines as values, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.jsonValue(),
        (title, name, value) => {
          const text = confirmationText(title, 'write', [
            { pointer: '/x', title: name, value: value as Json, from: 'user' },
          ]);
          expect(text.split('\n')).toHaveLength(2);
          expect(text.replace('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        },
      ),
      { numRuns: 300 },
    );
  });
});
