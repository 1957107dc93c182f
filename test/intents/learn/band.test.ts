import { expect, test } from 'vitest';
import { bandOf, inBand } from '../../../intents/resolve/learn/band.ts';
import { learn } from '../../../intents/resolve/learn/learn.ts';
import { loadTable } from '../../../intents/resolve/learn/table.ts';
import type { LabelledText, Learned } from '../../../intents/resolve/learn/types.ts';

const verbs = ['show', 'cancel', 'refund', 'track', 'rate', 'move', 'print', 'share', 'close', 'merge'];
const things = ['order', 'invoice', 'parcel', 'ticket', 'note', 'booking'];
const texts: LabelledText[] = verbs.flatMap((verb) =>
  things.map((thing) => ({ text: `${verb} the ${thing} please`, label: verb, weight: 1 })),
);
/** An encoder that is good at nothing: a vector of the thing alone. */
const vague = (text: string) => loadTable().vector(things.find((thing) => text.includes(thing)) ?? text);
const vectors = texts.map(({ text }) => vague(text));
const first = learn(texts);
const second = learn(texts, { vectors, encoderId: 'vague' });

test('the same texts and vectors give the same band', () => {
  expect(bandOf(texts, vectors, first, second)).toEqual(bandOf(texts, vectors, first, second));
});

test.each([
  ['few examples', texts.slice(0, 20)],
  ['one label', texts.map((text) => ({ ...text, label: 'all' }))],
  ['names alone', texts.map((text) => ({ ...text, weight: 0.5 }))],
])('%s say nothing', (_name, few) => {
  expect(bandOf(few, vectors.slice(0, few.length), first, second)).toBeUndefined();
});

test('it leaves the order, the scope and the words as they were, and says what the first tier makes likelier', () => {
  const band = { bias: 0, weights: [1, 0.5, 0.5] };
  const saying = (confidence: number): Learned => ({
    ...first,
    rank: () => ({ candidates: [{ label: 'show', confidence }], scope: 1 }),
  });
  const text = 'track my parcel';
  const plain = second.rank(text, 5, vague(text));
  const [after, sure] = [0.3, 0.99].map((confidence) => inBand(saying(confidence), second, band));
  const ranked = after?.rank(text, 5, vague(text));
  expect(ranked?.candidates.map(({ label }) => label)).toEqual(plain.candidates.map(({ label }) => label));
  expect(ranked?.scope).toBe(plain.scope);
  expect(after?.weigh(text, 'track')).toEqual(second.weigh(text, 'track'));
  expect(sure?.rank(text, 1, vague(text)).candidates[0]?.confidence).toBeGreaterThan(
    ranked?.candidates[0]?.confidence ?? 1,
  );
});

test('a second tier that is wrong where the first is unsure is believed less there', () => {
  const band = bandOf(texts, vectors, first, second);
  if (band === undefined) throw new Error('there is none');
  const unsure = { ...first, rank: () => ({ candidates: [{ label: 'show', confidence: 0.2 }], scope: 1 }) };
  const text = 'cancel the ticket please';
  const [plain] = second.rank(text, 1, vague(text)).candidates;
  const [believed] = inBand(unsure, second, band).rank(text, 1, vague(text)).candidates;
  expect(believed?.confidence).toBeLessThan(plain?.confidence ?? 0);
});

test('what is learned like another takes its calibration, and says the same of a text', () => {
  const like = learn(texts, { calibratedLike: first });
  expect(like.report).toEqual(first.report);
  expect(like.rank('track my parcel', 3)).toEqual(first.rank('track my parcel', 3));
});
