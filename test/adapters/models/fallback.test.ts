import { expect, test } from 'vitest';
import { fallbackModel } from '../../../adapters/models/fallback.ts';
import { openaiEndpoint } from '../../../adapters/models/openai.ts';
import { type Means, retryAfterMs } from '../../../adapters/models/tries.ts';
import type { ModelSpend } from '../../../intents/ports.ts';
import * as scripted from './scripted-endpoint.ts';

const { good, question, usage, says, status } = scripted;
const never = new AbortController().signal;
const busy = (retryAfter: string) => status(429, { 'retry-after': retryAfter });

/** A clock that waiting moves, and nothing else does. */
const meansFor = (more: Partial<Means> = {}) => {
  const waits: number[] = [];
  const clock = { now: Date.parse('2026-11-23T09:30:00Z') };
  const means: Means = {
    now: () => clock.now,
    random: () => 0.5,
    async wait(ms) {
      waits.push(ms);
      clock.now += ms;
    },
    ...more,
  };
  return { clock, waits, means };
};
const modelOver = async (scripts: readonly (readonly scripted.Act[])[], more: Partial<Means> = {}) => {
  const servers = await Promise.all(scripts.map((acts) => scripted.scriptedEndpoint(...acts)));
  const { clock, waits, means } = meansFor(more);
  const model = fallbackModel(
    servers.map(({ options }) => openaiEndpoint(options)),
    means,
  );
  const asked = () => servers.map(({ bodies }) => bodies.length);
  return { model, clock, waits, asked };
};

const tries: {
  name: string;
  scripts: readonly (readonly scripted.Act[])[];
  detail?: string;
  waits?: number[];
  asked: number[];
}[] = [
  { name: 'a good answer ends it', scripts: [[says(good)], [says(good)]], asked: [1, 0] },
  { name: 'a 500 is tried again', scripts: [[status(500), says(good)]], waits: [150], asked: [2] },
  { name: 'a broken connection is tried again', scripts: [[scripted.hangsUp, says(good)]], waits: [150], asked: [2] },
  {
    name: 'a cut stream is tried again',
    scripts: [[scripted.stops(good, 'destroy'), says(good)]],
    waits: [150],
    asked: [2],
  },
  { name: 'pauses grow', scripts: [[status(503), status(408), says(good)]], waits: [150, 300], asked: [3] },
  { name: 'three tries are enough', scripts: [[status(500)]], detail: 'HTTP 500', waits: [150, 300], asked: [3] },
  { name: 'Retry-After is honoured', scripts: [[busy('2'), says(good)]], waits: [2_000], asked: [2] },
  {
    name: 'Retry-After as a date is honoured',
    scripts: [[busy('Mon, 23 Nov 2026 09:30:03 GMT'), says(good)]],
    waits: [3_000],
    asked: [2],
  },
  { name: 'Retry-After past the deadline ends it', scripts: [[busy('60')]], detail: 'HTTP 429', asked: [1] },
  { name: 'what is wrong stays wrong: 401', scripts: [[status(401), says(good)]], detail: 'HTTP 401', asked: [1] },
  { name: 'a refusal is not argued with', scripts: [[scripted.refuses, says(good)]], detail: 'refused', asked: [1] },
  {
    name: 'the next is asked in order',
    scripts: [[status(401)], [says('no')], [says(good)], [says(good)]],
    asked: [1, 1, 1, 0],
  },
  {
    name: 'each says why',
    scripts: [[status(401)], [says('no')]],
    detail: 'HTTP 401, then the answer is not JSON',
    asked: [1, 1],
  },
];
test.each(tries)('$name', async ({ scripts, detail, waits: expected = [], asked: counts }) => {
  const { model, waits, asked } = await modelOver(scripts);
  const answer = await model.propose(question, never);
  expect(answer).toMatchObject(detail === undefined ? { ok: true, intent: 'orders.refund@1' } : { ok: false, detail });
  expect(waits).toEqual(expected);
  expect(asked()).toEqual(counts);
});

test('what failed tries used is part of what the answer used', async () => {
  const { model } = await modelOver([[says('no')], [says(good)]]);
  const { usage: sum } = await model.propose(question, never);
  expect(sum).toMatchObject({ input: 180, output: 20 });
  expect(sum?.money).toBeCloseTo(2 * usage.money);
});

