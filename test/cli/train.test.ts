import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fromBytes } from '../../intents/resolve/learn/store.ts';
import { ostiary } from './ostiary.ts';

const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-train-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test('--export writes what was learned, and the report beside it', async () => {
  const file = join(scratch(), 'shop.learned');
  const { code, stdout, stderr } = await ostiary(['train', 'examples/shop', '--export', file]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^Learned from \d+ examples of 24 intents in .*\nEach example held out in turn: \d+\.\d % understood/,
  );
  expect(stdout).toMatch(
    /^ {2}an intent that +runs from +is asked back from\n {2}reads +\d\.\d\d +\d\.\d\d\n {2}writes/m,
  );
  expect(stdout).toContain(`\nWritten: ${file} (`);
  const learned = fromBytes(readFileSync(file));
  expect(learned?.labels).toHaveLength(24);
  expect(learned?.rank('please refund my order', 1).candidates[0]?.label).toBe('orders.refund@2');
  const report = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
  expect(report).toMatchObject({
    kind: 'ostiary-train/1',
    intents: 24,
    accuracy: expect.any(Number),
    ece: expect.any(Number),
    bytes: readFileSync(file).length,
    lines: { read: { run: expect.any(Number), ask: expect.any(Number) } },
  });
});

test('a file that cannot be written is said', async () => {
  const { code, stderr } = await ostiary(['train', 'examples/shop', '--export', join(scratch(), 'no/such/folder')]);
  expect(code).toBe(2);
  expect(stderr).toContain('cannot be written');
});
