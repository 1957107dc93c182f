import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { ostiary, startServing } from './ostiary.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostiary-serve-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { SHOP_STORE: pathToFileURL(folder).href };
const ready = /Ostiary serves 24 intents at (http:\S+)\. Ctrl-C stops it\./;

test.each(['SIGTERM', 'SIGINT'] as const)('says where, answers, and ends with 0 on %s', async (signal) => {
  const serving = await startServing(['serve', 'examples/shop', '--port', '0', '--log', 'silent'], ready, { env });
  try {
    const alive = await fetch(`${serving.url}/livez`);
    expect(alive.status).toBe(200);
  } finally {
    const { code, stderr } = await serving.stop(signal);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
});

test('a port that is taken is told, with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await ostiary(['serve', 'examples/shop', '--port', String(port), '--log', 'silent'], {
    env,
  });
  expect(code).toBe(1);
  expect(stderr).toBe(`error: Port ${port} is taken. Choose another: --port 0 takes any that is free.\n`);
});

test('a store that cannot be opened is told, without a stack', async () => {
  writeFileSync(join(folder, 'a-file'), '');
  const { code, stderr } = await ostiary(['serve', 'examples/shop', '--port', '0', '--log', 'silent'], {
    env: { SHOP_STORE: pathToFileURL(join(folder, 'a-file/below')).href },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: The gateway could not start: .*\n$/);
});
