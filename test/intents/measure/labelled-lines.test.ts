import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLabelledLines } from '../../../intents/resolve/measure/labelled-lines.ts';

test('blank lines, Windows line ends, a byte order mark, members nobody knows', () =>
  expect(
    readLabelledLines(
      '\uFEFF{"text":"hi","intent":"greet","id":7}\r\n\r\n   \n{"text":"rain?\u2028","intent":null}\n{"intent":"a","text":" b "}',
    ),
  ).toEqual({
    lines: [
      { text: 'hi', intent: 'greet', line: 1 },
      { text: 'rain?\u2028', intent: null, line: 4 },
      { text: ' b ', intent: 'a', line: 5 },
    ],
    faults: [],
  }));

test('slots', () =>
  expect(
    readLabelledLines('{"text":"to Rome","intent":"go","slots":[{"slot":"to","start":3,"end":7,"value":"x"}]}'),
  ).toEqual({
    lines: [{ text: 'to Rome', intent: 'go', line: 1, slots: [{ slot: 'to', start: 3, end: 7 }] }],
    faults: [],
  }));

describe('what is wrong is told with its line, all at once', () => {
  test.each([
    { line: '{"text":"hi"}', says: '"intent" is missing (null means out of scope).' },
    {
      line: '{"text":"hi","label":"x"}',
      says: '"intent" is missing (null means out of scope). Rename "label" to "intent".',
    },
    { line: '{"text":"hi","intnet":"x"}', says: 'Did you mean "intnet"?' },
    { line: '{"intent":"x","utterance":"hi"}', says: 'Rename "utterance" to "text".' },
    { line: '{"text":7,"intent":"x"}', says: '"text" is a number, not a string.' },
    { line: '{"text":" ","intent":"x"}', says: '"text" is empty.' },
    { line: '{"text":"hi","intent":""}', says: '"intent" is empty' },
    { line: '{"text":"hi","intent":["x"]}', says: '"intent" is a list' },
    { line: `{"text":"${'x'.repeat(20_001)}","intent":"x"}`, says: '"text" has 20001 characters; 20000 are the most.' },
    { line: '"hi"', says: 'is not an object' },
    { line: '[{"text":"hi","intent":"x"}', says: 'write one object a line' },
    { line: '{"text":"hi",', says: 'is not JSON' },
    { line: '{"text":"hi","intent":"x","slots":{}}', says: '"slots" is an object, not a list' },
    { line: '{"text":"hi","intent":"x","slots":[{"start":0,"end":1}]}', says: '"slots"[0] has no "slot"' },
    { line: '{"text":"hi","intent":"x","slots":[{"slot":"a","start":0}]}', says: 'no whole "start" and "end"' },
    { line: '{"text":"hi","intent":"x","slots":[{"slot":"a","start":0,"end":9}]}', says: 'the text has 2 characters' },
  ])('$says', ({ line, says }) => {
    const { lines, faults } = readLabelledLines(`{"text":"a","intent":"b"}\n${line}\n{"text":"c","intent":"d"}`);
    expect(lines).toHaveLength(2);
    expect(faults).toEqual([{ line: 2, message: expect.stringContaining(says) }]);
  });
});

test('a label may be called anything', () =>
  expect(readLabelledLines('{"text":"a","intent":"__proto__"}').lines).toEqual([
    { text: 'a', intent: '__proto__', line: 1 },
  ]));

test('never throws, and reads back what was written', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readLabelledLines(text)));
  const row = fc.record({
    text: fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.trim() !== ''),
    intent: fc.option(fc.string({ minLength: 1 }).filter((text) => text.trim() !== '')),
  });
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const { lines, faults } = readLabelledLines(rows.map((one) => JSON.stringify(one)).join('\n'));
      expect(faults).toEqual([]);
      expect(lines.map(({ text, intent }) => ({ text, intent }))).toEqual(rows);
    }),
  );
});
