import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, ostiary, startDemo } from './ostiary.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
  for (const args of [['show order A-1001'], ['refund 5 euros on A-1001', '--yes'], ['what is the weather in Paris']])
    await ostiary(['ask', ...args], { env: demo.env });
});
afterAll(() => demo?.close());

const audit = (...args: string[]) => ostiary(['audit', ...args], { env: demo.env });

test('tail: a line for each entry, oldest first, while the gateway runs', async () => {
  const { code, stdout } = await audit('tail', 'examples/shop');
  expect(code).toBe(0);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
  expect(rows.map(([sequence, , outcome, who, what]) => [sequence, outcome, who, what])).toEqual([
    ['1', 'completed', 'dana', 'orders.get@1.2.0'],
    ['2', 'confirm', 'dana', 'orders.refund@2.1.0'],
    ['3', 'ahead', 'dana', 'orders.refund@2.1.0'],
    ['4', 'completed', 'dana', 'orders.refund@2.1.0'],
    ['5', 'out_of_scope', 'dana', 'what is the weather in Paris'],
  ]);
});

test('tail --json -n: one object a line, the newest', async () => {
  const { stdout } = await audit('tail', 'examples/shop', '--json', '-n', '2');
  const entries = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(entries).toEqual([
    {
      sequence: 4,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      entry: expect.objectContaining({ kind: 'outcome', outcome: 'completed', intent: 'orders.refund@2.1.0' }),
    },
    { sequence: 5, hash: expect.any(String), entry: expect.objectContaining({ outcome: 'out_of_scope' }) },
  ]);
});

test('verify: the chain holds, until one byte of an entry is another', async () => {
  expect(await audit('verify', 'examples/shop')).toMatchObject({ code: 0, stdout: '✔ 5 entries, the chain holds\n' });
  const file = readdirSync(demo.data).find((name) => /\.(db|sqlite)$/.test(name)) ?? '';
  const database = new DatabaseSync(join(demo.data, file));
  database.exec(
    `DROP TRIGGER audit_no_update; UPDATE audit SET body = replace(body, '"amount":5', '"amount":6') WHERE sequence = 3`,
  );
  database.close();
  expect(await audit('verify', 'examples/shop')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: The chain breaks at entry 3: it, or one before it, is not what was written.\n',
  });
});
