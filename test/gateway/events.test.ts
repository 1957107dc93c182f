import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ShopGateway, startShopGateway } from './start-shop.ts';

let shop: ShopGateway;
beforeAll(async () => {
  shop = await startShopGateway();
});
afterAll(() => shop.stop());

const ask = async (body: object, accept = 'text/event-stream', key = 'demo-support') => {
  const response = await fetch(`${shop.url}/v1/ask`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
  });
  const events: { event: string | undefined; data: Record<string, unknown> }[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => events.push({ event, data: JSON.parse(data) }) });
  parser.feed(await response.text());
  return { status: response.status, type: response.headers.get('content-type'), events };
};

test('an ask tells how far it is, then answers as without events', async () => {
  const { status, type, events } = await ask({ text: 'please show me the order A-1001' });
  expect({ status, type }).toEqual({ status: 200, type: 'text/event-stream; charset=utf-8' });
  expect(events.slice(0, -1)).toContainEqual({ event: 'progress', data: { tier: 'builtin' } });
  expect(events.at(-1)).toMatchObject({
    event: 'answer',
    data: { outcome: 'completed', intent: 'orders.get', output: { id: 'A-1001' }, session: expect.any(String) },
  });
});

test('a refusal on the way is the answer, with its own status', async () => {
  const { status, events } = await ask({ text: 'show order A-1001' }, 'text/event-stream', 'wrong');
  expect(status).toBe(200);
  expect(events.at(-1)).toMatchObject({ event: 'answer', data: { status: 401, code: 'credentials.invalid' } });
});

test.each([
  ['what cannot be read', { text: 7 }, 'text/event-stream', 422],
  ['who did not ask for events', { text: 'show order A-1001' }, 'application/json, text/event-stream;q=0', 200],
  ['who takes anything', { text: 'show order A-1001' }, '*/*', 200],
])('no events for %s', async (_name, body, accept, status) => {
  const answer = await ask(body, accept);
  expect(answer.status).toBe(status);
  expect(answer.type).toMatch(/^application\/(problem\+)?json/);
});

test('every request that came as events is recorded like any other', async () => {
  const { events } = await ask({ text: 'show order A-1002' });
  const { request } = events.at(-1)?.data ?? {};
  expect(await shop.entries(String(request))).toEqual([expect.objectContaining({ kind: 'outcome', door: 'http' })]);
});
