import { copyFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, type TestContext, test } from 'vitest';
import { type OnnxEncoderOptions, onnxEncoder } from '../../../adapters/encoders/onnx.ts';
import { loadOnnxModel } from '../../../adapters/encoders/onnx-model.ts';
import type { Encoder } from '../../../intents/ports.ts';
import { modelFolder } from '../../support/models.ts';
import { type Installed, installed } from '../../support/packages.ts';

let packages: Installed;
const minilm = modelFolder('minilm');
beforeAll(async () => {
  packages = await installed('onnxruntime-node', '1.30.0', { along: { '@huggingface/tokenizers': '0.2.0' } });
}, 320_000);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const needed = (context: TestContext): { folder: string; packages: string } => {
  if (!packages.ok) return context.skip(packages.reason);
  if (!minilm.ok) return context.skip(minilm.reason);
  return { folder: minilm.folder, packages: packages.folder };
};
const started = async (options: OnnxEncoderOptions): Promise<Encoder> => {
  const encoder = await onnxEncoder(options);
  closers.push(() => encoder.close());
  return encoder;
};
/** One for all the tests that only ask: loading takes most of their time. */
let shared: Promise<Encoder> | undefined;
const asked = (context: TestContext): Promise<Encoder> => (shared ??= onnxEncoder(needed(context)));
afterAll(async () => (await shared)?.close());

const emptyFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'ostiary-encoder-'));
  closers.push(() => rm(folder, { recursive: true }));
  return folder;
};
const never = new AbortController().signal;
const cosine = (a?: Float32Array, b?: Float32Array) =>
  (a as Float32Array).reduce((sum, value, i) => sum + value * ((b as Float32Array)[i] as number), 0);

test('near in meaning is near in space', async (context) => {
  const encoder = await asked(context);
  expect(encoder.dimensions).toBe(384);
  const texts = ['give the customer her money back', 'refund the buyer', 'what is the weather in Oslo'];
  const [said, same, other] = await encoder.encode(texts, never);
  expect(cosine(said, same)).toBeGreaterThan(cosine(said, other) + 0.3);
});

test('the same text gives the same bytes, whatever is encoded beside it', async (context) => {
  const encoder = await asked(context);
  const [alone] = await encoder.encode(['refund order A-1001'], never);
  const [, among] = await encoder.encode(['a longer neighbour, '.repeat(20), 'refund order A-1001'], never);
  expect(among).toEqual(alone);
  expect(await encoder.encode([], never)).toEqual([]);
});

test.for([
  { name: 'nothing', text: '' },
  { name: 'white space', text: ' \n\t ' },
  { name: 'control characters', text: '\u0000\u0007\u202e' },
  { name: 'half a surrogate pair', text: 'refund \ud83d' },
  { name: 'other scripts', text: '退款 возврат 払い戻し استرداد 👩‍👩‍👧' },
  { name: '100 KB of words', text: 'refund order '.repeat(8000) },
  { name: '100 KB without a space', text: 'x'.repeat(100_000) },
  { name: '100 KB of ideographs', text: '退'.repeat(33_000) },
])('a vector of unit length for $name', async ({ text }, context) => {
  const encoder = await asked(context);
  const [vector] = await encoder.encode([text], never);
  expect(cosine(vector, vector)).toBeCloseTo(1, 5);
});

// Ids by the Python package tokenizers 0.23, the reference for tokenizer.json.
test.for<{ text: string; ids: number[] }>([
  {
    text: 'Refund order A-1001, please!',
    ids: [101, 25416, 8630, 2344, 1037, 1011, 2531, 2487, 1010, 3531, 999, 102],
  },
  { text: 'Überweise 20 € an José', ids: [101, 19169, 19845, 3366, 2322, 1574, 2019, 4560, 102] },
  { text: '退款 возврат', ids: [101, 100, 100, 1182, 14150, 29744, 25529, 16856, 10260, 22919, 102] },
  { text: "don't\u00a0cancel\u200b it 👩", ids: [101, 2123, 1005, 1056, 17542, 2009, 100, 102] },
  { text: 'x'.repeat(101), ids: [101, 100, 102] },
])('cuts "$text" into the pieces the model was trained on', async ({ text, ids }, context) => {
  const model = await loadOnnxModel(needed(context));
  closers.push(() => model.close());
  expect(model.pieces(text)).toEqual(ids);
});

