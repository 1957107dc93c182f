import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeOnnx } from '../support/fake-onnx.ts';
import { gatewayForTest } from './start.ts';

const withEncoder = ({ folder, packages } = fakeOnnx()) =>
  gatewayForTest({
    config: `resolve: { encoder: { kind: onnx, folder: ${JSON.stringify(folder)}, packages: ${JSON.stringify(packages)} } }`,
  });
const unsure = 'perhaps the thing that will live';
const asked = async (gateway: Awaited<ReturnType<typeof withEncoder>>, text = unsure) => {
  const { body } = await gateway.call('POST', '/v1/ask', { text, trace: true });
  return { tiers: body.tiers.map(({ tier }: { tier: string }) => tier), notes: body.notes };
};

test('what the built-in tier is not sure of is asked of the encoder, what it is sure of is not', async () => {
  const gateway = await withEncoder();
  expect((await asked(gateway)).tiers).toEqual(['builtin', 'encoder']);
  expect((await asked(gateway, 'please show me note N-7')).tiers).toEqual(['builtin']);
});

test('an encoder whose thread dies costs the request that tier, and the next request has it again', async () => {
  const gateway = await withEncoder();
  const died = await asked(gateway, 'perhaps the thing that will die');
  expect(died).toEqual({ tiers: ['builtin'], notes: ['encoder: not to be had now'] });
  expect((await asked(gateway)).tiers).toEqual(['builtin', 'encoder']);
});

test('after a reload the new one is asked, and the old one ends with its gate', async () => {
  const files = fakeOnnx();
  const gateway = await withEncoder(files);
  await gateway.reload();
  expect((await asked(gateway)).tiers).toEqual(['builtin', 'encoder']);
  await gateway.close();
  expect(readFileSync(join(files.folder, 'released'), 'utf8')).toBe('xx');
});

test('without its packages the gateway serves without it', async () => {
  const gateway = await withEncoder({ ...fakeOnnx(), packages: '/nowhere' });
  expect((await asked(gateway)).tiers).toEqual(['builtin']);
});
