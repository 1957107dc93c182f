import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ostiary, root } from './ostiary.ts';

interface Checked {
  readonly ok: boolean;
  readonly intents: number;
  readonly policies: number;
  readonly errors: readonly { file: string; line: number; column: number; code: string; message: string }[];
  readonly warnings: readonly unknown[];
}

const checked = async (dir: string, cwd = root): Promise<{ code: number | null; found: Checked }> => {
  const { code, stdout, stderr } = await ostiary(['check', dir, '--json'], { cwd });
  expect(stderr).toBe('');
  return { code, found: JSON.parse(stdout) as Checked };
};

/** A copy of the shop in which one text of one file is another. */
const broken = (changes: readonly { file: string; from: string; to: string }[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-check-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['ostiary.yaml', 'ontology.yaml', 'intents', 'policies'])
    cpSync(join(root, 'examples/shop', name), join(folder, 'shop', name), { recursive: true });
  for (const { file, from, to } of changes) {
    const path = join(folder, 'shop', file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
  }
  return folder;
};

test('--json on a set-up that is whole', async () => {
  const { code, found } = await checked('examples/shop');
  expect(code).toBe(0);
  expect(found).toEqual({ ok: true, intents: 24, policies: 25, errors: [], warnings: [] });
});

/** Line and column, from 1, of where a text stands in a file. */
const placeOf = (file: string, text: string): { line: number; column: number } => {
  const before = readFileSync(file, 'utf8').split(text)[0]?.split('\n') ?? [];
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

test.each([
  {
    name: 'a misspelt key of an intent',
    change: { file: 'intents/orders.yaml', from: 'effect: read', to: 'efect: read' },
    at: 'efect',
    code: 'intent.unknown-key',
    says: 'Did you mean "effect"?',
  },
  {
    name: 'a file that is no YAML',
    change: { file: 'ontology.yaml', from: 'ontology: shop', to: 'ontology: [shop' },
    at: 'entities:',
    code: 'yaml.syntax',
    says: 'This is not valid YAML',
  },
  {
    name: 'a misspelt subject of a rule',
    change: { file: 'policies/shop.policy.yaml', from: 'who: [support-agent]', to: 'who: [suport-agent]' },
    at: 'suport-agent',
    code: 'policy.subject',
    says: 'Did you mean "support-agent"?',
  },
  {
    name: 'an environment variable that is not set',
    change: { file: 'ostiary.yaml', from: 'tenant: shop', to: `tenant: "$\{SHOP_TENANT}"` },
    at: '"$',
    code: 'config.environment',
    says: 'SHOP_TENANT is not set',
  },
])('--json on $name', async ({ change, at, code, says }) => {
  const folder = broken([change]);
  const checkedNow = await checked('shop', folder);
  expect(checkedNow.code).toBe(1);
  expect(checkedNow.found).toMatchObject({ ok: false, intents: expect.any(Number), policies: expect.any(Number) });
  const file = `shop/${change.file}`;
  expect(checkedNow.found.errors).toContainEqual({
    file,
    ...placeOf(join(folder, file), at),
    code,
    message: expect.stringContaining(says),
  });
});

describe('in words', () => {
  const two = [
    { file: 'intents/orders.yaml', from: 'effect: read', to: 'efect: read' },
    { file: 'intents/catalogue.yaml', from: 'effect: read', to: 'effect: reed' },
  ];
  test('everything that is wrong is told at once, each with its place', async () => {
    const { code, stdout, stderr } = await ostiary(['check', 'shop'], { cwd: broken(two) });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^shop\/intents\/orders\.yaml:6:1 error .*"efect".* intent\.unknown-key$/m);
    expect(stdout).toMatch(/^shop\/intents\/catalogue\.yaml:\d+:\d+ error .* intent\.[a-z-]+$/m);
    expect(stdout).toMatch(/^✘ \d+ intents, \d+ policy rules?, \d+ errors, \d+ warnings?$/m);
  });

  test('serve starts nothing on it, and says the same on stderr', async () => {
    const { code, stdout, stderr } = await ostiary(['serve', 'shop', '--port', '0'], { cwd: broken(two) });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^shop\/intents\/orders\.yaml:6:1 error /m);
    expect(stderr).toMatch(/errors in shop; nothing was started\.\n$/);
  });

  test('a folder without a set-up is told how one is made', async () => {
    const { code, stdout } = await ostiary(['check', 'docs']);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'There is no ostiary.yaml in docs. "ostiary init --openapi FILE --out DIR" makes a set-up',
    );
  });
});
