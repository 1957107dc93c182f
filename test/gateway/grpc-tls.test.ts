import { readFileSync } from 'node:fs';
import { credentials, status } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { stockClient } from './grpc-client.ts';
import { gatewayForTest } from './start.ts';

const folder = new URL('../adapters/backends/tls/', import.meta.url).pathname;
const pem = (name: string) => readFileSync(folder + name);
const ca = pem('ca.pem');

const start = async (more: string) => {
  const tls = `{ cert: ${folder}server.pem, key: ${folder}server.key${more} }`;
  const { grpc } = await gatewayForTest({ config: `doors: { grpc: { port: 0, tls: ${tls} } }` });
  return async (channel = credentials.createSsl(ca)) => {
    const client = stockClient(grpc, 'key-writer', channel, {
      'grpc.ssl_target_name_override': 'server.test',
      'grpc.default_authority': 'server.test',
    });
    onTestFinished(() => client.close());
    return (await client.raw('/grpc.health.v1.Health/Check', Buffer.alloc(0))).code;
  };
};

test('the door shows its certificate, and speaks to nobody without TLS', async () => {
  const check = await start('');
  expect(await check()).toBe(status.OK);
  expect(await check(credentials.createSsl())).toBe(status.UNAVAILABLE);
  expect(await check(credentials.createInsecure())).toBe(status.UNAVAILABLE);
});

test('where clients must show one, those that do not are not heard', async () => {
  const check = await start(`, client_ca: ${folder}ca.pem`);
  expect(await check(credentials.createSsl(ca, pem('client.key'), pem('client.pem')))).toBe(status.OK);
  expect(await check()).toBe(status.UNAVAILABLE);
});
