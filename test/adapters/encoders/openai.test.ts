import { fastify } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { type OpenaiEncoderOptions, openaiEncoder } from '../../../adapters/encoders/openai.ts';

interface Body {
  readonly input: string[];
  readonly model: string;
  readonly dimensions?: number;
  readonly encoding_format?: string;
}
type Reply = { status?: number; headers?: Record<string, string>; body: unknown } | 'cut' | 'silence';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const endpoint = async (reply: (body: Body, nth: number) => Reply) => {
  const seen: { body: Body; authorization: string | undefined }[] = [];
  const server = fastify({ forceCloseConnections: true });
  server.post('/v1/embeddings', (request, response) => {
    const body = request.body as Body;
    seen.push({ body, authorization: request.headers.authorization });
    const answer = reply(body, seen.length);
    if (answer === 'silence') return;
    if (answer === 'cut') return request.raw.socket.destroy();
    void response
      .status(answer.status ?? 200)
      .headers(answer.headers ?? {})
      .type('application/json')
      .send(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  server.get('/elsewhere', async () => 'no');
  const baseURL = `${await server.listen({ host: '127.0.0.1', port: 0 })}/v1`;
  closers.push(() => server.close());
  return { baseURL, seen };
};

/** A vector that tells texts apart, three times unit length. */
const vectorFor = (text: string): number[] => {
  const angle = [...text].reduce((sum, char) => sum + (char.codePointAt(0) as number), 0);
  return [3 * Math.cos(angle), 3 * Math.sin(angle), 0];
};
const good = ({ input }: Body): Reply => ({
  body: {
    object: 'list',
    model: 'm',
    data: input.map((text, index) => ({ object: 'embedding', index, embedding: vectorFor(text) })),
    usage: { prompt_tokens: 3, total_tokens: 3 },
  },
});
const answering = (data: unknown): Reply => ({ body: { object: 'list', data } });

const encoderAt = (baseURL: string, more: Partial<OpenaiEncoderOptions> = {}) => {
  const encoder = openaiEncoder({
    baseURL,
    apiKey: 'sk-very-secret',
    model: 'tiny',
    dimensions: 3,
    timeoutMs: 5000,
    maxRetries: 0,
    ...more,
  });
  closers.push(() => encoder.close());
  return encoder;
};
const never = new AbortController().signal;
const rounded = (vectors: readonly Float32Array[]) => vectors.map((vector) => [...vector].map((v) => v.toFixed(5)));
const expected = (texts: readonly string[]) =>
  texts.map((text) => vectorFor(text).map((value) => (value / 3).toFixed(5).replace(/^-(0\.0+)$/, '$1')));

test('asks for floats with the key, and scales to unit length', async () => {
  const { baseURL, seen } = await endpoint(good);
  const vectors = await encoderAt(baseURL).encode(['refund', 'cancel'], never);
  expect(rounded(vectors)).toEqual(expected(['refund', 'cancel']));
  expect(seen).toEqual([
    {
      authorization: 'Bearer sk-very-secret',
      body: { model: 'tiny', input: ['refund', 'cancel'], encoding_format: 'float' },
    },
  ]);
});

test('answers in another order are put in the order of the texts', async () => {
  const { baseURL } = await endpoint(({ input }) =>
    answering(input.map((text, index) => ({ index, embedding: vectorFor(text) })).reverse()),
  );
  const texts = ['one', 'two', 'three'];
  expect(rounded(await encoderAt(baseURL).encode(texts, never))).toEqual(expected(texts));
});

test('sends at most a batch at a time, each text once, and what is known not at all', async () => {
  const { baseURL, seen } = await endpoint(good);
  const encoder = encoderAt(baseURL, { maxBatch: 2 });
  const texts = ['one', 'two', 'one', 'three', 'two'];
  expect(rounded(await encoder.encode(texts, never))).toEqual(expected(texts));
  expect(seen.map(({ body }) => body.input)).toEqual([['one', 'two'], ['three']]);
  expect(rounded(await encoder.encode(['two', 'four'], never))).toEqual(expected(['two', 'four']));
  expect(seen.map(({ body }) => body.input).slice(2)).toEqual([['four']]);
  expect(await encoder.encode([], never)).toEqual([]);
  expect(seen).toHaveLength(3);
});

test('what a caller does to a vector does not change the one that is kept', async () => {
  const { baseURL } = await endpoint(good);
  const encoder = encoderAt(baseURL);
  (await encoder.encode(['refund'], never))[0]?.fill(0);
  expect(rounded(await encoder.encode(['refund'], never))).toEqual(expected(['refund']));
});

test('keeps no more vectors than fit, the oldest go first', async () => {
  const { baseURL, seen } = await endpoint(good);
  const encoder = encoderAt(baseURL, { cacheBytes: 2 * 3 * 4 });
  for (const text of ['one', 'two', 'three', 'three', 'one']) await encoder.encode([text], never);
  expect(seen.map(({ body }) => body.input[0])).toEqual(['one', 'two', 'three', 'one']);
});

test('goes on after a failure where it stopped', async () => {
  const { baseURL, seen } = await endpoint((body, nth) => (nth === 2 ? { status: 500, body: {} } : good(body)));
  const encoder = encoderAt(baseURL, { maxBatch: 1 });
  await expect(encoder.encode(['one', 'two'], never)).rejects.toThrow('HTTP 500');
  await encoder.encode(['one', 'two'], never);
  expect(seen.map(({ body }) => body.input[0])).toEqual(['one', 'two', 'two']);
});

test('cuts what is long, mends what is not Unicode, puts the prefix first, asks for a length where told', async () => {
  const { baseURL, seen } = await endpoint(good);
  const encoder = encoderAt(baseURL, { maxTextChars: 5, prefix: 'q: ', requestDimensions: true });
  await encoder.encode(['refunds', 'x\ud83d'], never);
  expect(seen[0]?.body).toMatchObject({ input: ['q: refun', 'q: x\ufffd'], dimensions: 3 });
  await encoderAt(baseURL).encode(['', ' \n '], never);
  expect(seen[1]?.body.input).toEqual(['.']);
});

test('waits as it is told after 429, then tries again', async () => {
  const { baseURL, seen } = await endpoint((body, nth) =>
    nth === 1 ? { status: 429, headers: { 'retry-after-ms': '5' }, body: {} } : good(body),
  );
  expect(await encoderAt(baseURL, { maxRetries: 1 }).encode(['one'], never)).toHaveLength(1);
  expect(seen).toHaveLength(2);
});

test('does not wait past its time for a server that asks for patience', async () => {
  const { baseURL, seen } = await endpoint(() => ({ status: 429, headers: { 'retry-after': '30' }, body: {} }));
  const encoder = encoderAt(baseURL, { maxRetries: 2, timeoutMs: 100 });
  await expect(encoder.encode(['one'], never)).rejects.toThrow('the embeddings server did not answer in time');
  expect(seen).toHaveLength(1);
});

const one = (embedding: unknown): Reply => answering([{ index: 0, embedding }]);
const misbehaviours: { name: string; reply: Reply; says: string; more?: Partial<OpenaiEncoderOptions> }[] = [
  { name: 'silence', reply: 'silence', says: 'did not answer in time', more: { timeoutMs: 50 } },
  { name: 'a cut connection', reply: 'cut', says: 'cannot be reached' },
  {
    name: 'HTTP 401',
    reply: { status: 401, body: { error: { message: 'bad key sk-very-secret' } } },
    says: 'HTTP 401',
  },
  { name: 'HTTP 429', reply: { status: 429, body: {} }, says: 'HTTP 429' },
  { name: 'HTTP 500 in prose', reply: { status: 500, body: 'sk-very-secret broke' }, says: 'HTTP 500' },
  {
    name: 'a redirect',
    reply: { status: 302, headers: { location: '/elsewhere' }, body: '' },
    says: 'cannot be reached',
  },
  { name: 'no JSON', reply: { body: 'sk-very-secret' }, says: 'not JSON' },
  { name: 'JSON null', reply: { body: 'null' }, says: 'without embeddings' },
  { name: 'another shape', reply: { body: { embeddings: [[1, 2, 3]] } }, says: 'without embeddings' },
  { name: 'too few', reply: answering([]), says: '0 embeddings for 1 texts' },
  {
    name: 'too many',
    reply: answering([{ embedding: [1, 2, 3] }, { embedding: [1, 2, 3] }]),
    says: '2 embeddings for 1',
  },
  { name: 'a number that no text has', reply: answering([{ index: 7, embedding: [1, 2, 3] }]), says: 'do not fit' },
  { name: 'null for an embedding', reply: answering([null]), says: 'not a list of numbers' },
  { name: 'base64', reply: one('AACAPwAAAEAAAEBA'), says: 'not a list of numbers' },
  { name: 'other dimensions', reply: one([1, 2, 3, 4]), says: '4 dimensions where 3 are configured' },
  { name: 'strings', reply: one(['1', '2', '3']), says: 'without a direction' },
  { name: 'null for NaN', reply: one([1, null, 3]), says: 'without a direction' },
  { name: 'NaN, which is not JSON', reply: { body: '{"data":[{"embedding":[1,NaN,3]}]}' }, says: 'not JSON' },
  {
    name: 'more than a number holds',
    reply: { body: '{"data":[{"embedding":[1,1e999,3]}]}' },
    says: 'without a direction',
  },
  { name: 'all zeros', reply: one([0, 0, 0]), says: 'without a direction' },
  { name: 'a huge body', reply: { body: `"${'x'.repeat(1_000_000)}"` }, says: 'answered too much' },
];
test.each(misbehaviours)('a server that answers $name: $says', async ({ reply, says, more }) => {
  const { baseURL } = await endpoint(() => reply);
  const encoding = encoderAt(baseURL, more).encode(['refund'], never);
  const error = await encoding.then(
    () => new Error('it was taken'),
    (thrown: Error) => thrown,
  );
  expect(error.message).toContain(says);
  expect(error.message).toMatch(/^the embeddings server /);
  expect(`${error.stack} ${String(error.cause)}`).not.toContain('secret');
});

test('large and small values keep their direction', async () => {
  const { baseURL } = await endpoint(({ input }) => one(input[0] === 'large' ? [3e30, 4e30, 0] : [3e-30, 4e-30, 0]));
  const encoder = encoderAt(baseURL);
  for (const text of ['large', 'small'])
    expect(rounded(await encoder.encode([text], never))).toEqual([['0.60000', '0.80000', '0.00000']]);
});

test('nobody there', async () => {
  const { baseURL } = await endpoint(good);
  await closers[0]?.();
  await expect(encoderAt(baseURL).encode(['x'], never)).rejects.toThrow('the embeddings server cannot be reached');
});

test('a caller that gives up is not kept waiting', async () => {
  const { baseURL } = await endpoint(() => 'silence');
  const controller = new AbortController();
  const encoding = encoderAt(baseURL).encode(['x'], controller.signal);
  controller.abort();
  await expect(encoding).rejects.toMatchObject({ name: 'AbortError' });
  await expect(encoderAt(baseURL).encode(['x'], controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
});

test('closing ends what is under way and refuses what comes after', async () => {
  const { baseURL } = await endpoint(() => 'silence');
  const encoder = encoderAt(baseURL);
  const encoding = encoder.encode(['x'], never);
  const ended = expect(encoding).rejects.toThrow('the encoder is closed');
  await encoder.close();
  await ended;
  await expect(encoder.encode(['x'], never)).rejects.toThrow('the encoder is closed');
});

test('the id changes with model, length, place and prefix, and not with the key', () => {
  const id = (more: Partial<OpenaiEncoderOptions>) => encoderAt('http://user:sk-very-secret@127.0.0.1:9/v1', more).id;
  const changes = [{}, { model: 'other' }, { dimensions: 4 }, { baseURL: 'http://127.0.0.1:8/v1' }, { prefix: 'q' }];
  expect(new Set(changes.map(id)).size).toBe(changes.length);
  expect(id({ baseURL: 'http://127.0.0.1:9/v1/', apiKey: 'another' })).toBe(id({}));
  expect(id({})).not.toContain('secret');
});
