import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ostiary } from './ostiary.ts';

describe('wrong usage ends with 2 and says what would be right', () => {
  test.each([
    { args: [], says: 'Start here:' },
    { args: ['audit'], says: 'Usage: ostiary audit' },
    { args: ['chekc'], says: "unknown command 'chekc'\n(Did you mean check?)" },
    { args: ['ask'], says: 'missing required argument \'words\'\n("npx ostiary ask --help" says more)' },
    { args: ['ask', 'hi', '--ky', 'x'], says: "unknown option '--ky'\n(Did you mean --key?)" },
    { args: ['ask', 'hi', '--url', 'nonsense'], says: '"nonsense" is not an address' },
    { args: ['demo', '--port', '70000'], says: 'a port is a number from 0 to 65535' },
    { args: ['serve', 'examples/shop', '--log', 'loud'], says: 'Allowed choices are fatal, error, warn' },
    { args: ['audit', 'tail', '-n', 'many'], says: 'a number from 1 to 100000' },
    { args: ['audit', 'tail', 'nowhere'], says: 'There is no ostiary.yaml in nowhere.' },
    { args: ['init', '--out', 'nowhere'], says: "required option '--openapi <file>' not specified" },
    { args: ['init', '--openapi', 'nowhere.yaml', '--out', 'nowhere'], says: 'nowhere.yaml cannot be read' },
  ])('ostiary $args', async ({ args, says }) => {
    const { code, stdout, stderr } = await ostiary(args);
    expect(stderr).toContain(says);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('no gateway answers: 7', () => {
  let strange: Server;
  let url: string;
  beforeAll(async () => {
    strange = createServer((_request, response) => response.end('<html>hello</html>')).listen(0, '127.0.0.1');
    await new Promise((resolve) => strange.once('listening', resolve));
    url = `http://127.0.0.1:${(strange.address() as AddressInfo).port}`;
  });
  afterAll(() => strange.close());

  test.each(['ask', 'explain'])('%s, nobody there', async (command) => {
    const { code, stdout, stderr } = await ostiary([command, 'hi', '--url', 'http://127.0.0.1:1']);
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    expect(stderr).toMatch(/^error: No gateway answers at http:\/\/127\.0\.0\.1:1 .*"npx ostiary demo"/);
  });
  test('intents, somebody else there', async () => {
    const { code, stderr } = await ostiary(['intents'], { env: { OSTIARY_URL: url } });
    expect(code).toBe(7);
    expect(stderr).toContain('without JSON. Is it an Ostiary gateway?');
  });
});

describe('key new', () => {
  test('--json: the hash is that of the key, and no two are the same', async () => {
    const made = await Promise.all([1, 2].map(() => ostiary(['key', 'new', '--json'])));
    const keys = made.map(({ stdout }) => JSON.parse(stdout) as { key: string; hash: string });
    for (const { key, hash } of keys) {
      expect(key).toMatch(/^ost_[\w-]{32}$/);
      expect(hash).toBe(`sha256:${createHash('sha256').update(key).digest('hex')}`);
    }
    expect(keys[0]?.key).not.toBe(keys[1]?.key);
  });
  test('in words: with what goes into ostiary.yaml', async () => {
    const { code, stdout } = await ostiary(['key', 'new']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^key: {2}ost_\S+\nhash: sha256:([0-9a-f]{64})\n[\s\S]*\ncredentials:\n {2}keys:\n[\s\S]*hash: sha256:\1\n/,
    );
  });
});

test('--version is that of package.json', async () =>
  expect(await ostiary(['--version'])).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' }));
