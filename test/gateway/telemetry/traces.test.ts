import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { stockClient } from '../grpc-client.ts';
import { connectMcp } from '../mcp-client.ts';
import { gatewayForTest } from '../start.ts';
import { startCollector } from './collector.ts';
import { startFar } from './far.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const parent = { traceparent: `00-${traceId}-${parentId}-01`, tracestate: 'congo=t61rcWkgMzE' };
const patience = { timeout: 20_000 };

test('a typed read over REST: one trace from the caller to the backend, by the conventions, and its record names it', async () => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({ env: collector.env });
  const { headers } = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { headers: parent });
  await expect
    .poll(() => collector.tree(traceId), patience)
    .toEqual(['server POST /v1/intents/:name', '  internal authorize', '  client GET /notes/{note_id}']);
  const [server, , client] = ['POST /v1/intents/:name', 'authorize', 'GET /notes/{note_id}'].map((name) =>
    collector.spans.find((one) => one.name === name),
  );
  const request = String(headers['ostiary-request-id']);
  expect(server).toMatchObject({ kind: 2, parent: parentId, state: parent.tracestate, status: 0 });
  expect(server?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/v1/intents/:name',
    'http.response.status_code': 200,
    'url.scheme': 'http',
    'network.protocol.version': '1.1',
    'ostiary.request.id': request,
    'ostiary.outcome': 'completed',
    'ostiary.intent': 'notes.get@1',
    'ostiary.effect': 'read',
    'ostiary.resolution.tier': 'direct',
    'ostiary.decision': 'permit',
    'ostiary.decision.id': expect.any(String),
  });
  const { port, hostname } = new URL(gateway.backend);
  expect(client?.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.template': '/notes/{note_id}',
    'ostiary.backend': 'notes',
    'server.address': hostname,
    'server.port': Number(port),
  });
  // The backend continues the trace below the span of its call.
  expect(gateway.received[0]?.headers).toMatchObject({
    traceparent: `00-${traceId}-${client?.id}-01`,
    tracestate: parent.tracestate,
  });
  expect(await gateway.entries(request)).toEqual([expect.objectContaining({ trace: traceId })]);
  expect(collector.resources[0]).toMatchObject({ 'service.name': 'ostiary', 'service.version': expect.any(String) });
});

test('words with a model: resolving holds every try at it, with what it used and nothing of what was said', async () => {
  const collector = await startCollector();
  const model = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        choices: [
          {
            index: 0,
            finish_reason: 'stop',
            message: { content: '{"intent":"notes.get@1","input":{"note_id":"N-7"}}' },
          },
        ],
        usage: { prompt_tokens: 120, completion_tokens: 7 },
      }),
    ),
  );
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    model.closeAllConnections();
    model.close();
  });
  const { port } = model.address() as AddressInfo;
  const gateway = await gatewayForTest({
    env: collector.env,
    config: `models: [{ baseURL: "http://127.0.0.1:${port}/v1", model: small-1, api_key: sk-verysecret }]`,
  });
  const text = 'could we have the one called N-7 on the table';
  const { body } = await gateway.call('POST', '/v1/ask', { text }, { headers: parent });
  expect(body).toMatchObject({ outcome: 'completed', intent: 'notes.get' });
  await expect
    .poll(() => collector.tree(traceId), patience)
    .toEqual([
      'server POST /v1/ask',
      '  internal resolve',
      '    client chat small-1',
      '  internal authorize',
      '  client GET /notes/{note_id}',
    ]);
  expect(collector.spans.find(({ name }) => name === 'chat small-1')?.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'small-1',
    'gen_ai.request.max_tokens': 512,
    'gen_ai.output.type': 'json',
    'gen_ai.usage.input_tokens': 120,
    'gen_ai.usage.output_tokens': 7,
    'server.address': '127.0.0.1',
    'server.port': port,
  });
  await gateway.close();
  expect(collector.metrics.get('gen_ai.client.token.usage')).toEqual([
    expect.objectContaining({ sum: 120, attributes: expect.objectContaining({ 'gen_ai.token.type': 'input' }) }),
    expect.objectContaining({ sum: 7, attributes: expect.objectContaining({ 'gen_ai.token.type': 'output' }) }),
  ]);
  for (const secret of ['N-7', 'table', 'verysecret', 'key-writer', 'ada@example.com'])
    expect(collector.bytes()).not.toContain(secret);
});

