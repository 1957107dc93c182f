import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drawDifferences, drawReport } from '../../gateway/cli/measure/draw-report.ts';
import { evaluate } from '../../gateway/cli/measure/evaluate.ts';
import type { TierName } from '../../gateway/cli/measure/tiers.ts';
import { trainingSet } from '../../gateway/cli/measure/training-set.ts';
import type { Encoder, Model, ModelAnswer, ModelQuestion } from '../../intents/ports.ts';
import { fakeLearn } from './fake-learner.ts';

const line = (text: string, intent: string | null) => ({ text, intent, line: 1 });
const train = [
  line('where is my parcel', 'track'),
  line('track the parcel', 'track'),
  line('track the parcel', 'track'),
  line('give my money back', 'refund'),
  line('refund the order', 'refund'),
];
const test_ = [
  line('where is the parcel', 'track'),
  line('money back for the order', 'refund'),
  line('refund parcel', 'refund'),
  line('play music', null),
  line('sell stocks', 'trade'),
];

const encoder: Encoder = {
  id: 'fake',
  dimensions: 1,
  encode: async (texts) => texts.map(() => new Float32Array([1])),
  close: async () => {},
};
const model = (answer: (text: string) => ModelAnswer): Model => ({
  name: 'fake',
  propose: async ({ text }) => answer(text),
});

const run = (
  more: {
    tiers?: TierName[];
    refuse?: 'auto' | 'always' | 'never';
    test?: typeof test_;
    model?: Model;
    tenant?: string;
  } = {},
) => {
  let clock = 0;
  const tick = () => {
    clock += 100;
    return clock;
  };
  return evaluate({
    train: trainingSet(train),
    test: more.test ?? test_,
    tiers: more.tiers ?? ['builtin'],
    refuse: more.refuse ?? 'auto',
    learn: fakeLearn,
    encoder,
    ...(more.model && { model: more.model }),
    ...(more.tenant !== undefined && { tenant: more.tenant }),
    progress: { stage() {}, to() {}, end() {} },
    now: tick,
    micros: tick,
    examples: 5,
    signal: AbortSignal.timeout(5_000),
  });
};

test('has every figure the documentation names', async () => {
  const report = await run();
  for (const name of [
    'accuracy',
    'in_scope_accuracy',
    'oos_recall',
    'oos_auroc',
    'ece',
    'coverage_at_99_precision',
    'p50_us',
    'p99_us',
    'train_ms',
  ])
    expect(report, name).toHaveProperty(name, expect.any(Number));
});

test('counts what is refused, what is unknown, and what says the same twice', async () => {
  expect(await run()).toMatchObject({
    learned_from: { texts: 4, intents: 2, repeated: 1, contradictory: 0, out_of_scope: 0 },
    texts: 5,
    in_scope: 4,
    out_of_scope: 1,
    oos_recall: 1,
    unknown_labels: [{ label: 'trade', texts: 1 }],
    refusal: { counted: true, scope_line: 0.25 },
    train_ms: 100,
    p50_us: 100,
  });
});

describe('whether refusing counts', () => {
  const inScope = [line('where is the parcel', 'track'), line('please do kindly track something else', 'track')];
  test.each([
    { refuse: 'auto', counted: false, accuracy: 1 },
    { refuse: 'always', counted: true, accuracy: 0.5 },
    { refuse: 'never', counted: false, accuracy: 1 },
  ] as const)('$refuse, nothing out of scope in the test', async ({ refuse, counted, accuracy }) =>
    expect(await run({ refuse, test: inScope })).toMatchObject({
      accuracy,
      oos_recall: null,
      in_scope_accuracy_unrefused: 1,
      refusal: { counted, in_scope_under: 0.5 },
    }),
  );
  test('auto, with something out of scope', async () =>
    expect(await run({ test: [...inScope, line('play music', null)] })).toMatchObject({
      in_scope_accuracy: 0.5,
      oos_recall: 1,
      refusal: { counted: true },
    }));
});

describe('stronger tiers', () => {
  test('are asked only where the one before is not sure', async () => {
    const { tiers } = await run({ tiers: ['encoder', 'builtin'] });
    expect(tiers.map(({ tier, share }) => [tier, share])).toEqual([
      ['builtin', 0.4],
      ['encoder', 0.6],
    ]);
  });
  const answers: { name: string; answer: ModelAnswer; answered: string | null }[] = [
    {
      name: 'a candidate',
      answer: { ok: true, intent: 'refund', input: {}, usage: { input: 1, output: 0 } },
      answered: 'refund',
    },
    {
      name: 'none of them',
      answer: { ok: true, intent: null, input: {}, usage: { input: 1, output: 0 } },
      answered: null,
    },
    {
      name: 'something that was not offered',
      answer: { ok: true, intent: 'nonsense', input: {}, usage: { input: 1, output: 0 } },
      answered: 'track',
    },
    { name: 'nothing at all', answer: { ok: false, detail: 'down' }, answered: 'track' },
  ];
  test.each(answers)('a model that says $name', async ({ answer, answered }) => {
    const report = await run({
      tiers: ['builtin', 'model'],
      refuse: 'always',
      test: [line('parcel something', 'other')],
      model: model(() => answer),
    });
    expect(report.worst[0]?.answer).toBe(answered);
    expect(report.tiers.map(({ share }) => share)).toEqual([0, 1]);
  });

  test('a model is shown the examples nearest to the words, on the budget of the tenant', async () => {
    const asked: ModelQuestion[] = [];
    const text = 'track something';
    await run({
      tiers: ['builtin', 'model'],
      test: [line(text, 'track')],
      tenant: 'shop',
      model: {
        name: 'fake',
        async propose(question) {
          asked.push(question);
          return { ok: false, detail: 'down' };
        },
      },
    });
    const [question] = asked;
    expect(question?.tenant).toBe('shop');
    expect(question?.candidates.find(({ id }) => id === 'track')?.examples).toEqual([
      'track the parcel',
      'where is my parcel',
    ]);
  });
});

test('in words: the figures, what was refused, what is confused, and nothing that steers a terminal', async () => {
  const report = await run({ test: [...test_, line('refund \u001B[31m parcel', 'refund')] });
  const words = `${drawReport(report).join('\n')}\n`;
  const file = join(import.meta.dirname, 'golden/eval-report.txt');
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, words);
  expect(words).toBe(readFileSync(file, 'utf8'));
});

test('what differs from an earlier run', () => {
  const changed = { figure: 'accuracy', before: 0.81234, now: 0.9, verdict: 'better' } as const;
  const same = { figure: 'ece', before: 0.01, now: 0.01, verdict: 'same' } as const;
  expect(drawDifferences([changed, same], 'before.json')).toEqual([
    '',
    'Compared with before.json',
    '  ▲ accuracy  0.8123  →  0.9000',
  ]);
  expect(drawDifferences([same], 'before.json')).toEqual(['', 'Nothing differs from before.json.']);
});