test('pauses differ by chance, within half of their length', async () => {
  for (const [chance, pause] of [
    [0, 100],
    [0.999, 199.9],
  ] as const) {
    const { model, waits } = await modelOver([[status(500), says(good)]], { random: () => chance });
    await model.propose(question, never);
    expect(waits[0]).toBeCloseTo(pause);
  }
});

test('a caller who hangs up while it waits asks nobody else', async () => {
  const hangUp = new AbortController();
  const { model, asked } = await modelOver([[status(500)], [says(good)]], {
    async wait() {
      hangUp.abort();
      throw new Error('aborted');
    },
  });
  expect(await model.propose(question, hangUp.signal)).toEqual({ ok: false, detail: 'HTTP 500, then aborted' });
  expect(asked()).toEqual([1, 0]);
});

test('an endpoint that keeps failing rests, is tried once, and is back when that goes well', async () => {
  const { model, clock, asked } = await modelOver([
    [...Array.from({ length: 6 }, () => status(401)), says(good)],
    [says(good)],
  ]);
  const ask = () => model.propose(question, never);
  for (let time = 0; time < 8; time++) await ask();
  expect(asked()).toEqual([5, 8]);
  clock.now += 30_000;
  for (let time = 0; time < 2; time++) await ask();
  expect(asked(), 'one try, which failed').toEqual([6, 10]);
  clock.now += 30_000;
  for (let time = 0; time < 3; time++) await ask();
  expect(asked(), 'well again').toEqual([9, 10]);
});

test('while one question tries an endpoint that rested, no other does', async () => {
  const failing = Array.from({ length: 5 }, () => status(401));
  let letGo = () => {};
  const slow: scripted.Act = (response) => {
    letGo = () => says(good)(response);
  };
  const { model, clock, asked } = await modelOver([[...failing, slow]]);
  for (let time = 0; time < 5; time++) await model.propose(question, never);
  clock.now += 30_000;
  const trying = model.propose(question, never);
  expect(await model.propose(question, never)).toEqual({ ok: false, detail: 'rests after it failed' });
  await expect.poll(asked).toEqual([6]);
  letGo();
  expect(await trying).toMatchObject({ ok: true });
});

test('an endpoint that says for how long is left alone so long', async () => {
  const { model, clock, asked } = await modelOver([[busy('60'), says(good)]]);
  await model.propose(question, never);
  clock.now += 59_000;
  expect(await model.propose(question, never)).toMatchObject({ ok: false });
  expect(asked()).toEqual([1]);
  clock.now += 2_000;
  expect(await model.propose(question, never)).toMatchObject({ ok: true });
});

test('each try is paid on its own, and what nobody charges for is given back', async () => {
  const paid: [reserved: ModelSpend, actual: ModelSpend | undefined][] = [];
  const tenants: string[] = [];
  const { model } = await modelOver([[status(500), scripted.stops(good, 'end'), says(good)]], {
    budget: {
      async reserve(tenant, atMost) {
        tenants.push(tenant);
        return { settle: (actual) => void paid.push([atMost, actual]) };
      },
    },
  });
  expect(await model.propose(question, never)).toMatchObject({ ok: true });
  expect(paid.map(([, actual]) => actual)).toEqual([
    { tokens: 0, money: 0 },
    undefined,
    { tokens: 100, money: usage.money },
  ]);
  expect(tenants).toEqual(['shop', 'shop', 'shop']);
  for (const [{ tokens }] of paid) expect(tokens).toBeGreaterThan(300);
});

test('where the budget is spent nothing is sent', async () => {
  const { model, asked } = await modelOver([[says(good)]], { budget: { reserve: async () => ({ refused: 'money' }) } });
  expect(await model.propose(question, never)).toEqual({ ok: false, detail: 'the budget of this tenant is spent' });
  expect(asked()).toEqual([0]);
});

test.each([
  [undefined, undefined],
  ['2', 2_000],
  ['0', 0],
  ['soon', undefined],
  ['-1', undefined],
  ['99999999999999', undefined],
  ['Mon, 23 Nov 2026 09:30:03 GMT', 3_000],
  ['Mon, 23 Nov 2026 09:29:00 GMT', 0],
])('Retry-After %s', (said, ms) => {
  expect(retryAfterMs(said, Date.parse('2026-11-23T09:30:00Z'))).toBe(ms);
});