test('a text that is too long keeps its beginning and its end mark', async (context) => {
  const model = await loadOnnxModel({ ...needed(context), maxTokens: 8 });
  closers.push(() => model.close());
  expect(model.pieces('one two three four five six seven eight nine')).toEqual([
    ...model.pieces('one two three four five six'),
  ]);
});

test('a call that is given up leaves the others alone', async (context) => {
  const encoder = await asked(context);
  const controller = new AbortController();
  const first = encoder.encode(['one'], never);
  const many = encoder.encode(
    Array.from({ length: 10_000 }, (_, i) => `text ${i}`),
    controller.signal,
  );
  const last = encoder.encode(['two'], never);
  controller.abort();
  await expect(many).rejects.toMatchObject({ name: 'AbortError' });
  expect(await first).toHaveLength(1);
  // Would time out behind ten thousand texts.
  expect(await last).toHaveLength(1);
  await expect(encoder.encode(['three'], controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
});

test('a short call does not wait for the whole of a long one', async (context) => {
  const encoder = await asked(context);
  const done: string[] = [];
  await Promise.all([
    encoder
      .encode(
        Array.from({ length: 50 }, (_, i) => `text ${i}`),
        never,
      )
      .then(() => done.push('long')),
    encoder.encode(['short'], never).then(() => done.push('short')),
  ]);
  expect(done).toEqual(['short', 'long']);
});

test('more calls than may wait are refused, and so is what comes after the end', async (context) => {
  const encoder = await onnxEncoder({ ...needed(context), maxWaiting: 2 });
  const [running, ...waiting] = [1, 2, 3, 4].map((i) => encoder.encode([`text ${i}`], never));
  await expect(waiting.pop()).rejects.toThrow('the encoder is busy');
  await running;
  const left = Promise.allSettled(waiting);
  await encoder.close();
  expect((await left).at(-1)).toMatchObject({ reason: new Error('the encoder is closed') });
  await expect(encoder.encode(['x'], never)).rejects.toThrow('the encoder is closed');
  await encoder.close();
});

test('another model, prefix or length is another id', async (context) => {
  const options = needed(context);
  const other = await emptyFolder();
  for (const file of ['model.onnx', 'tokenizer.json']) await copyFile(join(options.folder, file), join(other, file));
  const first = await started(options);
  const copy = await started({ ...options, folder: other });
  // One more newline after the JSON: the same tokenizer, in other bytes.
  await writeFile(join(other, 'tokenizer.json'), '\n', { flag: 'a' });
  const ids = [first.id];
  for (const more of [{ folder: other }, { prefix: 'query: ' }, { maxTokens: 32 }])
    ids.push((await started({ ...options, ...more })).id);
  expect(new Set(ids).size).toBe(4);
  expect(copy.id).toBe(first.id);
});

test.for([
  { name: 'no tokenizer', files: { 'model.onnx': 'x' }, message: 'has no tokenizer.json' },
  { name: 'no model', files: { 'tokenizer.json': '{}' }, message: 'has no model.onnx' },
  {
    name: 'a tokenizer that is not JSON',
    files: { 'model.onnx': 'x', 'tokenizer.json': '{' },
    message: 'tokenizer.json',
  },
  { name: 'a tokenizer that is none', files: { 'model.onnx': 'x', 'tokenizer.json': '{}' }, message: 'tokenizer.json' },
])('$name: says so at the start', async ({ files, message }, context) => {
  const folder = await emptyFolder();
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  await expect(onnxEncoder({ ...needed(context), folder })).rejects.toThrow(message);
});

test('a model that is cut short says so at the start', async (context) => {
  const options = needed(context);
  const folder = await emptyFolder();
  for (const file of ['model.onnx', 'tokenizer.json']) await copyFile(join(options.folder, file), join(folder, file));
  await truncate(join(folder, 'model.onnx'), 1_000_000);
  await expect(onnxEncoder({ ...options, folder })).rejects.toThrow('model.onnx cannot be used');
});

test('without the packages, says what to install and how', async (context) => {
  const folder = await emptyFolder();
  await expect(onnxEncoder({ ...needed(context), packages: folder })).rejects.toThrow(
    'Run: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0 @huggingface/tokenizers@0.2.0',
  );
});
