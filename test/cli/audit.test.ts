import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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

test('show: all that is recorded of one request, as it stands in the log', async () => {
  const { stdout } = await audit('tail', 'examples/shop', '--json');
  const { request } = (JSON.parse(stdout.trim().split('\n')[3] ?? '') as { entry: { request: string } }).entry;
  const shown = await audit('show', `urn:ostiary:request:${request}`, 'examples/shop', '--json');
  const entries = shown.stdout.trim().split('\n');
  expect(entries.map((line) => JSON.parse(line).entry)).toMatchObject([
    { kind: 'ahead', request },
    { kind: 'outcome', request },
  ]);
  expect(await audit('show', 'never-was', 'examples/shop')).toMatchObject({ code: 1 });
});

test('export: a file that verifies without the set-up, until a byte of it is another', async () => {
  const file = join(demo.data, 'audit.jsonl');
  const exported = await audit('export', 'examples/shop', '--out', file);
  expect(exported).toMatchObject({ code: 0, stdout: '' });
  const [, entries, key = ''] = /^(\d+) entries; .* --key ([\w-]{43})\n$/.exec(exported.stderr) ?? [];
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const verify = (...more: string[]) => audit('verify', '/nowhere', '--file', file, '--key', key, ...more);
  expect((await verify()).stdout).toMatch(new RegExp(`^✔ ${entries} entries, the chain holds`));
  const text = readFileSync(file, 'utf8');
  const last = JSON.parse(text.split('\n').at(-3) ?? '') as { sequence: number; hash: string };
  expect(await verify('--holds', `${last.sequence}:${last.hash}`)).toMatchObject({ code: 0 });
  expect(await verify('--holds', `${last.sequence}:${'0'.repeat(64)}`)).toMatchObject({ code: 1 });
  writeFileSync(file, text.replace('"amount\\":5', '"amount\\":6'));
  expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringContaining('The chain breaks at entry') });
}, 120_000);

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
