import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pieceTable } from '../../../intents/resolve/learn/piece-table.ts';
import { loadTable, readTable } from '../../../intents/resolve/learn/table.ts';

const { pieces, dimensions } = loadTable();

// Numbers as the reference tokenizer of BERT uncased gives them.
test.each([
  { text: 'hello world', ids: [7592, 2088] },
  { text: 'Héllo  WÖRLD', ids: [7592, 2088] },
  { text: "don't", ids: [2123, 1005, 1056] },
  { text: 'embeddings', ids: [7861, 8270, 4667, 2015] },
  { text: '日本', ids: [1864, 1876] },
  { text: 'A-1001', ids: [1037, 1011, 2531, 2487] },
  { text: 'x'.repeat(101), ids: [100] },
  { text: '\u0000\u200b', ids: [] },
  { text: '', ids: [] },
])('cuts $text as BERT does', ({ text, ids }) => {
  expect(pieces.ids(text)).toEqual(ids);
});

test('every piece is found by its letters, inside a word and at its start', () => {
  const table = pieceTable(['[UNK]', 'un', 'want', '##want', '##ed', '##', 'wanted']);
  expect(table.idOf('want', false)).toBe(2);
  expect(table.idOf('want', true)).toBe(3);
  expect(table.idOf('ed', false)).toBe(-1);
  expect(table.idOf('##', false)).toBe(5);
  expect(table.longestAt('unwanted', 2, true)).toEqual({ id: 3, length: 4 });
  expect(table.longestAt('unwanted', 6, true)).toEqual({ id: 4, length: 2 });
  expect(table.longestAt('wanted', 0, false)).toEqual({ id: 6, length: 6 });
  expect(table.longestAt('other', 0, false)).toBeUndefined();
});

test('every piece stands within its text, and both ways of cutting agree', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const found = pieces.pieces(text);
      expect(found.map(({ id }) => id)).toEqual(pieces.ids(text));
      for (const { start, end } of found) expect(start >= 0 && start < end && end <= text.length).toBe(true);
    }),
  ));

test('a text becomes a vector of unit length, one without words all zero', () => {
  expect(Math.hypot(...loadTable().vector('refund my order'))).toBeCloseTo(1, 5);
  expect(loadTable().vector('  ')).toEqual(new Float32Array(dimensions));
});

test('a damaged table is refused', () => {
  expect(() => readTable(new Uint8Array(7), 'a\n')).toThrow('damaged');
  expect(() => readTable(new Uint8Array(40), 'a\n')).toThrow('damaged');
});
