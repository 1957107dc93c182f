import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auroc } from '../../../intents/resolve/measure/auroc.ts';
import { calibrationError, reliability } from '../../../intents/resolve/measure/calibration.ts';
import { atLine, coverageAt, leastPrecision, lineFor } from '../../../intents/resolve/measure/coverage.ts';
import { figuresOf } from '../../../intents/resolve/measure/figures.ts';
import type { Judged, Said } from '../../../intents/resolve/measure/judged.ts';
import { quantile } from '../../../intents/resolve/measure/quantile.ts';

const said = (...all: readonly (readonly [number, boolean])[]): Said[] =>
  all.map(([confidence, right]) => ({ confidence, right }));
const anySaid = fc.array(fc.record({ confidence: fc.double({ min: 0, max: 1, noNaN: true }), right: fc.boolean() }));

describe('auroc', () => {
  test.each([
    { name: 'perfect', above: [0.9, 0.8], below: [0.1, 0.2], area: 1 },
    { name: 'the wrong way round', above: [0.1], below: [0.9], area: 0 },
    { name: 'all the same: a coin', above: [0.5, 0.5, 0.5], below: [0.5, 0.5], area: 0.5 },
    { name: 'one pair of four ties', above: [0.9, 0.5], below: [0.5, 0.1], area: 0.875 },
    { name: 'nobody below', above: [1], below: [], area: undefined },
    { name: 'nobody above', above: [], below: [1], area: undefined },
  ])('$name', ({ above, below, area }) => expect(auroc(above, below)).toBe(area));

  test('is the share of pairs in the right order, ties counting half', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(scores, scores, (above, below) => {
        const pairs = above.flatMap((a) => below.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
        const mean = pairs.reduce<number>((sum, one) => sum + one, 0) / pairs.length;
        expect(auroc(above, below)).toBeCloseTo(mean, 10);
      }),
    );
  });
});

