import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { ClientTls } from '../../../adapters/backends/http-tls.ts';
import { restBackend } from '../../../adapters/backends/rest.ts';
import { loadSetup } from '../../../gateway/setup.ts';
import { checkBindings } from '../../../gateway/wire.ts';
import { gatewayForTest } from '../../gateway/start.ts';
import { context } from './contract.ts';

const pem = (name: string) => readFileSync(new URL(`tls/${name}`, import.meta.url));
const [ca, cert, key] = [pem('ca.pem'), pem('client.pem'), pem('client.key')];
const serverName = 'server.test';

/** Says who calls, by the certificate that it was shown. */
const start = async (clientCa: Buffer = ca, requestCert = true) => {
  const options = { cert: pem('server.pem'), key: pem('server.key'), ca: clientCa };
  const server = createServer({ ...options, requestCert, rejectUnauthorized: requestCert }, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: subject?.CN ?? 'nobody' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const who = async (url: string, tls: ClientTls | undefined) => {
  const backend = restBackend({
    name: 'safe',
    url: new URL(url),
    timeoutMs: 5_000,
    maxBytes: 1_000,
    headers: {},
    tls,
  });
  onTestFinished(() => backend.close());
  return backend.compile({ kind: 'rest', backend: 'safe', method: 'GET', path: '/who' }).call({}, context());
};

test('a CA of its own, and the name in the certificate', async () => {
  const url = await start(ca, false);
  expect(await who(url, { ca, serverName })).toEqual({ ok: true, value: { id: 'nobody' } });
  for (const tls of [{ ca }, { ca, serverName: 'other.test' }, { serverName }, undefined])
    expect(await who(url, tls)).toMatchObject({ ok: false, code: 'upstream.unreachable', reached: 'no' });
});

test('a certificate of this gateway, where it is asked for', async () => {
  const url = await start();
  expect(await who(url, { ca, cert, key, serverName })).toEqual({ ok: true, value: { id: 'client.test' } });
  expect(await who(url, { ca, serverName })).toMatchObject({ ok: false });
});

test.each([
  ['an address without TLS', 'http://127.0.0.1:1', { ca }, 'its url does not begin with https:'],
  [
    'the key of another',
    'https://127.0.0.1:1',
    { cert, key: pem('server.key') },
    'The certificates of backend "safe" cannot be used',
  ],
  [
    'no PEM',
    'https://127.0.0.1:1',
    { cert: Buffer.from('no PEM'), key },
    'The certificates of backend "safe" cannot be used',
  ],
])('what cannot work is said at load: %s', async (_, url, tls, message) => {
  await expect(who(url, tls)).rejects.toThrow(message);
});

test('certificates that are renewed are taken over on a reload, and a file that is not there is said with its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-renewed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Next CA',
    '-keyout',
    'ca.key',
    '-out',
    'next-ca.pem',
  );
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=renewed.test',
    '-keyout',
    'next.key',
    '-out',
    'next.csr',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'next.csr',
    '-CA',
    'next-ca.pem',
    '-CAkey',
    'ca.key',
    '-days',
    '2',
    '-out',
    'next.pem',
  );
  for (const name of ['client.pem', 'client.key', 'ca.pem'])
    copyFileSync(fileURLToPath(new URL(`tls/${name}`, import.meta.url)), join(folder, name));
  const url = await start(Buffer.concat([ca, readFileSync(join(folder, 'next-ca.pem'))]));
  const gateway = await gatewayForTest({ folder });
  const config = join(folder, 'ostiary.yaml');
  const change = (from: string, to: string) => writeFileSync(config, readFileSync(config, 'utf8').replace(from, to));
  const id = async () => (await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' })).body.id as string;
  change(
    `url: "${gateway.backend}/base"`,
    `url: "${url}", tls: { ca: ca.pem, cert: client.pem, key: client.key, server_name: ${serverName} }`,
  );
  change('timeout: 400ms', 'timeout: 5s');
  await gateway.reload();
  expect(await id()).toBe('client.test');

  copyFileSync(join(folder, 'next.pem'), join(folder, 'client.pem'));
  copyFileSync(join(folder, 'next.key'), join(folder, 'client.key'));
  await gateway.reload();
  expect(await id()).toBe('renewed.test');

  rmSync(join(folder, 'client.key'));
  await expect(gateway.reload()).rejects.toThrow('"tls.key" names client.key, which cannot be read');
  expect(await id()).toBe('renewed.test');
  const { setup } = await loadSetup(folder, {});
  expect(setup && (await checkBindings(setup))).toMatchObject([
    { file: expect.stringContaining('ostiary.yaml'), line: 3, code: 'config.backend' },
  ]);
});
