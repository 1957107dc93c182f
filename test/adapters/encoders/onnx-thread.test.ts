import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { onnxEncoder } from '../../../adapters/encoders/onnx.ts';
import { fakeOnnx } from '../../support/fake-onnx.ts';

const never = new AbortController().signal;
const started = async (files = fakeOnnx()) => {
  const encoder = await onnxEncoder(files);
  onTestFinished(() => encoder.close());
  return { encoder, files };
};
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: Error) => error.message,
  );

test('where the thread dies, the call whose text it was at fails, and the others are answered by the next one', async () => {
  const { encoder } = await started();
  const [before] = await encoder.encode(['refund'], never);
  const [dying, ...others] = [['die'], ['refund'], ['cancel', 'track']].map((texts) => encoder.encode(texts, never));
  expect(await failure(dying as Promise<unknown>)).toBe('the encoder has stopped at this text');
  const [[again] = [], more] = await Promise.all(others);
  expect(again).toEqual(before);
  expect(more).toHaveLength(2);
  expect(await encoder.encode(['refund'], never)).toEqual([before]);
});

test('a thread that keeps dying is not replaced for ever', async () => {
  const { encoder } = await started();
  const failures: string[] = [];
  for (let at = 0; at < 7; at++) failures.push(await failure(encoder.encode(['die'], never)));
  expect(failures).toEqual([
    ...Array.from({ length: 6 }, () => 'the encoder has stopped at this text'),
    'the encoder keeps stopping',
  ]);
  expect(await failure(encoder.encode(['refund'], never))).toBe('the encoder keeps stopping');
});

test('a thousand texts that were encoded give a time back', async () => {
  const { encoder } = await started();
  for (let at = 0; at < 5; at++) await failure(encoder.encode(['die'], never));
  await encoder.encode(
    Array.from({ length: 1_000 }, (_, at) => `text ${at}`),
    never,
  );
  await failure(encoder.encode(['die'], never));
  expect(await encoder.encode(['refund'], never)).toHaveLength(1);
});

test('what comes up in place of other files is not believed to be the same encoder', async () => {
  const { encoder, files } = await started();
  appendFileSync(join(files.folder, 'model.onnx'), 'more');
  await failure(encoder.encode(['die'], never));
  expect(await failure(encoder.encode(['refund'], never))).toBe('the files of the encoder have changed');
});

test('closed while a thread is being replaced, it ends what waits and leaves no thread behind', async () => {
  const { encoder } = await started();
  const dying = failure(encoder.encode(['die'], never));
  const waiting = failure(encoder.encode(['refund'], never));
  await dying;
  await encoder.close();
  expect(await waiting).toBe('the encoder is closed');
  expect(await failure(encoder.encode(['refund'], never))).toBe('the encoder is closed');
});
