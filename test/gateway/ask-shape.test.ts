import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type ShopGateway, startShopGateway } from './start-shop.ts';

let shop: ShopGateway;
beforeAll(async () => {
  shop = await startShopGateway();
});
afterAll(() => shop?.stop());

const ask = async (text: string, { prefer = 'return=minimal', query = '', key = 'demo-support' } = {}) => {
  const response = await fetch(`${shop.url}/v1/ask${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer },
    body: JSON.stringify({ text }),
  });
  return { applied: response.headers.get('preference-applied'), body: (await response.json()) as Answer };
};

describe('with as little as is wanted', () => {
  test.each([
    ['what is the status of order A-1006', ['id', 'status']],
    ['show me the notes and the total of order A-1009', ['id', 'notes', 'total']],
  ])('"%s" is answered with what it names, and which it is', async (text, members) => {
    const { applied, body } = await ask(text);
    expect(body).toMatchObject({ outcome: 'completed', intent: 'orders.get' });
    expect(Object.keys(body.output).sort()).toEqual(members);
    expect(applied).toBe('return=minimal');
  });

  test('words that name nothing ask for all of it', async () => {
    const { applied, body } = await ask('show order A-1001');
    expect(Object.keys(body.output)).toContain('items');
    expect(applied).toBeNull();
  });

  test('what a policy hides stays hidden, whatever is named', async () => {
    const { body } = await ask('what is the status and the email of order A-1001', { key: 'demo-shopper-bot' });
    expect(Object.keys(body.output).sort()).toEqual(['id', 'status']);
  });
});

test('without being asked to, an answer is whole', async () => {
  const { body } = await ask('what is the status of order A-1006', { prefer: '' });
  expect(Object.keys(body.output)).toContain('items');
});

test('members can be named beside the words, and a misspelt one is told', async () => {
  const { body } = await ask('what is the status of order A-1006', { query: '?fields=total' });
  expect(body.output).toEqual({ total: expect.any(Number) });
  const wrong = await ask('show order A-1006', { query: '?fields=totl' });
  expect(wrong.body).toMatchObject({
    status: 400,
    code: 'request.fields',
    detail: expect.stringContaining('"total"?'),
  });
});
