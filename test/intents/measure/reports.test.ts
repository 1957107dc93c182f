import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tierFigures } from '../../../intents/resolve/measure/by-tier.ts';
import { compareFigures } from '../../../intents/resolve/measure/compare.ts';
import { confusions, confusionTable, labelFigures } from '../../../intents/resolve/measure/confusion.ts';
import { missedFloors, parseFloors } from '../../../intents/resolve/measure/floors.ts';
import { stratifiedFolds } from '../../../intents/resolve/measure/folds.ts';
import type { Judged } from '../../../intents/resolve/measure/judged.ts';
import { sameSpan, slotFigures } from '../../../intents/resolve/measure/slots.ts';
import { confusedPairs, contradictions, suspects } from '../../../intents/resolve/measure/suspects.ts';
import { worst } from '../../../intents/resolve/measure/worst.ts';

const row = (expected: string | null, answer: string | null, confidence = 0.5, text = 'x'): Judged => ({
  text,
  expected,
  candidates: [{ label: answer ?? 'a', confidence }],
  scope: confidence,
  under: answer === null,
  answer,
  tier: confidence > 0.8 ? 'builtin' : 'encoder',
  micros: 1,
});

describe('confusion', () => {
  const judged = [row('a', 'b'), row('a', 'b'), row('a', 'a'), row('b', 'a'), row('c', null), row(null, 'c')];
  test('pairs, the most frequent first', () =>
    expect(confusions(judged)).toEqual([
      { expected: 'a', answer: 'b', count: 2, share: 2 / 3 },
      { expected: null, answer: 'c', count: 1, share: 1 },
      { expected: 'b', answer: 'a', count: 1, share: 1 },
      { expected: 'c', answer: null, count: 1, share: 1 },
    ]));
  test('the table has the most confused, and sums up the rest', () =>
    expect(confusionTable(judged, 2)).toEqual({
      columns: ['a', 'b'],
      rows: [
        { label: 'a', counts: [1, 2], refused: 0, others: 0 },
        { label: 'b', counts: [1, 0], refused: 0, others: 0 },
        { label: null, counts: [0, 0], refused: 0, others: 1 },
      ],
    }));
  test('labels, the worst first', () =>
    expect(labelFigures(judged)[0]).toEqual({ label: 'b', count: 1, recall: 0, precision: 0 }));
});

test('worst: confident answers first, then refusals; with the place of the right one', () => {
  const far = {
    ...row('a', 'b', 0.9, 'far'),
    candidates: [
      { label: 'b', confidence: 0.9 },
      { label: 'a', confidence: 0.1 },
    ],
  };
  expect(worst([row('a', 'a'), row('a', 'b', 0.6, 'near'), row('a', null, 0.1, 'refused'), far], 3)).toEqual([
    { text: 'far', expected: 'a', answer: 'b', confidence: 0.9, scope: 0.9, rank: 2 },
    { text: 'near', expected: 'a', answer: 'b', confidence: 0.6, scope: 0.6, rank: null },
    { text: 'refused', expected: 'a', answer: null, confidence: 0.1, scope: 0.1, rank: 1 },
  ]);
});

test('each tier has its share', () =>
  expect(
    tierFigures([row('a', 'a', 0.9), row('a', 'a', 0.95), row('a', 'b', 0.4)], ['builtin', 'encoder', 'model']),
  ).toEqual([
    { tier: 'builtin', share: 2 / 3, accuracy: 1, ece: expect.closeTo(0.075, 10) },
    { tier: 'encoder', share: 1 / 3, accuracy: 0, ece: 0.4 },
    { tier: 'model', share: 0, accuracy: null, ece: null },
  ]));

