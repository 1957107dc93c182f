import { expect, test } from 'vitest';
import { loadCatalogue } from '../../intents/load.ts';
import { readSources } from '../../intents/source.ts';

const text = (write: string, read = 'effect: read') => `intent: a.pay
version: 1.0.0
title: Pay
effect: write
sinks: []
${write}
input: { type: object, properties: { amount: { type: number }, to: { type: string } } }
call: { backend: b, rest: POST /pay }
---
intent: a.paid
version: 1.0.0
title: Was it paid
${read}
input: { type: object, required: [idempotency_key, to], properties: { idempotency_key: { type: string }, to: { type: string }, kind: { type: string, default: x } } }
call: { backend: b, rest: "GET /paid/{idempotency_key}" }
`;
const load = (written: string) => {
  const { sources } = readSources('a.yaml', written);
  const { catalogue, findings } = loadCatalogue(sources);
  return {
    pay: catalogue.find('a.pay'),
    errors: findings.filter(({ severity }) => severity === 'error').map(({ line, message }) => `${line}: ${message}`),
  };
};

test.each([
  { written: '', contract: {} },
  { written: 'idempotent: true', contract: { idempotent: true } },
  { written: 'check: a.paid', contract: { check: { intent: 'a.paid' } } },
  {
    written: 'check: { intent: a.paid, done: $.state.paid }',
    contract: { check: { intent: 'a.paid', done: ['state', 'paid'] } },
  },
])('"$written" is how a write is found out about', ({ written, contract }) => {
  const { pay, errors } = load(text(written));
  expect(errors).toEqual([]);
  expect({ ...(pay?.idempotent && { idempotent: true }), ...(pay?.check && { check: pay.check }) }).toEqual(contract);
});

test.each([
  {
    name: 'an intent that is not there',
    written: text('check: a.payd'),
    error: /^6: "a\.payd" is not an intent\. Did you mean "a\.pay/,
  },
  {
    name: 'a write',
    written: text('check: a.paid', 'effect: write\nsinks: []'),
    error: /^6: "a\.paid" must be a read/,
  },
  {
    name: 'one that wants more than there is',
    written: text('check: a.paid')
      .replace('required: [idempotency_key, to]', 'required: [idempotency_key, kind, who]')
      .replace('kind: {', 'who: { type: string }, kind: {'),
    error: /^6: "a\.paid" needs "who", which a\.pay does not have/,
  },
  { name: 'for a read', written: text('', 'effect: read\nidempotent: true'), error: /^14: a\.paid only reads/ },
  {
    name: 'a path that is none',
    written: text('check: { intent: a.paid, done: paid }'),
    error: /^6: .*a path is written like/,
  },
])('a way to check cannot be $name', ({ written, error }) => {
  expect(load(written).errors).toEqual([expect.stringMatching(error)]);
});
