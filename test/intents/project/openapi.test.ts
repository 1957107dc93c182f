import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSetup } from '../../../gateway/setup.ts';
import { toOpenapi } from '../../../intents/project/openapi.ts';

test('the OpenAPI document of the example is as it was reviewed (UPDATE_GOLDEN=1 rewrites it)', async () => {
  const { setup } = await loadSetup('examples/shop', {});
  if (setup === undefined) throw new Error('the shop does not load');
  const { intents, library } = setup.catalogue;
  const text = `${JSON.stringify(toOpenapi(intents, library), null, 2)}\n`;
  const golden = join(import.meta.dirname, 'golden/shop-openapi.json');
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
});

test('every reference leads somewhere', async () => {
  const { setup } = await loadSetup('examples/shop', {});
  if (setup === undefined) throw new Error('the shop does not load');
  const document = toOpenapi(setup.catalogue.intents, setup.catalogue.library) as {
    components: { schemas: Record<string, unknown> };
  };
  const referred = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  expect(referred.length).toBeGreaterThan(10);
  for (const [, name = ''] of referred) expect(Object.keys(document.components.schemas)).toContain(name);
});
