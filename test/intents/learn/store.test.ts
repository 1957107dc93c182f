import { expect, test } from 'vitest';
import { learn } from '../../../intents/resolve/learn/learn.ts';
import { learnInWorker } from '../../../intents/resolve/learn/learn-in-worker.ts';
import { hashOf } from '../../../intents/resolve/learn/mark.ts';
import { relearn } from '../../../intents/resolve/learn/relearn.ts';
import { fromBytes, toBytes } from '../../../intents/resolve/learn/store.ts';
import type { LabelledText, Learned } from '../../../intents/resolve/learn/types.ts';
import { shopTexts } from './shop-texts.ts';

const learned = learn(shopTexts);
const bytes = toBytes(learned);
const asked = ['refund the thing', 'where is it', '', 'gift wrap please'];
const said = (one: Learned | undefined) => asked.map((text) => one?.rank(text, 3));
const best = (one: Learned, text: string) => one.rank(text, 1).candidates[0]?.label;

const many: readonly LabelledText[] = Array.from({ length: 2400 }, (_, at) => ({
  text: `${at % 2 === 0 ? 'open' : 'please open'} folder number${Math.floor(at / 2)}`,
  label: `folder-${Math.floor(at / 2)}`,
  weight: 1,
}));

test('same texts, same bytes; read back, same answers', () => {
  expect(toBytes(learn(shopTexts))).toEqual(bytes);
  expect(said(fromBytes(bytes))).toEqual(said(learned));
  expect(fromBytes(bytes)?.report).toEqual(learned.report);
});

test('a thousand labels and more are ranked, stored and read back', () => {
  const wide = learn(many);
  expect(best(wide, 'open the folder number77')).toBe('folder-77');
  const again = fromBytes(toBytes(wide));
  expect(again?.rank('open number1100', 5)).toEqual(wide.rank('open number1100', 5));
  for (const text of ['', '日本 🎉 \ud800', 'x '.repeat(9999)]) expect(wide.rank(text, 2).scope).toBeLessThanOrEqual(1);
});

test.each([
  { name: 'nothing', stored: new Uint8Array() },
  { name: 'something else', stored: new TextEncoder().encode('{"labels": []} and more') },
  { name: 'cut short', stored: bytes.subarray(0, bytes.length - 1) },
  { name: 'one byte more', stored: Uint8Array.of(...bytes.subarray(0, 200), 0) },
])('$name is not taken for what was learned', ({ stored }) => {
  expect(fromBytes(stored)).toBeUndefined();
});

test('what was learned with one encoder is not read for another', () => {
  expect(fromBytes(bytes, 'static-256')).toBeDefined();
  expect(fromBytes(bytes, 'other')).toBeUndefined();
});

test('the hash changes with every text, label, weight and encoder', () => {
  const [first] = shopTexts as [LabelledText];
  const rest = shopTexts.slice(1);
  const hashes = [
    hashOf(shopTexts, 'a'),
    hashOf(shopTexts, 'b'),
    hashOf(rest, 'a'),
    ...[{ text: 'x' }, { label: 'x' }, { weight: 0.5 }].map((change) =>
      hashOf([{ ...first, ...change }, ...rest], 'a'),
    ),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashOf([...shopTexts], 'a')).toBe(hashes[0]);
});

test('a worker learns the same bytes and says how far it is', async () => {
  const shares: number[] = [];
  expect(await learnInWorker(shopTexts, { onProgress: (share) => shares.push(share) })).toEqual(bytes);
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
});

test('a worker stops when told to', async () => {
  const stop = new AbortController();
  const learning = learnInWorker(many, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(learning).rejects.toThrow('enough');
  await expect(learnInWorker(many, { signal: stop.signal })).rejects.toThrow('enough');
});

test('a label more, a label less: the others keep their answers', () => {
  const fresh = ['what is the weather', 'will it rain', 'is it sunny outside', 'weather forecast please'];
  const more = [...shopTexts, ...fresh.map((text) => ({ text, label: 'weather', weight: 1 }))];
  const grown = relearn(learned, more);
  expect(best(grown, 'will it rain in the afternoon')).toBe('weather');
  expect(best(grown, 'refund the thing')).toBe('refund');
  const shrunk = relearn(grown, shopTexts);
  expect(shrunk.labels).toEqual(learned.labels);
  expect(best(shrunk, 'refund the thing')).toBe('refund');
});

test('the word that decides weighs most', () => {
  const text = 'please refund this parcel';
  const weights = learned.weigh(text, 'refund');
  const most = weights.toSorted((a, b) => b.weight - a.weight)[0];
  expect(text.slice(most?.start, most?.end)).toBe('refund');
  expect(learned.weigh(text, 'no such label')).toEqual([]);
});

test('what a text is ranked like does not hang on what was asked before', () => {
  for (const one of [learned, learn(many)]) {
    const alone = fromBytes(toBytes(one))?.rank('open the folder number7', 5);
    for (const text of asked) one.rank(text, 5);
    expect(one.rank('open the folder number7', 5)).toEqual(alone);
  }
});

test('a worker that cannot do its task says why', async () => {
  await expect(learnInWorker(shopTexts, { vectors: [] })).rejects.toThrow('need as many vectors');
});
