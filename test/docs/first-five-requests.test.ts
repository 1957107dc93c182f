import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** The page as it stands: each `sh` block is run, the `json` block behind it must be in the answer. */
const page = readFileSync(new URL('../../docs/first-five-requests.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)].map(([, kind = '', text = '']) => ({
  kind,
  text: text.trim(),
}));
const steps = blocks.flatMap(({ kind, text }, index) => {
  const next = blocks[index + 1];
  return kind === 'sh' && text.startsWith('curl')
    ? [{ command: text, shown: next?.kind === 'json' ? (JSON.parse(next.text) as unknown) : undefined }]
    : [];
});

const main = new URL('../../gateway/cli/main.ts', import.meta.url).pathname;
const demo = spawn(process.execPath, [main, 'demo', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
let url = '';
beforeAll(
  () =>
    new Promise<void>((resolve, reject) => {
      let printed = '';
      demo.stdout.on('data', (chunk) => {
        printed += String(chunk);
        url = /Ostiary is at (\S+),/.exec(printed)?.[1] ?? '';
        if (printed.includes('Ctrl-C')) resolve();
      });
      demo.once('exit', (code) => reject(new Error(`the demo ended with ${code}: ${printed}`)));
    }),
);
afterAll(async () => {
  const ended = new Promise((resolve) => demo.once('exit', resolve));
  demo.kill('SIGINT');
  expect(await ended).toBe(0);
});

test('the page walks through a read, a write, a refusal, a question and something out of scope', () => {
  expect(steps).toHaveLength(7);
  expect(steps.every(({ shown }) => shown !== undefined)).toBe(true);
});

test('and the product answers as the page says', async () => {
  let confirmation = '';
  for (const { command, shown } of steps) {
    const exact = command.replace('http://127.0.0.1:8080', url).replace('CONFIRMATION_ID', confirmation);
    const { stdout } = await promisify(execFile)('sh', ['-c', exact]);
    const answer = JSON.parse(stdout) as { confirmation?: { id: string } };
    expectShown(answer, shown, command);
    confirmation = answer.confirmation?.id ?? confirmation;
  }
});

/** Every member that the page shows is in the answer and equal; `…` stands for anything. */
const expectShown = (answer: unknown, shown: unknown, where: string): void => {
  if (shown === '…') expect(answer, where).toBeDefined();
  else if (Array.isArray(shown))
    for (const [index, item] of shown.entries())
      expectShown((answer as unknown[])?.[index], item, `${where}[${index}]`);
  else if (typeof shown === 'object' && shown !== null)
    for (const [name, member] of Object.entries(shown))
      expectShown((answer as Record<string, unknown>)?.[name], member, `${where}.${name}`);
  else expect(answer, where).toEqual(shown);
};
