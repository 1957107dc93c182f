import fc from 'fast-check';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectMcp, tell } from './mcp-client.ts';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const methods = [
  ...['initialize', 'server/discover', 'ping', 'tools/list', 'tools/call', 'resources/read', 'resources/list'],
  ...['prompts/get', 'completion/complete', 'logging/setLevel', 'subscriptions/listen', 'elicitation/create'],
  ...['notifications/initialized', 'notifications/cancelled', 'notifications/progress', '__proto__', 'constructor'],
];
const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'garbage', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
};
const anything = fc.jsonValue({ maxDepth: 4 });
const params = fc.oneof(
  anything,
  fc.record(
    {
      name: fc.oneof(fc.constantFrom('ask', 'notes_get', 'notes_wipe', 'call', '__proto__'), anything),
      arguments: fc.oneof(fc.record({ note_id: anything, text: anything, __proto__: anything }), anything),
      uri: fc.oneof(fc.constantFrom('ostiary://catalogue', 'ostiary://intents/notes.get'), anything),
      requestState: anything,
      inputResponses: anything,
      _meta: fc.oneof(fc.constant(envelope), fc.record({ progressToken: anything }), anything),
    },
    { requiredKeys: [] },
  ),
);
const message = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        jsonrpc: fc.oneof({ weight: 8, arbitrary: fc.constant('2.0') }, anything),
        id: fc.oneof(fc.integer(), fc.string(), anything),
        method: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...methods) }, anything),
        params,
        result: anything,
        error: anything,
      },
      { requiredKeys: ['jsonrpc'] },
    ),
  },
  { weight: 1, arbitrary: anything },
);
const body = fc.oneof(
  { weight: 6, arbitrary: message.map((one) => JSON.stringify(one) ?? '') },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: message.map((one) => (JSON.stringify(one) ?? '').slice(0, -1)) },
);
const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain'),
    accept: fc.constantFrom('application/json, text/event-stream', 'application/json', 'text/event-stream', '*/*'),
    'mcp-protocol-version': fc.constantFrom('2026-07-28', '2025-11-25', '2025-03-26', '1999-01-01', 'x'),
    'mcp-method': fc.constantFrom(...methods),
    'mcp-name': fc.constantFrom('ask', 'notes_get', 'x'),
    'mcp-session-id': fc.constantFrom('x', '00000000-0000-0000-0000-000000000000'),
    'last-event-id': fc.constant('1'),
  },
  { requiredKeys: [] },
);

/** What a client may make sense of: nothing, JSON-RPC, or a stream of it. */
const isClean = (status: number, type: string, text: string): boolean => {
  if (text === '') return status < 500;
  const messages = type.startsWith('text/event-stream')
    ? [...text.matchAll(/^data: ?(.+)$/gm)].map(([, data = '']) => data)
    : [text];
  return messages.every((one) => {
    const said = JSON.parse(one) as { jsonrpc?: unknown; error?: { code: number; message: string } };
    return said.jsonrpc === '2.0' && (said.error === undefined || Number.isInteger(said.error.code));
  });
};

test('any garbage gets a clean answer, and the door lives on', async () => {
  await fc.assert(
    fc.asyncProperty(body, headers, async (sent, more) => {
      const answer = await request(`${gateway.url}/mcp`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer key-writer',
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...more,
        },
        body: sent,
        // A stream that is meant to stay open ends here.
        signal: AbortSignal.timeout(2_000),
      });
      const type = String(answer.headers['content-type'] ?? '');
      if (type.startsWith('text/event-stream') && sent.includes('subscriptions/listen')) {
        answer.body.destroy();
        return;
      }
      const text = await answer.body.text();
      expect(answer.statusCode).toBeLessThan(500);
      expect(isClean(answer.statusCode, type, text), `${answer.statusCode} ${type}: ${text}`).toBe(true);
    }),
    { numRuns: 300 },
  );
  for (const revision of ['of 2026', 'of 2025'] as const) {
    const client = await connectMcp(gateway.url, { revision });
    expect(await tell(client, 'notes_get', { note_id: 'N-1' })).toMatchObject({ structuredContent: { id: 'N-1' } });
  }
}, 60_000);

test('nothing that was sent as garbage has reached the backend as a change', () => {
  expect(gateway.received.filter(({ method }) => method === 'DELETE')).toEqual([]);
});
