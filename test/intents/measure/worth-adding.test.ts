import { expect, test } from 'vitest';
import { type Heard, worthAdding } from '../../../intents/resolve/measure/worth-adding.ts';

const options = {
  withinMs: 120_000,
  sure: 0.8,
  takes: (intent: string, words: string) => intent !== 'gone' && words !== 'known',
};
let clock = 0;
const later = (ms: number): number => {
  clock += ms;
  return clock;
};
const heard = (more: Partial<Heard>): Heard => ({
  at: later(1_000),
  who: 'dana',
  kind: 'words',
  words: undefined,
  intent: undefined,
  outcome: 'completed',
  confidence: undefined,
  tier: 'builtin',
  confirmation: undefined,
  ...more,
});
const lost = (words: string, more: Partial<Heard> = {}) => heard({ words, outcome: 'out_of_scope', ...more });
const typed = (intent: string, more: Partial<Heard> = {}) => heard({ kind: 'typed', intent, ...more });

test.each<{ name: string; log: () => Heard[]; found: [string, string, string][] }>([
  {
    name: 'not understood, then called typed',
    log: () => [lost('money back'), typed('refund')],
    found: [['money back', 'refund', 'typed']],
  },
  {
    name: 'asked which, then called typed',
    log: () => [heard({ words: 'money', outcome: 'clarify' }), typed('refund')],
    found: [['money', 'refund', 'typed']],
  },
  {
    name: 'a question about a field is no misunderstanding',
    log: () => [heard({ words: 'refund', intent: 'refund', outcome: 'clarify', confidence: 0.99 }), typed('refund')],
    found: [],
  },
  { name: 'somebody else called it', log: () => [lost('money back'), typed('refund', { who: 'aram' })], found: [] },
  { name: 'much later', log: () => [lost('money back'), typed('refund', { at: later(600_000) })], found: [] },
  { name: 'the call failed', log: () => [lost('money back'), typed('refund', { outcome: 'failed' })], found: [] },
  {
    name: 'said otherwise and done',
    log: () => [lost('money back'), heard({ words: 'I want my money', intent: 'refund', confidence: 0.95 })],
    found: [['money back', 'refund', 'rephrased']],
  },
  {
    name: 'asked for something else next',
    log: () => [
      lost('what is the weather'),
      heard({ words: 'what is in order A-1001', intent: 'orders', confidence: 0.95 }),
    ],
    found: [],
  },
  {
    name: 'did something else in between',
    log: () => [lost('money back'), typed('orders', { outcome: 'denied' }), typed('refund')],
    found: [],
  },
  {
    name: 'said yes to what was hardly understood',
    log: () => [
      heard({ words: 'back with it', intent: 'refund', outcome: 'confirm', confidence: 0.6, confirmation: 'c1' }),
      heard({ kind: 'answer', intent: 'refund', confirmation: 'c1' }),
    ],
    found: [['back with it', 'refund', 'confirmed']],
  },
  {
    name: 'said no',
    log: () => [
      heard({ words: 'back with it', intent: 'refund', outcome: 'confirm', confidence: 0.6, confirmation: 'c2' }),
      heard({ kind: 'answer', outcome: 'declined', confirmation: 'c2' }),
    ],
    found: [],
  },
  {
    name: 'done, unsurely',
    log: () => [heard({ words: 'eh', intent: 'orders', confidence: 0.62 })],
    found: [['eh', 'orders', 'unsure']],
  },
  { name: 'done, surely', log: () => [heard({ words: 'orders', intent: 'orders', confidence: 0.93 })], found: [] },
  { name: 'no longer there', log: () => [lost('x'), typed('gone')], found: [] },
  { name: 'already an example', log: () => [lost('known'), typed('refund')], found: [] },
])('$name', ({ log, found }) =>
  expect(worthAdding(log(), options).map(({ words, intent, why }) => [words, intent, why])).toEqual(found),
);

test('the strongest reason first, the same words counted', () => {
  const log = [
    heard({ words: 'eh', intent: 'orders', confidence: 0.6 }),
    heard({ words: 'Eh!', intent: 'orders', confidence: 0.6 }),
    lost('money back'),
    typed('refund'),
  ];
  expect(worthAdding(log, options)).toEqual([
    { words: 'money back', intent: 'refund', why: 'typed', times: 1 },
    { words: 'eh', intent: 'orders', why: 'unsure', times: 2 },
  ]);
});