test('a write: the record ahead of the call takes its time in the trace', async () => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({ env: collector.env });
  const { body } = await gateway.call('POST', '/v1/intents/notes.add', { text: 'buy milk' }, { headers: parent });
  expect(body).toMatchObject({ id: 'N-1' });
  await expect
    .poll(() => collector.tree(traceId), patience)
    .toEqual(['server POST /v1/intents/:name', '  internal authorize', '  internal record', '  client POST /notes']);
  expect(collector.bytes()).not.toContain('buy milk');
});

test('a refusal is no error of the gateway, and names its problem; nothing is called', async () => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({ env: collector.env });
  const { status } = await gateway.call(
    'POST',
    '/v1/intents/notes.add',
    { text: 'hello' },
    { key: 'reader', headers: parent },
  );
  expect(status).toBe(403);
  await expect
    .poll(() => collector.tree(traceId), patience)
    .toEqual(['server POST /v1/intents/:name', '  internal authorize']);
  const [span] = collector.spans.filter(({ kind }) => kind === 2);
  expect(span?.status).toBe(0);
  expect(span?.attributes).toMatchObject({
    'http.response.status_code': 403,
    'ostiary.outcome': 'denied',
    'ostiary.problem': 'policy.denied',
    'ostiary.decision': 'deny',
  });
  expect(span?.attributes).not.toHaveProperty('error.type');
});

test('a backend that fails is an error of its call and of the request', async () => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({ env: collector.env });
  gateway.answers.with = (_request, response) => response.writeHead(500).end('no such table: customers');
  await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { headers: parent });
  await expect.poll(() => collector.tree(traceId).length, patience).toBe(3);
  const [client] = collector.spans.filter(({ kind }) => kind === 3);
  expect(client).toMatchObject({ status: 2, attributes: { 'error.type': '500', 'http.response.status_code': 500 } });
  const [server] = collector.spans.filter(({ kind }) => kind === 2);
  expect(server).toMatchObject({
    status: 2,
    attributes: { 'error.type': '502', 'ostiary.problem': 'upstream.failed' },
  });
  expect(collector.bytes()).not.toContain('customers');
});

test('what nobody can read is in a trace all the same, without what stood in its address', async () => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({ env: collector.env });
  const { headers } = await gateway.call('GET', '/secret-words?token=abc', undefined, { headers: parent });
  await expect.poll(() => collector.tree(traceId), patience).toEqual(['server GET']);
  expect(await gateway.entries(String(headers['ostiary-request-id']))).toEqual([
    expect.objectContaining({ code: 'request.not_found', trace: traceId }),
  ]);
  await gateway.call('GET', '/livez');
  await gateway.close();
  expect(collector.bytes()).not.toMatch(/secret-words|token=abc/);
  // Nobody wants a trace of every probe.
  expect(collector.spans).toHaveLength(1);
});

test.each(['rest', 'graphql', 'grpc', 'mcp'])('a trace goes on over two hops by %s', async (protocol) => {
  const collector = await startCollector();
  const near = await gatewayForTest({ env: collector.env, config: 'doors: { grpc: { port: 0, package: acme } }' });
  const far = await startFar(near, collector.env);
  const { status, body } = await far.call(`/v1/intents/far.${protocol}`, { note_id: 'N-1' }, parent);
  expect([status, body]).toEqual([200, expect.anything()]);
  const doors = {
    rest: ['  client POST /v1/intents/notes.get', '    server POST /v1/intents/:name', '      '],
    graphql: [
      '  client query note',
      '    server POST /graphql',
      '      internal query',
      '        internal request',
      '          ',
    ],
    grpc: ['  client acme.notes.NotesService/Get', '    server acme.notes.NotesService/Get', '      '],
    mcp: ['  client tools/call notes.get', '    server POST /mcp', '    server tools/call', '      '],
  }[protocol] as string[];
  const inside = doors.pop() ?? '';
  await expect
    .poll(() => collector.tree(traceId).toSorted(), patience)
    .toEqual(
      [
        'server POST /v1/intents/:name',
        '  internal authorize',
        ...doors,
        `${inside}internal authorize`,
        `${inside}client GET /notes/{note_id}`,
      ].toSorted(),
    );
  const last = collector.spans.find(({ name }) => name === 'GET /notes/{note_id}');
  expect(near.received.at(-1)?.headers.traceparent).toBe(`00-${traceId}-${last?.id}-01`);
});

