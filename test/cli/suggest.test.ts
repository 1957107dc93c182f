import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqliteStore } from '../../adapters/stores/sqlite.ts';
import { toHeard } from '../../gateway/cli/measure/hear-log.ts';
import { ostiary } from './ostiary.ts';

const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-suggest-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const parcel = [
  'where is my parcel',
  'track my parcel',
  'has the parcel been sent',
  'parcel tracking',
  'follow my parcel',
];
const money = [
  'I want my money back',
  'give my money back',
  'money back please',
  'refund my money',
  'return the money',
];

test('a file: what stands under the wrong intent, and what under two', async () => {
  const cwd = scratch();
  const line = (intent: string) => (text: string) => JSON.stringify({ text, intent });
  writeFileSync(
    join(cwd, 'train.jsonl'),
    [
      ...parcel.map(line('track')),
      ...money.map(line('refund')),
      line('refund')('track the parcel'),
      line('track')('Money back please!'),
    ].join('\n'),
  );
  const { code, stdout, stderr } = await ostiary(['suggest', '--train', 'train.jsonl', '--json'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({ examples: 12, worth_adding: null });
  expect(found.contradictory).toEqual([{ text: 'money back please', labels: ['refund', 'track'] }]);
  expect(found.confused).toEqual([expect.objectContaining({ labels: ['refund', 'track'], count: expect.any(Number) })]);
  const words = await ostiary(['suggest', '--train', 'train.jsonl'], { cwd });
  expect(words.stdout).toMatch(/^ {2}refund and track: \d examples \(\d\d\.\d %\)$/m);
  expect(words.stdout).toContain('"money back please": refund, track');
  expect(words.stdout).toContain('"track the parcel" stands under refund, reads like track');
});

describe('the audit log', () => {
  const entry = (more: object) => ({
    kind: 'outcome',
    request: 'r',
    at: '2026-11-23T10:00:00.000Z',
    principal: { tenant: 'default', type: 'user', id: 'dana', credential: 'dana' },
    ...more,
  });
  const log = [
    entry({ asked: 'ask', words: 'what about my cash for A-1001', outcome: 'out_of_scope' }),
    entry({ asked: 'typed', intent: 'orders.refund@2.1.0', outcome: 'completed', at: '2026-11-23T10:00:20.000Z' }),
    { kind: 'ahead', request: 'r', at: '2026-11-23T10:01:00.000Z' },
    entry({
      asked: 'ask',
      words: 'the low ones',
      intent: 'catalogue.low-stock@1.0.0',
      outcome: 'completed',
      resolution: { tier: 'builtin', confidence: 0.61, margin: 0.2 },
    }),
    entry({ asked: 'unreadable', outcome: 'failed' }),
  ];

  test('what people said that turned out to mean something', async () => {
    const folder = scratch();
    const store = await sqliteStore(folder);
    for (const body of log) await store.audit.append(JSON.stringify(body));
    await store.close();
    const { stdout } = await ostiary(['suggest', 'examples/shop', '--json'], {
      env: { SHOP_STORE: pathToFileURL(folder).href },
    });
    expect(JSON.parse(stdout).worth_adding).toEqual([
      { words: 'what about my cash for A-1001', intent: 'orders.refund', why: 'typed', times: 1 },
      { words: 'the low ones', intent: 'catalogue.low-stock', why: 'unsure', times: 1 },
    ]);
  });

  test.each([
    { body: log[2], is: [] },
    { body: log[4], is: [] },
    { body: entry({ asked: 'explain ask', words: 'x', outcome: 'explained' }), is: [] },
    { body: { ...entry({ asked: 'ask', outcome: 'denied' }), principal: undefined }, is: [] },
    {
      body: entry({ asked: 'confirmation', answers: 'c1', outcome: 'completed', intent: 'a.b@1.0.0' }),
      is: [
        expect.objectContaining({
          kind: 'answer',
          confirmation: 'c1',
          intent: 'a.b',
          who: '["default","user","dana"]',
        }),
      ],
    },
  ])('$body.kind $body.asked is heard as $is', ({ body, is }) =>
    expect(toHeard({ body: JSON.stringify(body) })).toEqual(is),
  );
});
