import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromStruct, fromValue, type StockClient, stockClient } from '../gateway/grpc-client.ts';
import { type Answer, type ShopGateway, startShopGateway } from '../gateway/start-shop.ts';
import { entryAlike } from './alike.ts';

interface Said {
  readonly request: string;
  readonly body: Answer;
}
type Ask = (text: string, key: string) => Promise<Said>;

let shop: ShopGateway;
const grpc = new Map<string, StockClient>();
const mcp = new Map<string, Client>();
const keys = ['demo-support', 'demo-shopper-bot'];
beforeAll(async () => {
  shop = await startShopGateway((setup) => {
    const door = { host: '127.0.0.1', port: 0, package: 'shop', concurrency: 100 };
    return { ...setup, config: { ...setup.config, doors: { ...setup.config.doors, grpc: door } } };
  });
  for (const key of keys) {
    grpc.set(key, stockClient(shop.grpc, key));
    const client = new Client({ name: 'ask', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    const requestInit = { headers: { authorization: `Bearer ${key}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', shop.url), { requestInit }));
    mcp.set(key, client);
  }
});
afterAll(async () => {
  for (const client of grpc.values()) client.close();
  for (const client of mcp.values()) await client.close();
  await shop?.stop();
});

const members =
  'outcome request message intent version via confidence input provenance output fields known options candidates parts can_ask confirmation { id }';
const ways: Readonly<Record<string, Ask>> = {
  async GraphQL(text, key) {
    const query = `mutation ($text: String!) { ask(text: $text) { ${members} } }`;
    const { body } = await shop.call('/graphql', { query, variables: { text } }, key);
    const found = body.errors?.[0].extensions ?? body.data.ask;
    return { request: requestOf(found), body: found };
  },
  async gRPC(text, key) {
    const answered = await (grpc.get(key) as StockClient).call('ostiary.v1.Intents', 'Ask', { text });
    if (answered.code !== 0) return { request: answered.request, body: fromStruct(answered.more.Problem?.problem) };
    const { outcome, message, output, more } = answered.message ?? {};
    const body = { outcome, message, output: output && fromValue(output), ...fromStruct(more) };
    return { request: answered.request, body };
  },
  async MCP(text, key) {
    const told = (await (mcp.get(key) as Client).callTool({ name: 'ask', arguments: { text } })) as Answer;
    return { request: String(told._meta['ostiary.dev/request']), body: told.structuredContent };
  },
};
const requestOf = ({ request, instance }: Answer): string => String(request ?? instance.split(':').at(-1));

/** Without ids, and what one door has no member for. */
const alike = ({ outcome, message, code, status, detail, confirmation, ...body }: Answer): Answer => {
  if (confirmation) return { confirm: confirmation.text ?? message };
  if (code !== undefined) return { code, status, detail };
  const { intent, version, via, confidence, input, provenance, output, fields, known, candidates, parts, can_ask } =
    body;
  const all = {
    outcome,
    message,
    intent,
    version,
    via,
    confidence,
    input,
    provenance,
    output,
    fields,
    known,
    candidates,
    parts,
    can_ask,
  };
  // What is not there is null in GraphQL, and empty in a message.
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
};

test.each([
  ['demo-support', 'show order A-1001', 'completed'],
  ['demo-support', 'what does LMP-01 cost', 'completed'],
  ['demo-support', 'where is order A-1003', 'completed'],
  ['demo-support', 'refund order A-1001', 'confirm'],
  ['demo-support', 'I want to cancel an order', 'clarify'],
  ['demo-support', 'what is the weather in Paris', 'out_of_scope'],
  ['demo-support', 'refund 500 euros on order A-1004', 'policy.denied'],
  ['demo-shopper-bot', 'show order A-1001', 'completed'],
  ['demo-shopper-bot', 'refund order A-1001', 'policy.denied'],
])('%s says "%s", and hears the same at every door: %s', async (key, text, end) => {
  const http = await shop.call('/v1/ask', { text }, key);
  expect(http.body.code ?? http.body.outcome).toBe(end);
  const recorded = entryAlike(await shop.entries(requestOf(http.body)));
  for (const [name, ask] of Object.entries(ways)) {
    const { request, body } = await ask(text, key);
    expect([name, alike(body)]).toEqual([name, alike(http.body)]);
    expect([name, entryAlike(await shop.entries(request))]).toEqual([name, recorded]);
  }
});
