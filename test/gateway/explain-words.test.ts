import { expect, test } from 'vitest';
import { gatewayForTest } from './start.ts';

test('explain says which words spoke for the first candidate, and which tiers were asked', async () => {
  const gateway = await gatewayForTest();
  const { body } = await gateway.call('POST', '/v1/explain', { text: 'please read me note N-7' });
  expect(body.ranking[0].intent).toBe('notes.get');
  expect(body.words.map(({ text }: { text: string }) => text)).toEqual(['please', 'read', 'me', 'note', 'N-7']);
  const weightOf = (word: string) => body.words.find(({ text }: { text: string }) => text === word).weight;
  expect(weightOf('read')).toBeGreaterThan(weightOf('please'));
  expect(body.tiers).toEqual([{ tier: 'builtin', ms: expect.any(Number) }]);
});

test('an ask says nothing of it, and its record names the tiers', async () => {
  const gateway = await gatewayForTest();
  const { body, headers } = await gateway.call('POST', '/v1/ask', { text: 'please read me note N-7' });
  expect(body).not.toHaveProperty('words');
  const [entry] = await gateway.entries(String(headers['ostiary-request-id']));
  expect(entry).toMatchObject({ tiers: [{ tier: 'builtin', us: expect.any(Number) }] });
});
