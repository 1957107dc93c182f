import { describe, expect, it } from 'vitest';
import { sameSpan, slotFigures } from '../../../intents/resolve/measure/slots.ts';

const span = (start: number, end: number, slot = 'a') => ({ start, end, slot });

describe('slot figures', () => {
  it.each([
    { name: 'nothing to find, nothing found', gold: [[]], found: [[]], f1: 1, frame: 1 },
    { name: 'all right', gold: [[span(0, 3)]], found: [[span(0, 3)]], f1: 1, frame: 1 },
    { name: 'a boundary off', gold: [[span(0, 3)]], found: [[span(0, 4)]], f1: 0, frame: 0 },
    { name: 'another slot', gold: [[span(0, 3)]], found: [[span(0, 3, 'b')]], f1: 0, frame: 0 },
    { name: 'one of two missed', gold: [[span(0, 3), span(5, 6)]], found: [[span(0, 3)]], f1: 2 / 3, frame: 0 },
    { name: 'one too many', gold: [[span(0, 3)]], found: [[span(0, 3), span(5, 6)]], f1: 2 / 3, frame: 0 },
    { name: 'pooled over texts', gold: [[span(0, 3)], [span(0, 1)]], found: [[span(0, 3)], []], f1: 2 / 3, frame: 0.5 },
    { name: 'nothing found', gold: [[span(0, 3)]], found: [[]], f1: 0, frame: 0 },
    { name: 'nothing to find', gold: [[]], found: [[span(0, 3)]], f1: 0, frame: 0 },
  ])('$name', ({ gold, found, f1, frame }) => {
    const score = slotFigures(
      gold.map((expected, at) => ({ expected, read: found[at] ?? [] })),
      sameSpan,
    );
    expect(score.f1).toBeCloseTo(f1, 12);
    expect(score.exact).toBe(frame);
  });
});
