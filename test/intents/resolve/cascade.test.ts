import { expect, test } from 'vitest';
import type { Model, ModelAnswer, ModelQuestion } from '../../../intents/ports.ts';
import { maskFor } from '../../../intents/resolve/mask.ts';
import { createResolver, defaultLines, type ResolveContext } from '../../../intents/resolve/resolve.ts';
import type { Classifier, Tier } from '../../../intents/resolve/types.ts';
import { intentNamed, now, resolveRef, shop } from './shop.ts';

const tier = (name: Tier, ...ranked: [name: string, confidence: number][]) => {
  const asked: string[] = [];
  const classifier: Classifier = {
    tier: name,
    async classify(text, limit) {
      asked.push(text);
      return ranked.slice(0, limit).map(([intent, confidence]) => ({ intent: intentNamed(intent), confidence }));
    },
  };
  return { asked, classifier };
};
const broken: Classifier = { tier: 'encoder', classify: () => Promise.reject(new Error('the encoder is down')) };
const counted = (answer: ModelAnswer) => {
  const asked: ModelQuestion[] = [];
  const model: Model = {
    name: 'counted',
    async propose(question) {
      asked.push(question);
      return answer;
    },
  };
  return { asked, model };
};
const resolverOf = (classifiers: readonly Classifier[], model?: Model) =>
  createResolver({
    intents: shop,
    classifiers,
    mask: maskFor(shop, resolveRef),
    resolveRef,
    lines: defaultLines,
    topCandidates: 5,
    ...(model && { model }),
  });
const context = (more: Partial<ResolveContext> = {}): ResolveContext => ({
  now,
  visible: () => true,
  signal: new AbortController().signal,
  ...more,
});
const sure: [string, number] = ['orders.get', 0.95];
const unsure: [string, number] = ['orders.get', 0.4];
const tiersOf = async (resolution: ReturnType<ReturnType<typeof resolverOf>['resolve']>) =>
  (await resolution).trail?.map((visit) => visit.tier);

test('a tier that is sure keeps the next from being asked', async () => {
  const encoder = tier('encoder', sure);
  const resolver = resolverOf([tier('builtin', sure).classifier, encoder.classifier]);
  expect(await tiersOf(resolver.resolve('open A-1001', context()))).toEqual(['builtin']);
  expect(encoder.asked).toEqual([]);
});

test('a tier that is not sure hands on, and the answer says whose it is', async () => {
  const resolver = resolverOf([tier('builtin', unsure).classifier, tier('encoder', sure).classifier]);
  const resolution = await resolver.resolve('open A-1001', context());
  expect(resolution).toMatchObject({ kind: 'proposal', proposal: { tier: 'encoder', confidence: 0.95 } });
  expect(resolution.trail?.map((visit) => visit.tier)).toEqual(['builtin', 'encoder']);
  for (const { ms } of resolution.trail ?? []) expect(ms).toBeGreaterThanOrEqual(0);
});

test('a tier that cannot be had is left out, and what the one before said stands', async () => {
  const resolver = resolverOf([tier('builtin', unsure).classifier, broken]);
  const resolution = await resolver.resolve('open A-1001', context());
  expect(resolution).toMatchObject({ kind: 'ask', why: 'unsure', notes: ['encoder: not to be had now'] });
});

test('an example word for word asks nobody', async () => {
  const builtin = tier('builtin', unsure);
  expect(await tiersOf(resolverOf([builtin.classifier]).resolve('Show order A-1001!', context()))).toEqual(['example']);
  expect(builtin.asked).toEqual([]);
});

const picked: ModelAnswer = {
  ok: true,
  intent: 'orders.get@1',
  input: { order_id: 'A-1002' },
  usage: { input: 9, output: 0 },
};

test('a model is asked once for the same words of the same caller', async () => {
  const { asked, model } = counted(picked);
  const resolver = resolverOf([tier('builtin', unsure).classifier], model);
  const first = await resolver.resolve('that one, A-1002', context({ caller: 'ada' }));
  const again = await resolver.resolve('that one, A-1002', context({ caller: 'ada' }));
  expect(asked).toHaveLength(1);
  expect(again).toMatchObject({
    kind: 'proposal',
    proposal: { tier: 'model' },
    notes: ['model: answered this before'],
  });
  if (first.kind !== 'proposal' || again.kind !== 'proposal') throw new Error('no proposal');
  expect(again.proposal).toEqual(first.proposal);
  expect(again.trail?.at(-1)).toMatchObject({ tier: 'model', cached: true });
});

test.each<[string, Partial<ResolveContext>]>([
  ['of another caller', { caller: 'bob' }],
  ['of nobody in particular', {}],
  ['of one who sees another catalogue', { caller: 'ada', visible: ({ name }) => name !== 'orders.list' }],
  ['in another zone', { caller: 'ada', zone: 'Asia/Tokyo' }],
  ['much later', { caller: 'ada', now: new Date(now.getTime() + 3_600_000) }],
])('the same words %s are asked again', async (_name, more) => {
  const { asked, model } = counted(picked);
  const ranked: [string, number][] = [unsure, ['orders.list', 0.2]];
  const resolver = resolverOf([tier('builtin', ...ranked).classifier], model);
  await resolver.resolve('that one, A-1002', context({ caller: 'ada' }));
  await resolver.resolve('that one, A-1002', context(more));
  expect(asked).toHaveLength(2);
});

test('what a model says of dates holds for the minute', async () => {
  const { asked, model } = counted({ ok: true, intent: 'orders.list@1', input: {}, usage: { input: 9, output: 0 } });
  const resolver = resolverOf([tier('builtin', ['orders.list', 0.4]).classifier], model);
  for (const seconds of [0, 10, 120])
    await resolver.resolve(
      'the recent ones',
      context({ caller: 'ada', now: new Date(now.getTime() + seconds * 1_000) }),
    );
  expect(asked).toHaveLength(2);
});

test('a model that failed is asked again', async () => {
  const { asked, model } = counted({ ok: false, detail: 'HTTP 500' });
  const resolver = resolverOf([tier('builtin', unsure).classifier], model);
  for (let time = 0; time < 2; time++) await resolver.resolve('that one, A-1002', context({ caller: 'ada' }));
  expect(asked).toHaveLength(2);
});

test('what a model used is said of its visit, and of no answer that was kept', async () => {
  const usage = { input: 90, output: 10, money: 0.5 };
  const { asked, model } = counted({ ok: true, intent: 'orders.get@1', input: { order_id: 'A-1002' }, usage });
  const resolver = resolverOf([tier('builtin', unsure).classifier], model);
  const ask = () =>
    resolver.resolve('that one, A-1002', context({ caller: 'ada', tenant: 'shop', zone: 'Asia/Tokyo', locale: 'de' }));
  expect((await ask()).trail?.at(-1)).toMatchObject({ tier: 'model', tokens: 100, money: 0.5 });
  const kept = (await ask()).trail?.at(-1);
  expect(kept).toMatchObject({ tier: 'model', cached: true });
  expect(kept).not.toHaveProperty('tokens');
  expect(asked).toMatchObject([{ tenant: 'shop', zone: 'Asia/Tokyo', locale: 'de' }]);
});

test('what a model used in vain is said too', async () => {
  const { model } = counted({ ok: false, detail: 'refused', usage: { input: 90, output: 1 } });
  const resolution = await resolverOf([tier('builtin', unsure).classifier], model).resolve('that one', context());
  expect(resolution.trail?.at(-1)).toMatchObject({ tier: 'model', tokens: 91 });
  expect(resolution.trail?.at(-1)).not.toHaveProperty('money');
});
