import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { gatewayForTest } from './start.ts';

test('a JWT of a configured issuer is a principal like any other, with the purposes and capabilities it carries', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-jwks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  writeFileSync(
    join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'EdDSA' }] }),
  );
  const gateway = await gatewayForTest({
    issuers: `{ issuer: "https://issuer.test", audience: notes, jwks: "file:${folder}/jwks.json" }`,
  });
  const bearer = async (claims: object) => ({
    authorization: `Bearer ${await new SignJWT({ sub: 'eve', iss: 'https://issuer.test', aud: 'notes', ...claims })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
      .setExpirationTime('5m')
      .sign(privateKey)}`,
  });
  const call = async (name: string, input: object, claims: object) => {
    const { status, body } = await gateway.call('POST', `/v1/intents/${name}`, input, {
      key: null,
      headers: await bearer(claims),
    });
    return [status, body.code];
  };
  const writer = { roles: ['writer'], purposes: ['work'] };
  expect(await call('notes.add', { text: 'x' }, writer)).toEqual([200, undefined]);
  expect(await call('notes.add', { text: 'x' }, { ...writer, aud: 'others' })).toEqual([401, 'credentials.invalid']);
  expect(await call('notes.add', { text: 'x' }, { ...writer, roles: [] })).toEqual([404, 'intent.unknown']);
  expect(await call('notes.add', { text: 'x' }, { ...writer, purposes: [] })).toEqual([404, 'intent.unknown']);
  expect(await call('notes.get', { note_id: 'N-1' }, { ...writer, capabilities: ['read'] })).toEqual([200, undefined]);
  expect(await call('notes.add', { text: 'x' }, { ...writer, capabilities: ['read'] })).toEqual([
    404,
    'intent.unknown',
  ]);
});

test('an issuer whose keys cannot be had: its tokens wait, everybody else goes on', async () => {
  const gateway = await gatewayForTest({
    issuers: '{ issuer: "https://issuer.test", audience: notes, jwks: "http://127.0.0.1:1/jwks.json" }',
  });
  const { privateKey } = await generateKeyPair('EdDSA');
  const token = await new SignJWT({ sub: 'eve', iss: 'https://issuer.test', aud: 'notes' })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
    .setExpirationTime('5m')
    .sign(privateKey);
  const { status, body, headers } = await gateway.call('GET', '/v1/intents', undefined, {
    key: null,
    headers: { authorization: `Bearer ${token}` },
  });
  expect([status, body.code]).toEqual([503, 'credentials.unavailable']);
  expect(await gateway.entries(String(headers['ostiary-request-id']))).toHaveLength(1);
  expect(JSON.stringify(gateway.onDisk())).not.toContain(token);
  expect((await gateway.call('GET', '/v1/intents')).status).toBe(200);
});
