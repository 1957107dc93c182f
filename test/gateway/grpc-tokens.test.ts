import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import type { Signer } from '../../policies/tokens/keys.ts';
import { makeProof } from '../../policies/tokens/possession.ts';
import { stockClient } from './grpc-client.ts';
import { newSigner, tokensForTest } from './tokens-world.ts';

const notes = 'intents.notes.NotesService';
const get = `/${notes}/Get`;

/** A client without a credential of its own, beside one that knows all services by a key. */
const start = async (config = 'doors: { grpc: { port: 0 } }') => {
  const world = await tokensForTest({ options: { config } });
  const stock = stockClient(String(world.gateway.grpc), 'key-writer');
  onTestFinished(() => stock.close());
  const base = `http://${world.gateway.grpc}`;
  const proofOf = (by: Signer, token: string, more: object = {}) =>
    makeProof(
      by,
      { method: 'POST', url: `${base}${get}`, credential: token, ...more },
      { jti: randomUUID(), now: new Date() },
    );
  const call = (token: string, dpop?: string, scheme = 'DPoP', input: object = { note_id: 'N-1' }, method = 'Get') =>
    stock.call(notes, method, input, {
      headers: { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }) },
    });
  return { ...world, base, proofOf, call };
};

test('a bound token is taken with a proof for the rpc, once', async () => {
  const { mint, app, call, proofOf } = await start();
  const { token } = await mint();
  const proof = await proofOf(app, token);
  expect(await call(token, proof)).toMatchObject({ code: status.OK, message: { id: 'N-1' } });
  expect(await call(token, proof)).toMatchObject({
    code: status.UNAUTHENTICATED,
    details: expect.stringContaining('was used before'),
  });
});

test.each([
  ['without a proof', async () => undefined, /Send it as "Authorization: DPoP/],
  ['by another key', async ({ proofOf, token }) => proofOf(await newSigner(), token), /another key/],
  [
    'for another rpc',
    async ({ proofOf, app, token, base }) => proofOf(app, token, { url: `${base}/${notes}/Wipe` }),
    /htu/,
  ],
  [
    'for another host',
    async ({ proofOf, app, token }) => proofOf(app, token, { url: `http://evil.test${get}` }),
    /htu/,
  ],
  ['for another method', async ({ proofOf, app, token }) => proofOf(app, token, { method: 'GET' }), /htm/],
  ['for another token', async ({ proofOf, app }) => proofOf(app, 'other'), /ath/],
  ['that signs another intent', async ({ proofOf, app, token }) => proofOf(app, token, { int: 'notes.wipe@1' }), /int/],
] as const satisfies [
  string,
  (world: Awaited<ReturnType<typeof start>> & { token: string }) => Promise<string | undefined>,
  RegExp,
][])('and is refused %s', async (_name, proof, why) => {
  const world = await start();
  const { token } = await world.mint();
  const { code, details } = await world.call(token, await proof({ ...world, token }));
  expect([code, details]).toEqual([status.UNAUTHENTICATED, expect.stringMatching(why)]);
  expect(world.gateway.received).toEqual([]);
});

test('the address is the configured one, where there is one', async () => {
  const { mint, app, call, proofOf } = await start('doors: { grpc: { port: 0, url: "https://grpc.gate.test/" } }');
  const { token } = await mint();
  expect((await call(token, await proofOf(app, token))).code).toBe(status.UNAUTHENTICATED);
  const proof = await proofOf(app, token, { url: `https://grpc.gate.test${get}` });
  expect((await call(token, proof)).code).toBe(status.OK);
});

test('what was handed on is narrower at this door too', async () => {
  const { mint, handOn, app, agent, call, proofOf, base } = await start();
  const { token } = await handOn((await mint()).token, app, agent, {
    details: [{ type: 'intent_capability', intents: ['notes.get@1'] }],
  });
  expect((await call(token, await proofOf(agent, token))).code).toBe(status.OK);
  const proof = await proofOf(agent, token, { url: `${base}/${notes}/Add` });
  expect((await call(token, proof, 'DPoP', { text: 'x' }, 'Add')).code).toBe(status.UNIMPLEMENTED);
});
