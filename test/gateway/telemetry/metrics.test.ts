import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stockClient } from '../grpc-client.ts';
import { connectMcp } from '../mcp-client.ts';
import { gatewayForTest } from '../start.ts';
import { startCollector } from './collector.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Source: Prometheus text exposition format 0.0.4. */
const read = (text: string): readonly Sample[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === '') throw new Error(`not a sample: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', said = '']) => [key, said]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });

const served = { config: 'telemetry: { metrics: { prometheus: { port: 0 } } }' };
const scrape = async (url: string) => {
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const samples = read(await response.text());
  return {
    samples,
    of: (name: string, labels: Record<string, string> = {}) =>
      samples
        .filter((one) => one.name === name && Object.entries(labels).every(([key, said]) => one.labels[key] === said))
        .reduce((sum, { value }) => sum + value, 0),
  };
};

test('requests, decisions, refusals and records are counted, and how long everything took', async () => {
  const gateway = await gatewayForTest(served);
  await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
  await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-2' });
  await gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' });
  await gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' }, { key: 'reader' });
  await gateway.call('POST', '/v1/ask', { text: 'show note N-3' });
  const { of, samples } = await scrape(gateway.prometheus);
  expect(of('ostiary_requests_total', { door: 'http', asked: 'typed', outcome: 'completed' })).toBe(3);
  expect(of('ostiary_requests_total', { asked: 'ask', outcome: 'completed' })).toBe(1);
  expect(of('ostiary_decisions_total', { decision: 'permit', intent: 'notes.get@1', effect: 'read' })).toBe(3);
  expect(of('ostiary_decisions_total', { decision: 'deny', intent: 'notes.add@1' })).toBe(1);
  expect(of('ostiary_refusals_total', { code: 'policy.denied' })).toBe(1);
  // A write has two entries.
  expect(of('ostiary_records_total')).toBe(6);
  expect(of('ostiary_resolutions_total', { understood: 'true' })).toBe(1);
  expect(of('ostiary_resolve_duration_seconds_count')).toBeGreaterThan(0);
  const route = { http_request_method: 'POST', http_route: '/v1/intents/:name' };
  expect(of('http_server_request_duration_seconds_count', { ...route, http_response_status_code: '200' })).toBe(3);
  expect(of('http_server_request_duration_seconds_count', { ...route, http_response_status_code: '403' })).toBe(1);
  const backend = { ostiary_backend: 'notes', http_response_status_code: '200' };
  expect(of('http_client_request_duration_seconds_count', { ...backend, url_template: '/notes/{note_id}' })).toBe(3);
  expect(of('http_client_request_duration_seconds_count', { ...backend, http_request_method: 'POST' })).toBe(1);
  expect(of('ostiary_store_available')).toBe(1);
  expect(of('ostiary_writes_in_doubt')).toBe(0);
  expect(of('ostiary_backend_calls', { backend: 'notes' })).toBe(0);
  expect(of('ostiary_backend_breaker', { backend: 'notes' })).toBe(0);
  // A machine that has much to do makes it more than 0.
  expect(samples.some(({ name }) => name === 'ostiary_pressure')).toBe(true);
  expect(of('process_memory_usage_bytes')).toBeGreaterThan(1e6);
});

test.each<[string, string, string, object | string, Record<string, string>, string]>([
  ['JSON that is none', 'POST', '/v1/ask', '{', {}, 'request.malformed'],
  ['a body of another shape', 'POST', '/v1/ask', { words: 1 }, {}, 'request.invalid'],
  ['a key that nobody has', 'POST', '/v1/ask', { text: 'x' }, { authorization: 'Bearer nope' }, 'credentials.invalid'],
  ['a token that is none', 'POST', '/v1/ask', { text: 'x' }, { authorization: 'Bearer a.b.c' }, 'credentials.invalid'],
  ['a proof that is none', 'POST', '/v1/ask', { text: 'x' }, { authorization: 'DPoP k', dpop: 'x' }, 'credentials.'],
  ['a confirmation of another shape', 'POST', '/v1/confirmations/x', { yes: 1 }, {}, 'request.invalid'],
  ['a confirmation of nothing', 'POST', '/v1/confirmations/x', { confirm: true }, {}, 'confirm.unknown'],
  ['a question of a service that may ask nothing', 'POST', '/access/v1/evaluation', '{', {}, 'request.malformed'],
  ['a GraphQL document that is none', 'POST', '/graphql', { query: '{' }, {}, 'request.'],
  ['a message of MCP that is none', 'POST', '/mcp', '[1', {}, 'request.malformed'],
  ['an address that is none', 'GET', '/nowhere', '', {}, 'request.not_found'],
])('%s is counted by its problem', async (_name, method, path, body, headers, code) => {
  const gateway = await gatewayForTest(served);
  await gateway.call(method, path, body === '' ? undefined : body, { headers });
  const { samples } = await scrape(gateway.prometheus);
  const refused = samples.filter(({ name }) => name === 'ostiary_refusals_total');
  expect(refused).toHaveLength(1);
  expect(refused[0]?.value).toBe(1);
  expect(refused[0]?.labels.code).toContain(code);
});

test('what a caller writes makes no series of its own', async () => {
  const gateway = await gatewayForTest({ config: `${served.config}\ndoors: { grpc: { port: 0 } }` });
  const client = stockClient(gateway.grpc);
  for (const name of ['a', 'b', 'c']) {
    await gateway.call('POST', `/v1/intents/made.up-${name}`, {});
    await gateway.call('GET', `/made-up-${name}`);
    await client.raw(`/made.up.Service${name}/Up`, Buffer.alloc(0));
  }
  client.close();
  const { samples, of } = await scrape(gateway.prometheus);
  expect(JSON.stringify(samples)).not.toMatch(/made/);
  expect(of('rpc_server_call_duration_seconds_count', { rpc_method: '_OTHER', rpc_status_code: 'UNIMPLEMENTED' })).toBe(
    3,
  );
});

test('whoever asks for anything but the metrics gets nothing, and the gateway itself serves none', async () => {
  const gateway = await gatewayForTest(served);
  const { origin } = new URL(gateway.prometheus);
  expect((await fetch(`${origin}/`)).status).toBe(404);
  expect((await fetch(gateway.prometheus, { method: 'POST' })).status).toBe(405);
  expect((await gateway.call('GET', '/metrics')).status).toBe(404);
  await gateway.close();
  await expect(fetch(gateway.prometheus)).rejects.toThrow();
});

test('they are sent to a collector too, and every one of them is on the page', async () => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({ env: collector.env, config: 'doors: { grpc: { port: 0, package: acme } }' });
  await gateway.call('POST', '/v1/ask', { text: 'show note N-3' });
  await gateway.call('GET', '/nowhere');
  const mcp = await connectMcp(gateway.url);
  await mcp.listTools();
  const client = stockClient(gateway.grpc);
  await client.call('acme.notes.NotesService', 'Get', { note_id: 'N-1' });
  client.close();
  await gateway.close();
  const page = readFileSync('docs/telemetry.md', 'utf8');
  const sent = [...collector.metrics.keys()];
  expect(sent.length).toBeGreaterThan(20);
  expect(sent.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  const [methods] = [collector.metrics.get('mcp.server.operation.duration')];
  expect(methods?.map(({ attributes }) => (attributes as Record<string, unknown>)['mcp.method.name'])).toContain(
    'tools/list',
  );
});
