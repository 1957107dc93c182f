import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ostiary } from './ostiary.ts';

let cwd: string;
const line = (before: string, city: string, after: string) =>
  JSON.stringify({
    text: `${before} ${city} ${after}`.trim(),
    intent: 'weather',
    slots: [{ slot: 'city', start: before.length + 1, end: before.length + 1 + city.length }],
  });
const write = (name: string, ...lines: readonly string[]) => writeFileSync(join(cwd, name), lines.join('\n'));

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'ostiary-slots-'));
  const cities = ['Rome', 'Oslo', 'Lima', 'Kyoto', 'Quito', 'Paris'];
  write(
    'train.jsonl',
    ...cities.flatMap((city) => [line('what is the weather in', city, 'today'), line('will it rain in', city, '')]),
    JSON.stringify({ text: 'is it sunny', intent: 'weather', slots: [] }),
  );
  write(
    'test.jsonl',
    line('what is the weather in', 'Cairo', 'today'),
    line('will it rain in', 'Bern', ''),
    '{"text":"no slots said","intent":"weather"}',
  );
  write('values.json', JSON.stringify({ city: ['Bern', 'Cairo'], other: ['x'] }));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
const evaluated = (...args: string[]) =>
  ostiary(['eval', '--slots', '--train', 'train.jsonl', '--test', 'test.jsonl', ...args], { cwd });

test('values are learned from lines that mark them, and found by their place', async () => {
  const { code, stdout } = await evaluated('--values', 'values.json', '--json', '--fail-under', 'slot_f1=0.9');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    texts: 2,
    matched: 'place',
    slot_f1: 1,
    slot_exact: 1,
    slots: [{ slot: 'city', count: 2, f1: 1 }],
  });
});

test('a file of values that is none', async () => {
  const { code, stderr } = await evaluated('--values', 'train.jsonl');
  expect(code).toBe(2);
  expect(stderr).toContain('train.jsonl is not written like {"city": ["Rome", "Oslo"]}.');
});