describe('calibration', () => {
  test('nine in ten at 0.9 is no error, all wrong at 1 is all error', () => {
    const honest = Array.from({ length: 10 }, (_, index): Said => ({ confidence: 0.9, right: index > 0 }));
    expect(calibrationError(honest)).toBeCloseTo(0, 10);
    expect(calibrationError(said([1, false], [1, false]))).toBe(1);
    expect(calibrationError([])).toBeUndefined();
  });
  test('bins weigh by what is in them', () =>
    expect(calibrationError(said([1, true], [1, true], [1, true], [0.5, false]))).toBeCloseTo(0.125, 10));
  test('confidence 1 is in the last bin, and every one is in one', () => {
    expect(reliability(said([1, true]))).toEqual([{ from: 14 / 15, to: 1, count: 1, confidence: 1, accuracy: 1 }]);
    fc.assert(
      fc.property(anySaid, (all) => {
        expect(reliability(all).reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
      }),
    );
  });
});

describe('coverage', () => {
  const rows = said([0.9, true], [0.8, true], [0.7, false], [0.6, true], [0.5, true]);
  test.each([
    { precision: 1, coverage: 0.4, confidence: 0.8 },
    { precision: 0.8, coverage: 1, confidence: 0.5 },
    { precision: 0.75, coverage: 1, confidence: 0.5 },
  ])('at $precision', ({ precision, coverage, confidence }) =>
    expect(coverageAt(rows, precision)).toMatchObject({ coverage, confidence }),
  );
  test('nothing is good enough', () =>
    expect(coverageAt(said([1, false], [0.5, true]), 0.9)).toEqual({ confidence: 1, coverage: 0, precision: 1 }));
  test('what is equally confident stands together', () =>
    expect(coverageAt(said([0.9, true], [0.9, false]), 0.99).coverage).toBe(0));
  test('what it says holds at the line it names', () =>
    fc.assert(
      fc.property(anySaid, fc.double({ min: 0, max: 1, noNaN: true }), (all, precision) => {
        const { confidence, coverage } = coverageAt(all, precision);
        if (coverage === 0) return;
        expect(atLine(all, confidence).coverage).toBe(coverage);
        expect(atLine(all, confidence).precision).toBeGreaterThanOrEqual(precision - 1e-9);
      }),
    ));
  test('the lowest line for a target, of points that were measured', () => {
    const points = [
      { confidence: 0.5, coverage: 0.9, precision: 0.95 },
      { confidence: 0.7, coverage: 0.8, precision: 0.975 },
      { confidence: 0.9, coverage: 0.6, precision: 0.99 },
    ];
    const of = (held: number) => ({ points, held, examples: 1 });
    expect(lineFor(of(1_000_000), 0.97)).toBe(0.7);
    expect(lineFor(of(1_000_000), 0.999)).toBeUndefined();
    // Of a thousand the share over 0.7 may be luck, of a hundred all of it.
    expect(lineFor(of(1_000), 0.97)).toBe(0.9);
    expect(lineFor(of(100), 0.97)).toBeUndefined();
    expect(lineFor({ points, examples: 1_000_000 }, 0.97)).toBe(0.7);
  });
});

// Worked out apart, from Wilson's formula.
test.each([
  { held: 100, precision: 0.97, least: 0.9273 },
  { held: 1_000, precision: 0.97, least: 0.9598 },
  { held: 10, precision: 1, least: 0.787 },
  { held: 0, precision: 1, least: 0 },
])('of $held texts with $precision right, at least $least are', ({ held, precision, least }) =>
  expect(leastPrecision({ points: [], held, examples: 0 }, { confidence: 0, coverage: 1, precision })).toBeCloseTo(
    least,
    3,
  ),
);

test.each([
  { values: [1, 2, 3, 4], part: 0.5, is: 2 },
  { values: [4, 3, 2, 1], part: 0.99, is: 4 },
  { values: [7], part: 0, is: 7 },
  { values: [], part: 0.5, is: undefined },
])('quantile $part of $values', ({ values, part, is }) => expect(quantile(values, part)).toBe(is));

describe('figures', () => {
  const row = (
    expected: string | null,
    best: string,
    confidence: number,
    scope: number,
    answer: string | null = best,
  ): Judged => ({
    text: 'x',
    expected,
    candidates: [
      { label: best, confidence },
      { label: 'b', confidence: confidence / 2 },
    ],
    scope,
    under: answer === null,
    answer,
    tier: 'builtin',
    micros: 10,
  });
  const judged = [
    row('a', 'a', 0.95, 0.9),
    row('a', 'a', 0.9, 0.2, null),
    row('b', 'a', 0.6, 0.8),
    row('b', 'b', 0.8, 0.7),
    row(null, 'a', 0.3, 0.1, null),
    row(null, 'a', 0.97, 0.8),
  ];
  test('of texts in scope and out of it', () =>
    expect(figuresOf(judged)).toEqual({
      texts: 6,
      in_scope: 4,
      out_of_scope: 2,
      accuracy: 0.5,
      in_scope_accuracy: 0.5,
      in_scope_accuracy_unrefused: 0.75,
      in_scope_top5: 1,
      in_scope_accuracy_by_label: 0.5,
      in_scope_refused: 0.25,
      oos_recall: 0.5,
      oos_precision: 0.5,
      oos_auroc: 5.5 / 8,
      ece: expect.closeTo((0.05 + 0.1 + 0.6 + 0.2) / 4, 10),
      ece_all: expect.any(Number),
      coverage_at_99_precision: 0.75,
      coverage_at_97_precision: 0.75,
      // The most confident of all is out of scope.
      coverage_at_99_precision_all: 0,
      coverage_at_97_precision_all: 0,
      at_90_confidence: { coverage: 0.5, precision: 1 },
      p50_us: 10,
      p99_us: 10,
    }));
  test('of nothing: null, never NaN', () => {
    const figures = figuresOf([]);
    expect(Object.values(figures).filter((value) => value !== null)).toEqual([0, 0, 0]);
  });
  test('of texts in scope alone', () =>
    expect(figuresOf(judged.slice(0, 1))).toMatchObject({ accuracy: 1, oos_recall: null, oos_auroc: null }));
});
