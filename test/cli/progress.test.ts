import { expect, test } from 'vitest';
import { progressBar } from '../../gateway/cli/measure/progress.ts';

const streamThat = (isTTY: boolean) => {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  return { stream, written };
};

test('on a terminal: a bar that is drawn ten times a second at most, and cleared at the end', () => {
  const { stream, written } = streamThat(true);
  let now = 1_000;
  const bar = progressBar(stream, () => now);
  bar.stage('testing', 4);
  now += 50;
  bar.to(1);
  now += 60;
  bar.to(2);
  bar.to(4);
  bar.end();
  expect(written).toEqual([
    `\r\u001B[Ktesting ${'░'.repeat(28)} 0/4`,
    `\r\u001B[Ktesting ${'█'.repeat(14)}${'░'.repeat(14)} 2/4`,
    `\r\u001B[Ktesting ${'█'.repeat(28)} 4/4`,
    '\r\u001B[K',
  ]);
});

test('anywhere else: nothing', () => {
  const { stream, written } = streamThat(false);
  const bar = progressBar(stream, () => 0);
  bar.stage('testing', 4);
  bar.to(4);
  bar.end();
  expect(written).toEqual([]);
});
