import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { tokensForTest } from '../gateway/tokens-world.ts';
import { ostiary } from './ostiary.ts';

const folderForTest = () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};
const limit = 'notes.add@1 /times lte 5';
/** Each command is a process of its own. */
const timeout = 120_000;

test('a whole round: keys, a token, handed on, inspected, verified, used with a proof, revoked', {
  timeout,
}, async () => {
  const { gateway } = await tokensForTest();
  const cwd = folderForTest();
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await ostiary(['token', ...args], { cwd });
    return { code, out: stdout.trim(), err: stderr.trim() };
  };
  const made = await run('key', '--out', 'app.jwk');
  expect(made.code).toBe(0);
  expect(JSON.parse(made.out)).toEqual({ kty: 'OKP', crv: 'Ed25519', x: expect.any(String) });
  expect(statSync(join(cwd, 'app.jwk')).mode & 0o777).toBe(0o600);
  expect(await run('key', '--out', 'app.jwk')).toMatchObject({
    code: 2,
    err: expect.stringContaining('app.jwk cannot be written'),
  });
  const agent = JSON.parse((await run('key', '--p256', '--json', '--out', 'agent.jwk')).out);
  writeFileSync(join(cwd, 'agent.public.jwk'), JSON.stringify(agent.public));

  const granting = ['--intent', 'notes.add@1', 'notes.get@1', '--purpose', 'work', '--limit', limit];
  const minted = await run(
    'mint',
    gateway.folder,
    '--subject',
    'user:writer',
    '--claims',
    '{"roles":["writer"]}',
    '--for',
    'app.jwk',
    ...granting,
  );
  expect(minted).toMatchObject({ code: 0, err: '' });
  expect(decodeJwt(minted.out)).toMatchObject({
    sub: 'writer',
    roles: ['writer'],
    authorization_details: [{ limits: { 'notes.add@1': { '/times': { lte: 5 } } } }],
  });
  const less = [
    '--intent',
    'notes.add@1',
    '--ttl',
    '5m',
    '--limit',
    'notes.add@1 /times in 1,2',
    'notes.add@1 /text eq hello',
  ];
  const handedOn = await run(
    'attenuate',
    minted.out,
    '--with',
    'app.jwk',
    '--for',
    'agent.public.jwk',
    ...less,
    '--json',
  );
  expect(handedOn.code).toBe(0);
  const { token, link } = JSON.parse(handedOn.out);
  expect(
    await run('attenuate', token, '--with', 'agent.jwk', '--for', 'app.jwk', '--limit', 'notes.add@1 /times in 2,3'),
  ).toMatchObject({
    code: 1,
    err: expect.stringContaining('admits 3, which is out above it'),
  });

  const inspected = await run('inspect', token);
  expect(inspected.out).toMatch(new RegExp(`link 1 handed on\\n {2}id {9}${link}\\n {2}key {8}${agent.thumbprint}`));
  expect(inspected.out).toContain('notes.add@1 with /times one of 1, 2');
  expect(await run('verify', token, '--dir', gateway.folder)).toMatchObject({
    code: 0,
    out: expect.stringContaining('The token is valid.'),
  });
  expect(
    JSON.parse((await run('verify', token, '--dir', gateway.folder, '--at', '2030-01-01T00:00:00Z', '--json')).out),
  ).toMatchObject({
    valid: false,
    invariant: 'expiry',
    link: 0,
  });

  const url = `${gateway.url}/v1/intents/notes.add`;
  const input = { text: 'hello', times: 2 };
  const proof = await run(
    'proof',
    token,
    '--with',
    'agent.jwk',
    '--url',
    url,
    '--intent',
    'notes.add@1',
    '--input',
    JSON.stringify(input),
  );
  const send = (dpop: string, body: object) =>
    gateway.call('POST', '/v1/intents/notes.add', body, {
      key: null,
      headers: { authorization: `DPoP ${token}`, dpop },
    });
  expect((await send(proof.out, input)).status).toBe(200);
  expect((await send(proof.out, input)).status).toBe(401);

  const asked = await ostiary(['intents', '--url', gateway.url, '--key', token, '--with', 'agent.jwk'], { cwd });
  expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('notes.add') });
  const revoke = ['revoke', token, '--url', gateway.url];
  expect(await run(...revoke, '--key', 'key-other')).toMatchObject({ code: 4 });
  expect(await run(...revoke, '--key', minted.out, '--with', 'app.jwk')).toMatchObject({
    code: 0,
    out: `revoked link:${link}`,
  });
  const listing = await ostiary(['intents', '--url', gateway.url, '--key', token, '--with', 'agent.jwk'], { cwd });
  expect(listing).toMatchObject({ code: 4, stderr: expect.stringContaining('it was revoked') });
});

test('what is wrong is said, with what would be right', { timeout }, async () => {
  const { gateway } = await tokensForTest();
  const cwd = folderForTest();
  writeFileSync(join(cwd, 'no.jwk'), '{"kty":"oct","k":"secret-of-somebody"}');
  const mint = (...args: string[]) => ['mint', gateway.folder, '--subject', 'user:writer', ...args];
  const granting = ['--intent', 'notes.add@1', '--purpose', 'work'];
  const cases: [string[], string][] = [
    [mint('--purpose', 'work'), '--intent and --purpose'],
    [mint('--intent', 'notes.ad@1', '--purpose', 'work'), 'Did you mean "notes.add@1"?'],
    [mint('--intent', 'notes.add@1', '--purpose', 'wok'), 'Did you mean "work"?'],
    [mint(...granting, '--limit', 'notes.add@1 times lte 5'), 'Write it like'],
    [mint(...granting, '--for', 'no.jwk'), 'is no key of the kinds'],
    [['attenuate', 'a.b.c', '--with', 'no.jwk', '--for', 'no.jwk'], 'is no private key of the kinds'],
    [['inspect', 'a.b'], 'its root is no compact JWS'],
    [['verify', 'a.b', '--dir', cwd], 'no ostiary.yaml'],
  ];
  await Promise.all(
    cases.map(async ([args, words]) => {
      const { code, stdout, stderr } = await ostiary(['token', ...args], { cwd });
      expect(stderr, args.join(' ')).toContain(words);
      expect({ stdout, failed: code !== 0 }).toEqual({ stdout: '', failed: true });
      expect(stderr).not.toMatch(/secret-of-somebody|\n {4}at /);
    }),
  );
  // What a token says of itself is text on a terminal, whatever it tries to be.
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const evil = `${part({ alg: 'EdDSA' })}.${part({ sub: '\u001b[2Jdana\u202e', iss: 'x' })}.AA`;
  const { stdout } = await ostiary(['token', 'inspect', evil], { cwd });
  expect(stdout).toContain('dana');
  for (const sign of ['\u001b', '\u202e']) expect(stdout).not.toContain(sign);
});
