import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ostiary, root } from './ostiary.ts';

const golden = join(import.meta.dirname, 'golden');
const commands = [
  '',
  'demo',
  'serve',
  'init',
  'import',
  'check',
  'diff',
  'generate',
  'generate openapi',
  'generate graphql',
  'generate proto',
  'generate mcp',
  'generate client',
  'generate examples',
  'ask',
  'explain',
  'intents',
  'eval',
  'suggest',
  'train',
  'approvals',
  'approvals list',
  'approvals approve',
  'approvals reject',
  'policy',
  'policy check',
  'policy test',
  'policy explain',
  'policy replay',
  'policy shadow',
  'policy doc',
  'audit',
  'audit tail',
  'audit show',
  'audit verify',
  'audit export',
  'doubt',
  'doubt list',
  'doubt show',
  'doubt settle',
  'key',
  'key new',
  'token',
  'token key',
  'token mint',
  'token attenuate',
  'token inspect',
  'token verify',
  'token proof',
  'token revoke',
];

describe('the help of each command is as it was reviewed (UPDATE_GOLDEN=1 rewrites it)', () => {
  test.each(commands)('ostiary %s --help', async (command) => {
    const words = command.split(' ').filter((word) => word !== '');
    const { code, stdout, stderr } = await ostiary([...words, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const file = join(golden, `help${words.map((word) => `-${word}`).join('')}.txt`);
    if (process.env.UPDATE_GOLDEN === '1') {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, stdout);
    }
    expect(stdout).toBe(readFileSync(file, 'utf8'));
  });

  test.each(
    commands.filter(
      (command) => !['', 'audit', 'doubt', 'key', 'policy', 'approvals', 'generate', 'token'].includes(command),
    ),
  )('%s has an example', (command) => {
    const text = readFileSync(join(golden, `help-${command.replaceAll(' ', '-')}.txt`), 'utf8');
    expect(text).toMatch(new RegExp(`^ {2}\\$ (\\S+=\\S+ )?npx ostiary .*${command}`, 'm'));
  });
});

test('docs/cli.md tells of every command and every option', () => {
  const page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
  const rows = new Map(
    [
      ...page.matchAll(
        /^\| `ostiary (\w+(?: (?:tail|verify|show|export|settle|new|key|mint|attenuate|inspect|proof|revoke|list|approve|reject|check|test|explain|replay|shadow|doc|proto|mcp|openapi|graphql|client|examples))?)(.*?)` \|/gm,
      ),
    ].map(([, name = '', rest = '']) => [name, rest]),
  );
  const leaves = commands.filter(
    (command) => !['', 'audit', 'doubt', 'key', 'policy', 'approvals', 'generate', 'token'].includes(command),
  );
  expect([...rows.keys()].sort()).toEqual([...leaves].sort());
  for (const command of leaves) {
    const help = readFileSync(join(golden, `help-${command.replaceAll(' ', '-')}.txt`), 'utf8');
    const options = [...help.matchAll(/^ {2}(?:(-\w), )?(--[a-z]+)/gm)].filter(([, , long]) => long !== '--help');
    for (const [, short, long = ''] of options)
      expect(
        rows.get(command)?.includes(long) || (short !== undefined && rows.get(command)?.includes(short)),
        `${command} ${long}`,
      ).toBe(true);
  }
});