test('the gRPC door to a gRPC backend: metadata in and out, with methods and statuses by the conventions', async () => {
  const collector = await startCollector();
  const near = await gatewayForTest({ env: collector.env, config: 'doors: { grpc: { port: 0, package: acme } }' });
  const far = await startFar(near, collector.env);
  const client = stockClient(far.grpc);
  onTestFinished(() => client.close());
  await client.call('far.far.FarService', 'Grpc', { note_id: 'N-1' }, { headers: parent });
  await expect
    .poll(() => collector.tree(traceId), patience)
    .toEqual([
      'server far.far.FarService/Grpc',
      '  internal authorize',
      '  client acme.notes.NotesService/Get',
      '    server acme.notes.NotesService/Get',
      '      internal authorize',
      '      client GET /notes/{note_id}',
    ]);
  expect(collector.spans.find(({ parent: above }) => above === parentId)?.attributes).toMatchObject({
    'rpc.system.name': 'grpc',
    'rpc.method': 'far.far.FarService/Grpc',
    'rpc.status_code': 'OK',
    'ostiary.intent': 'far.grpc@1',
  });
});

test('the MCP door takes a trace from a message before that of its HTTP request', async () => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({ env: collector.env });
  const client = await connectMcp(gateway.url);
  await client.callTool({ name: 'notes.get', arguments: { note_id: 'N-1' }, _meta: parent });
  await expect
    .poll(() => collector.tree(traceId), patience)
    .toEqual(['server tools/call', '  internal authorize', '  client GET /notes/{note_id}']);
});

test('without telemetry a trace is handed on as it came, and recorded; what is no trace is dropped', async () => {
  const gateway = await gatewayForTest();
  const sent = async (headers: Record<string, string>) => {
    const { headers: told } = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { headers });
    const [entry] = await gateway.entries(String(told['ostiary-request-id']));
    const { traceparent, tracestate } = gateway.received.at(-1)?.headers ?? {};
    return { traceparent, tracestate, trace: entry?.trace };
  };
  expect(await sent(parent)).toEqual({ ...parent, trace: traceId });
  for (const wrong of [
    '',
    'x',
    `00-${traceId}-${parentId}`,
    `ff-${traceId}-${parentId}-01`,
    `00-${'0'.repeat(32)}-${parentId}-01`,
  ])
    expect(await sent({ traceparent: wrong, tracestate: 'a=b' })).toEqual({});
});

test.each([
  ['a caller that does not sample is followed', {}, '00', 0],
  ['a caller that samples is followed', { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, '01', 3],
  ['a sampler of its own follows nobody', { OTEL_TRACES_SAMPLER: 'always_off' }, '01', 0],
])('%s', async (_name, env, flags, count) => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({ env: { ...collector.env, ...env } });
  const traceparent = `00-${traceId}-${parentId}-${flags}`;
  await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { headers: { traceparent } });
  await gateway.close();
  expect(collector.spans).toHaveLength(count);
  // The trace goes on in any case, with what was decided.
  const handed = String(gateway.received[0]?.headers.traceparent);
  expect(handed).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-0${count === 0 ? 0 : 1}$`));
});

test('each try of a call has a span of its own, and the backend is told of that one', async () => {
  const collector = await startCollector();
  const gateway = await gatewayForTest({ env: collector.env, guard: 'breaker: false' });
  let tries = 0;
  gateway.answers.with = (_request, response) =>
    void response
      .writeHead(++tries < 3 ? 503 : 200, { 'content-type': 'application/json' })
      .end('{"id":"N-1","text":"buy milk"}');
  const { status } = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { headers: parent });
  expect(status).toBe(200);
  const sent = () => collector.spans.filter(({ kind, trace }) => kind === 3 && trace === traceId);
  await expect.poll(() => sent().length, patience).toBe(3);
  const spans = gateway.received.map(({ headers }) =>
    sent().find(({ id }) => headers.traceparent === `00-${traceId}-${id}-01`),
  );
  expect(spans.map((span) => span?.attributes['http.request.resend_count'])).toEqual([undefined, 1, 2]);
  expect(spans.map((span) => span?.attributes['http.response.status_code'])).toEqual([503, 503, 200]);
  const [server] = collector.spans.filter(({ kind }) => kind === 2);
  expect(new Set(spans.map((span) => span?.parent))).toEqual(new Set([server?.id]));
});
