import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ostiary, root } from './ostiary.ts';

/** The contracts of the shop, with one text of one file replaced. */
const shop = (file: string, from: string, to: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-diff-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['ostiary.yaml', 'ontology.yaml', 'intents'])
    cpSync(join(root, 'examples/shop', name), join(folder, name), { recursive: true });
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
  return folder;
};
const search = 'intents/catalogue.yaml';

test('a set-up against itself, by way of one saved file', async () => {
  const folder = shop(search, 'maxLength: 80', 'maxLength: 90');
  const saved = join(folder, 'saved.yaml');
  expect(await ostiary(['diff', 'examples/shop', '--save', saved])).toMatchObject({ code: 0, stdout: '' });
  const same = await ostiary(['diff', saved, 'examples/shop']);
  expect(same).toEqual({ code: 0, stdout: '✔ 0 contracts changed, 0 refused\n', stderr: '' });
  const { code, stdout } = await ostiary(['diff', saved, folder, '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    contracts: [
      {
        name: 'catalogue.search',
        level: 'minor',
        right: '1.2.0',
        changes: [{ level: 'minor', path: ['input', 'text'] }],
      },
    ],
  });
});

test('a version that promises more than is true is refused, with its place and the one that would be right', async () => {
  const folder = shop(search, 'maxLength: 80', 'maxLength: 40');
  const { code, stdout, stderr } = await ostiary(['diff', 'examples/shop', folder]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const line = readFileSync(join(folder, search), 'utf8').split('version: 1.1.0')[0]?.split('\n').length;
  expect(stdout).toContain('  major input/text has "maxLength" 40, and had 80\n');
  expect(stdout).toContain(
    `${search}:${line}:10 catalogue.search changed by a major from 1.1.0, and says it is 1.1.0: 2.0.0 would be right.`,
  );
});

test('the right version goes through, with a changelog', async () => {
  const folder = shop(search, 'version: 1.1.0', 'version: 1.1.1');
  const { code, stdout } = await ostiary(['diff', 'examples/shop', folder, '--markdown']);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '# Changes of the contracts\n\n## catalogue.search 1.1.0 → 1.1.1\n',
  });
});

test.each([
  { args: ['nowhere', 'examples/shop'], says: 'There is no nowhere.' },
  { args: ['examples/shop'], says: 'diff takes OLD and NEW; or OLD and --save FILE.' },
  { args: ['docs/cli.md', 'examples/shop'], says: 'nothing was compared' },
])('ostiary diff $args: 2', async ({ args, says }) => {
  const { code, stderr } = await ostiary(['diff', ...args]);
  expect(code).toBe(2);
  expect(stderr).toContain(says);
});
