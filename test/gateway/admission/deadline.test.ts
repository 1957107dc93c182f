import { expect, test } from 'vitest';
import { gatewayForTest } from '../start.ts';

const limits = 'body: 64KB, depth: 16, text: 500, deadline: 5s';

test.each(['0', '-1', 'soon', '1e9', '2s', '0.0001', '1, 2'])('a Request-Timeout of %s is none', async (written) => {
  const gateway = await gatewayForTest({ limits });
  const refused = await gateway.call('POST', '/v1/intents/notes.list', {}, { headers: { 'request-timeout': written } });
  expect([refused.status, refused.body.code]).toEqual([400, 'request.malformed']);
  expect(gateway.received).toEqual([]);
});

test('a caller gives less time than the gateway would, and the backend is told what is left', async () => {
  const gateway = await gatewayForTest({ limits, timeout: '4s, deadline_header: request-timeout' });
  const list = (seconds?: string) =>
    gateway.call('POST', '/v1/intents/notes.list', {}, seconds ? { headers: { 'request-timeout': seconds } } : {});
  const told = () => Number(gateway.received.at(-1)?.headers['request-timeout']);
  expect((await list()).status).toBe(200);
  expect(told()).toBe(4);
  expect((await list('3.5')).status).toBe(200);
  expect(told()).toBeGreaterThan(1);
  expect(told()).toBeLessThanOrEqual(3.5);
  // No caller has more than the gateway gives.
  expect((await list('900')).status).toBe(200);
  expect(told()).toBe(4);
  gateway.answers.with = () => {};
  const late = await list('0.4');
  expect([late.status, late.body.code]).toEqual([504, 'deadline.exceeded']);
});
