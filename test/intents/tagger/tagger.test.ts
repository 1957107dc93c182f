import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExample } from '../../../intents/example.ts';
import { cutOf } from '../../../intents/resolve/tagger/cut.ts';
import { readTagger, trainTagger } from '../../../intents/resolve/tagger/tagger.ts';
import { tokensOf } from '../../../intents/resolve/tagger/tokens.ts';
import type { AnnotatedText, Tagger } from '../../../intents/resolve/tagger/types.ts';

const annotated = (written: string): AnnotatedText => {
  const { text, annotations } = parseExample(written);
  return { text, spans: annotations };
};
const examples = [
  'send a note to [person: Maria Lopez] about [topic: the roof]',
  'write to [person: Jan Novak] about [topic: our trip to Rome]',
  'tell [person: Aiko] about [topic: the new timetable]',
  'please send [person: Dr. Weber] a [tone: friendly] note about [topic: last night]',
  'message [person: Tom] about [topic: dinner]',
  'send a [tone: formal] message to [person: Olga Petrova] about [topic: the lease]',
  'let [person: Sam Brown] know about [topic: the broken lift]',
].map(annotated);
const values = { tone: ['friendly', 'formal', 'very short'], channel: ['e-mail', 'sms'] };
const tagger = trainTagger(examples, { values });

const read = (by: Tagger, text: string) =>
  Object.fromEntries(by.tag(text).map(({ slot, start, end }) => [slot, text.slice(start, end)]));

describe('a tagger of seven examples', () => {
  it.each([
    ['send a note to Clara Schmidt about the garden wall', { person: 'Clara Schmidt', topic: 'the garden wall' }],
    ['write to Pedro about next summer', { person: 'Pedro', topic: 'next summer' }],
    ['send a very short note to Ines about lunch', { tone: 'very short', person: 'Ines', topic: 'lunch' }],
    ['', {}],
  ])('%s', (text, expected) => {
    expect(read(tagger, text)).toEqual(expected);
  });

  it('knows a listed value of a slot that no example has', () => {
    expect(read(tagger, 'send an sms to Pedro about dinner')).toMatchObject({ channel: 'sms', person: 'Pedro' });
  });

  it('does not mark what only an unlisted tagger would miss', () => {
    expect(read(trainTagger(examples), 'send an sms to Pedro about dinner')).not.toHaveProperty('channel');
  });

  it('is surer of what it has seen than of what it has not', () => {
    const sure = tagger.tag('tell Aiko about dinner').find(({ slot }) => slot === 'person')?.confidence ?? 0;
    const unsure = tagger.tag('the roof Aiko tell dinner').find(({ slot }) => slot === 'person')?.confidence ?? 0;
    expect(sure).toBeGreaterThan(0.5);
    expect(sure).toBeGreaterThan(unsure);
  });

  it('is not sure of values in a text unlike its examples', () => {
    for (const { confidence } of tagger.tag('hello there')) expect(confidence).toBeLessThan(0.8);
  });

  it('uses what finders and vectors say', () => {
    const types = (text: string) =>
      [...text.matchAll(/\d+:\d+/g)].map(({ 0: run, index }) => ({
        start: index,
        end: index + run.length,
        type: 'time',
      }));
    const timed = ['call me [at: 7:30]', 'ring [at: 18:05]', 'wake me [at: 6:45] please', 'stop that'].map(annotated);
    const vectorOf = (word: string) => (/^\d/.test(word) ? Float32Array.of(1, 1) : Float32Array.of(-1, -1));
    const learned = trainTagger(timed, { types, vectorOf });
    expect(read(learned, 'shout 9:15 twice')).toEqual({ at: '9:15' });
    expect(read(readTagger(learned.toBytes(), { types, vectorOf }), 'shout 9:15 twice')).toEqual({ at: '9:15' });
  });
});

describe('learning', () => {
  it('gives the same bytes for the same examples and seed, and others for another seed', () => {
    expect(trainTagger(examples, { values }).toBytes()).toEqual(tagger.toBytes());
    expect(trainTagger(examples, { values, seed: 2 }).toBytes()).not.toEqual(tagger.toBytes());
  });

  it('never marks anything where nothing was ever marked', () => {
    expect(trainTagger([]).tag('send a note')).toEqual([]);
    expect(trainTagger([{ text: 'send a note', spans: [] }]).tag('send a note')).toEqual([]);
    expect(trainTagger([{ text: '', spans: [] }]).tag('x')).toEqual([]);
  });

  it('leaves out spans that cut a word, stand outside the text or overlap', () => {
    const label = new Map([['a', 1]]);
    const span = (start: number, end: number, slot = 'a') => ({ start, end, slot });
    const { segments } = cutOf(
      'one two three',
      [span(0, 3), span(0, 7), span(5, 7), span(8, 13), span(8, 99), span(4, 4), span(4, 7, 'b')],
      label,
      [],
    );
    expect(segments).toEqual([
      { from: 0, to: 1, label: 1 },
      { from: 2, to: 3, label: 1 },
    ]);
  });

  it('takes slots by any name', () => {
    const odd = [annotated('go to [__proto__: Rome]'), annotated('go to [constructor: Oslo] now')];
    expect(trainTagger(odd).slots).toEqual(['__proto__', 'constructor']);
  });
});

describe('bytes', () => {
  it('give the same tagger back', () => {
    const again = readTagger(tagger.toBytes());
    for (const { text } of examples) expect(again.tag(text)).toEqual(tagger.tag(text));
    expect(again.toBytes()).toEqual(tagger.toBytes());
  });

  it('are refused when damaged', () => {
    const bytes = tagger.toBytes();
    for (const bad of [new Uint8Array(), bytes.subarray(0, 3), bytes.subarray(0, bytes.length - 1), bytes.subarray(4)])
      expect(() => readTagger(bad)).toThrow('no tagger of this version');
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc
    .array(
      fc.constantFrom(...'send a note to Maria , " \u0000 😀 о 日本語 ﷺ ﬁ \ud800 about friendly very short'.split(' ')),
    )
    .map((words) => words.join(' ')),
);

describe('any text', () => {
  it('gives ordered spans inside the text, none overlapping, each of a known slot', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const spans = tagger.tag(text);
        let last = 0;
        for (const { start, end, slot, confidence } of spans) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(tagger.slots).toContain(slot);
          expect(confidence).toBeGreaterThanOrEqual(0);
          expect(confidence).toBeLessThanOrEqual(1);
          last = end;
        }
        expect(tagger.tag(text)).toEqual(spans);
      }),
    );
  });

  it('can be learned from', () => {
    const row = fc.record({ text: anyText, start: fc.nat(20), length: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
        const odd = rows.map(({ text, start, length }) => ({
          text,
          spans: [{ start, end: start + length, slot: 's' }],
        }));
        const learned = trainTagger(odd, {}, { epochs: 2 });
        for (const { text } of odd) learned.tag(text);
      }),
      { numRuns: 30 },
    );
  });

  it('of 100 KB is read in part', () => {
    const long = 'send a note to Maria about the roof '.repeat(3000);
    expect(tagger.tag(long).every(({ end }) => end <= 8_000)).toBe(true);
    expect(tokensOf(long).length).toBeLessThanOrEqual(400);
  });
});