describe('floors', () => {
  const known = ['accuracy', 'ece', 'oos_recall'];
  test('at least, and at most for what is better small', () => {
    const floors = parseFloors('accuracy=0.9, ece=.03,oos_recall=0.7', known);
    expect(missedFloors(floors, { accuracy: 0.9, ece: 0.04, oos_recall: null })).toEqual([
      { figure: 'ece', limit: 0.03, value: 0.04 },
      { figure: 'oos_recall', limit: 0.7, value: null },
    ]);
  });
  test.each([
    { written: 'accuracy', says: '"accuracy" is not written like accuracy=0.9' },
    { written: 'acuracy=1', says: 'there is no figure "acuracy". Did you mean "accuracy"?' },
    { written: 'accuracy=0.9,', says: '"" is not written like' },
    { written: 'accuracy=.', says: 'is not written like' },
  ])('$written', ({ written, says }) => expect(() => parseFloors(written, known)).toThrow(says));
});

test('an earlier run: what is a number in both, and which way is better', () =>
  expect(
    compareFigures(
      { accuracy: 0.8, ece: 0.02, p50_us: 100, gone: 1, tiers: ['a'] },
      { accuracy: 0.9, ece: 0.03, p50_us: 100, added: 1, tiers: [] },
    ),
  ).toEqual([
    { figure: 'accuracy', before: 0.8, now: 0.9, verdict: 'better' },
    { figure: 'ece', before: 0.02, now: 0.03, verdict: 'worse' },
    { figure: 'p50_us', before: 100, now: 100, verdict: 'same' },
  ]));

describe('slots', () => {
  const at = (slot: string, start: number, end: number) => ({ slot, start, end });
  test('name, start and end must be right', () =>
    expect(
      slotFigures(
        [
          { expected: [at('to', 0, 4), at('on', 5, 8)], read: [at('to', 0, 4), at('on', 5, 9)] },
          { expected: [], read: [] },
        ],
        sameSpan,
      ),
    ).toEqual({
      f1: 0.5,
      precision: 0.5,
      recall: 0.5,
      exact: 0.5,
      slots: [
        { slot: 'on', count: 1, f1: 0 },
        { slot: 'to', count: 1, f1: 1 },
      ],
    }));
  test('the same slot read twice is right once', () =>
    expect(slotFigures([{ expected: [at('a', 0, 1)], read: [at('a', 0, 1), at('a', 0, 1)] }], sameSpan)).toMatchObject({
      precision: 0.5,
      recall: 1,
    }));
  test('nothing to read', () => expect(slotFigures([], sameSpan)).toMatchObject({ f1: 1, exact: 1 }));
});

test('folds hold every text out once, each label spread evenly', () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2 }),
      fc.integer({ min: 2, max: 5 }),
      (labels, count) => {
        const folds = stratifiedFolds(labels, count);
        if (folds.length < count) return;
        expect(folds.flatMap(({ held }) => held).sort((a, b) => a - b)).toEqual(labels.map((_, index) => index));
        for (const { train, held } of folds) expect(new Set([...train, ...held]).size).toBe(labels.length);
        for (const label of ['a', 'b', 'c']) {
          const sizes = folds.map(({ held }) => held.filter((index) => labels[index] === label).length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        }
      },
    ),
  ));

describe('what looks wrong with the examples', () => {
  test('pairs that are taken for one another, either way', () => {
    const held = [row('b', 'a', 0.9, 'one'), row('a', 'b', 0.9, 'two'), row('a', 'a'), row('c', 'a', 0.9)];
    expect(confusedPairs(held, 5)).toEqual([
      {
        labels: ['a', 'b'],
        count: 2,
        share: 2 / 3,
        texts: [
          { text: 'one', expected: 'b', answer: 'a' },
          { text: 'two', expected: 'a', answer: 'b' },
        ],
      },
    ]);
  });
  test('examples that all the others speak against', () =>
    expect(suspects([row('a', 'b', 0.95, 'sure'), row('a', 'b', 0.5, 'unsure'), row('a', 'a', 1)], 0.9, 5)).toEqual([
      { text: 'sure', label: 'a', looksLike: 'b', confidence: 0.95 },
    ]));
  test('the same words under two labels', () =>
    expect(
      contradictions([
        { text: 'Hello there!', label: 'b' },
        { text: 'hello  there', label: 'a' },
        { text: 'hello there', label: 'a' },
        { text: 'bye', label: 'c' },
      ]),
    ).toEqual([{ text: 'Hello there!', labels: ['a', 'b'] }]));
});
