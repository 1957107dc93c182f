import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ostiary, root, startServing } from './ostiary.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostiary-init-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pets = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '1' },
  servers: [{ url: 'https://pets.example/v1' }],
  paths: {
    '/pets/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: { operationId: 'getPet', responses: { 200: { description: 'ok' } } },
      delete: { operationId: 'deletePet', responses: { 204: { description: 'gone' } } },
    },
  },
};

const checked = async (dir: string) => JSON.parse((await ostiary(['check', dir, '--json'], { cwd: folder })).stdout);

describe('a small document', () => {
  let said = '';
  beforeAll(async () => {
    writeFileSync(join(folder, 'pets.json'), JSON.stringify(pets));
    const { code, stdout, stderr } = await ostiary(['init', '--openapi', 'pets.json', '--out', 'pets'], {
      cwd: folder,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    said = stdout;
  });

  test('says what was made and what to do next', () => {
    expect(said).toContain('✔ 2 intents in pets');
    expect(said).toContain('Nothing can be called yet');
    for (const next of ['check pets', 'key new', 'serve pets']) expect(said).toContain(`\n  npx ostiary ${next}`);
  });

  test('makes a set-up in which check finds nothing wrong, and which allows nothing', async () => {
    expect(await checked('pets')).toMatchObject({ ok: true, intents: 2, policies: 0, errors: [] });
    expect(readdirSync(join(folder, 'pets')).sort()).toEqual([
      '.schemas',
      'IMPORT.md',
      'import.lock.json',
      'intents',
      'ostiary.yaml',
      'policies',
    ]);
  });

  test('every file names a schema for editors that is there, as it is in docs/', () => {
    const files = readdirSync(join(folder, 'pets'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.yaml'),
    );
    expect(files).toHaveLength(3);
    for (const file of files) {
      const path = join(folder, 'pets', file);
      const [, hint = ''] = /^# yaml-language-server: \$schema=(\.\S+)\n/.exec(readFileSync(path, 'utf8')) ?? [];
      const schema = join(dirname(path), hint);
      expect(existsSync(schema), `${file}: ${hint}`).toBe(true);
      const name = schema.slice(join(folder, 'pets/.schemas/').length);
      expect(readFileSync(schema, 'utf8')).toBe(readFileSync(join(root, 'docs/schemas', name), 'utf8'));
    }
  });

  test('nothing is overwritten', async () => {
    const before = readFileSync(join(folder, 'pets/ostiary.yaml'), 'utf8');
    const { code, stderr } = await ostiary(['init', '--openapi', 'pets.json', '--out', 'pets'], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'error: pets is not empty. Nothing is overwritten: choose another folder.\n',
    });
    expect(readFileSync(join(folder, 'pets/ostiary.yaml'), 'utf8')).toBe(before);
  });

  test('what is no OpenAPI document is told, and leaves nothing behind', async () => {
    writeFileSync(join(folder, 'no.json'), '{"swagger": "2.0"}');
    writeFileSync(join(folder, 'half.json'), '{"openapi": ');
    for (const file of ['no.json', 'half.json']) {
      const { code, stderr } = await ostiary(['init', '--openapi', file, '--out', 'none'], { cwd: folder });
      expect(code).toBe(1);
      expect(stderr).toMatch(new RegExp(`^error: ${file}\\b.*\n$`));
    }
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

test('from a document to the first call: take the suggestions, put in a key, serve, ask', async () => {
  const backend = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ asked: request.url }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void backend.close());
  await new Promise((resolve) => backend.once('listening', resolve));
  const { port } = backend.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/v1`;
  writeFileSync(join(folder, 'own.json'), JSON.stringify({ ...pets, servers: [{ url }] }));
  await ostiary(['init', '--openapi', 'own.json', '--out', 'own'], { cwd: folder });
  const { key, hash } = JSON.parse((await ostiary(['key', 'new', '--json'])).stdout) as { key: string; hash: string };

  // What the comments of the files ask for: each commented block in place of the empty line beside it.
  edit('own/policies/deny-all.policy.yaml', (text) =>
    text.replace(/^(subjects: \{\}|rules: \[\])\n((?:# .*\n?)+)/gm, (_all, _line, block: string) =>
      block.replace(/^# /gm, ''),
    ),
  );
  edit('own/ostiary.yaml', (text) =>
    text
      .replace(/^ {2}keys: \[\]\n/m, '')
      .replace(/^ {2}# keys:\n((?: {2}# {3}.*\n)+)/m, (block) => block.replace(/^ {2}# /gm, '  '))
      .replace('sha256:...', hash),
  );
  expect(await checked('own')).toMatchObject({ ok: true, intents: 2, policies: 2, errors: [], warnings: [] });

  const ready = /Ostiary serves 2 intents at (http:\S+)\./;
  const serving = await startServing(['serve', 'own', '--port', '0', '--log', 'silent'], ready, { cwd: folder });
  try {
    const env = { OSTIARY_URL: serving.url, OSTIARY_KEY: key };
    const listed = await ostiary(['intents', '--json'], { env });
    const { intents } = JSON.parse(listed.stdout) as { intents: { intent: string; effect: string }[] };
    expect(intents.map(({ effect }) => effect)).toEqual(['read']);
    const called = await fetch(`${serving.url}/v1/intents/${intents[0]?.intent}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{"id": "7"}',
    });
    expect({ status: called.status, body: await called.json() }).toEqual({
      status: 200,
      body: { asked: '/v1/pets/7' },
    });
  } finally {
    await serving.stop('SIGTERM');
  }
});

const edit = (file: string, change: (text: string) => string) =>
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));

test("GitHub's description: every operation becomes an intent, and check passes on all of them", async () => {
  const github = join(createRequire(import.meta.url).resolve('@octokit/openapi'), '../generated/api.github.com.json');
  const { code, stdout } = await ostiary(['init', '--openapi', github, '--out', 'github', '--json'], { cwd: folder });
  expect(code).toBe(0);
  const made = JSON.parse(stdout) as { intents: number; skipped: unknown[]; files: string[] };
  expect(made.intents).toBe(1_214);
  for (const file of made.files) expect(existsSync(join(folder, 'github', file)), file).toBe(true);
  expect(await checked('github')).toMatchObject({ ok: true, intents: 1_214, errors: [] });
}, 120_000);
