import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, main, plainEnv, root, startDemo } from '../cli/ostiary.ts';
import { fences } from './fences.ts';

/** Each command of the page with what the page shows behind it. */
const page = readFileSync(new URL('../../docs/first-five-requests.md', import.meta.url), 'utf8');
const blocks = fences(page);
const steps = blocks.flatMap(({ language, text, line }, index) => {
  const shown = blocks[index + 1];
  const asked = language === 'sh' && /^(curl|npx ostiary) /.test(text);
  return asked ? [{ line, command: text, shown }] : [];
});

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo?.close());

test('the page has a read, a write with its yes, a refusal, a question, something out of scope, each in two ways', () => {
  const outcomes = steps.map(({ shown }) => /"outcome": "(\w+)"/.exec(shown?.text ?? '')?.[1]);
  expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual([
    'completed',
    'confirm',
    'completed',
    'denied',
    'clarify',
    'confirm',
    'out_of_scope',
  ]);
  expect(steps.filter(({ command }) => command.startsWith('npx ostiary ask'))).toHaveLength(5);
  expect(page.match(/^## \d\. /gm)).toHaveLength(5);
});

let confirmation = 'none yet';
test.each(steps)('line $line: $command', async ({ command, shown }) => {
  const { stdout } = await run(command);
  if (shown?.language === 'json') {
    const answer = JSON.parse(stdout) as { confirmation?: { id: string } };
    expectShown(answer, JSON.parse(shown.text), 'answer');
    confirmation = answer.confirmation?.id ?? confirmation;
  } else {
    expect(shown?.language).toBe('text');
    expectLines(stdout, shown?.text ?? '');
  }
});

/** Runs a command of the page as it stands, against the demo of this test. */
const run = async (command: string): Promise<{ stdout: string }> => {
  const exact = command
    .replace('http://127.0.0.1:8080', demo.url)
    .replace('CONFIRMATION_ID', confirmation)
    .replace('npx ostiary', `"${process.execPath}" "${main}"`);
  const env = plainEnv({ SHOP_STORE: demo.env.SHOP_STORE ?? '', OSTIARY_URL: demo.url });
  try {
    return await promisify(execFile)('sh', ['-c', exact], { cwd: root, env });
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    if (code === commandNotFound && command.startsWith('curl')) return withoutCurl(exact);
    // The command line ends with the code of the outcome: 4 for a refusal, and so on.
    if (code >= 3 && code <= 5) return { stdout };
    throw error;
  }
};
const commandNotFound = 127;

/** Does what `curl -s URL -H … -d …` does, where there is no curl. */
const withoutCurl = async (command: string): Promise<{ stdout: string }> => {
  const [, url = '', rest = ''] = /^curl -s (\S+) (.*)$/.exec(command) ?? [];
  const headers = [...rest.matchAll(/-H '([^:']+): ([^']*)'/g)].map(([, name = '', value = '']) => [name, value]);
  const body = /-d '([^']*)'/.exec(rest)?.[1] ?? '';
  const response = await fetch(url, { method: 'POST', headers: Object.fromEntries(headers), body });
  return { stdout: await response.text() };
};

/** Every member that the page shows is in the answer and equal; `…` stands for anything that is there. */
const expectShown = (answer: unknown, shown: unknown, where: string): void => {
  if (shown === '…') expect(answer, where).toBeDefined();
  else if (typeof shown === 'object' && shown !== null)
    for (const [name, member] of Object.entries(shown)) {
      expect(answer, `${where}/${name}`).toHaveProperty([name]);
      expectShown((answer as Record<string, unknown>)[name], member, `${where}/${name}`);
    }
  else expect(answer, where).toEqual(shown);
};

/** Every line that the page shows is printed, in that order; `…` stands for anything, and any space for any other. */
const expectLines = (printed: string, shown: string): void => {
  const left = printed.split('\n').map(squeezed);
  for (const line of shown.split('\n').map(squeezed)) {
    const pattern = new RegExp(`^${line.split('…').map(RegExp.escape).join('.*')}$`);
    const at = left.findIndex((one) => pattern.test(one));
    expect(at, `"${line}" in:\n${printed}`).toBeGreaterThanOrEqual(0);
    left.splice(0, at + 1);
  }
};
const squeezed = (line: string): string => line.trim().replace(/\s+/g, ' ');
