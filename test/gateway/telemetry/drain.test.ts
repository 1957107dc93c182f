import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { startServing } from '../../cli/ostiary.ts';
import { stockClient } from '../grpc-client.ts';
import { startCollector } from './collector.ts';

const patience = { timeout: 30_000, interval: 50 };

/** The command itself, in front of a backend that answers when the test says so. */
const startProcess = async (config: string, env: Readonly<Record<string, string>> = {}) => {
  const waiting: ServerResponse[] = [];
  const backend = createServer((_request, response) => void waiting.push(response));
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-drain-'));
  for (const name of ['intents', 'policies']) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, 'intents/notes.yaml'),
    `intent: notes.get
version: 1.0.0
title: Show a note
effect: read
examples: ["show note [note_id: N-1]"]
input: { type: object, required: [note_id], properties: { note_id: { type: string } } }
call: { backend: notes, rest: "GET /notes/{note_id}" }
`,
  );
  writeFileSync(
    join(folder, 'policies/notes.policy.yaml'),
    `api: intent-policy/1
purposes: [work]
subjects: { all: { match: { /token/roles: { has: writer } } } }
capabilities: { read: { intents: [notes.get@1], effect: read } }
rules: [{ allow: all-read, who: [all], can: [read], for: [work] }]
`,
  );
  const hash = createHash('sha256').update('key-writer').digest('hex');
  writeFileSync(
    join(folder, 'ostiary.yaml'),
    `api: ostiary/1
doors: { grpc: { port: 0, package: acme } }
backends: { notes: { kind: rest, url: "http://127.0.0.1:${(backend.address() as AddressInfo).port}" } }
credentials: { keys: [{ id: writer, hash: "sha256:${hash}", subject: { type: user, id: writer }, claims: { roles: [writer] }, purposes: [work], default_purpose: work }] }
${config}
`,
  );
  const serving = await startServing(
    ['serve', folder, '--port', '0', '--log', 'silent'],
    /Ostiary serves 1 intents? at (http:\S+), and by gRPC at (\S+)\. Ctrl-C/,
    { env },
  );
  let stopped: ReturnType<typeof serving.stop> | undefined;
  const stop = () => {
    stopped ??= serving.stop('SIGTERM');
    return stopped;
  };
  onTestFinished(async () => {
    await stop();
    backend.closeAllConnections();
    backend.close();
    rmSync(folder, { recursive: true });
  });
  return {
    url: serving.url,
    grpc: /by gRPC at (\S+)\. Ctrl-C/.exec(serving.welcome)?.[1] ?? '',
    folder,
    waiting,
    stop,
    answerAll() {
      for (const response of waiting.splice(0))
        response.setHeader('content-type', 'application/json').end('{"id":"N-1"}');
    },
    read: () =>
      fetch(`${serving.url}/v1/intents/notes.get`, {
        method: 'POST',
        headers: { authorization: 'Bearer key-writer', 'content-type': 'application/json' },
        body: '{"note_id":"N-1"}',
      }),
    /** Whether somebody takes a new connection. */
    listens: async () => {
      const socket = connect(Number(new URL(serving.url).port), '127.0.0.1');
      try {
        await once(socket, 'connect');
        return true;
      } catch {
        return false;
      } finally {
        socket.destroy();
      }
    },
  };
};

test('on SIGTERM what is under way at every door is answered, nothing new is taken, and all that was seen is sent', async () => {
  const collector = await startCollector();
  const gateway = await startProcess('', {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '3600000',
    OTEL_BLRP_SCHEDULE_DELAY: '3600000',
  });
  const client = stockClient(gateway.grpc);
  onTestFinished(() => client.close());
  const health: string[] = [];
  const watch = await client.stream('grpc.health.v1.Health', 'Watch', { service: '' });
  watch.on('data', ({ status }: { status: string }) => health.push(status));
  watch.on('error', () => {});
  await expect.poll(() => health, patience).toEqual(['SERVING']);

  const answers = [gateway.read(), client.call('acme.notes.NotesService', 'Get', { note_id: 'N-1' })] as const;
  await expect.poll(() => gateway.waiting.length, patience).toBe(2);
  const stopped = gateway.stop();
  await expect.poll(gateway.listens, patience).toBe(false);
  await expect.poll(() => health, patience).toEqual(['SERVING', 'NOT_SERVING']);
  gateway.answerAll();
  const [overHttp, overGrpc] = await Promise.all(answers);
  expect([overHttp.status, overGrpc.code]).toEqual([200, 0]);
  expect(await stopped).toMatchObject({ code: 0, stderr: '' });

  expect(collector.spans.filter(({ name }) => name === 'GET /notes/{note_id}')).toHaveLength(2);
  expect(collector.metrics.has('http.server.request.duration')).toBe(true);
  const database = new DatabaseSync(join(gateway.folder, 'data/ostiary.db'), { readOnly: true });
  const entries = database.prepare('SELECT body FROM audit').all() as { body: string }[];
  database.close();
  expect(entries.filter(({ body }) => body.includes('"outcome":"completed"'))).toHaveLength(2);
});

test('for as long as it drains it says so, and goes on answering', async () => {
  const gateway = await startProcess('listen: { drain: 6s }');
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
  const stopped = gateway.stop();
  await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status, patience).toBe(503);
  expect(await (await fetch(`${gateway.url}/readyz`)).json()).toEqual({ status: 'draining', checks: { store: 'ok' } });
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  const answer = gateway.read();
  await expect.poll(() => gateway.waiting.length, patience).toBe(1);
  gateway.answerAll();
  expect((await answer).status).toBe(200);
  expect((await stopped).code).toBe(0);
});

test('past the deadline what is under way is cut, and so is whoever never finishes a request', async () => {
  const gateway = await startProcess('limits: { deadline: 1s }');
  const half = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  onTestFinished(() => void half.destroy());
  half.on('error', () => {});
  const cut = once(half, 'close');
  half.write('POST /v1/ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
  const answer = gateway.read();
  await expect.poll(() => gateway.waiting.length, patience).toBe(1);
  expect((await gateway.stop()).code).toBe(0);
  expect((await answer).status).toBe(504);
  await cut;
});

test('a collector that does not answer does not keep the process from ending', async () => {
  const collector = await startCollector();
  collector.answers(0);
  const gateway = await startProcess('', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await fetch(`${gateway.url}/nowhere`);
  const started = performance.now();
  expect((await gateway.stop()).code).toBe(0);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('a port for metrics that is taken is told, with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const failed = startProcess(`telemetry: { metrics: { prometheus: { port: ${port} } } }`);
  await expect(failed).rejects.toThrow(
    `error: /metrics cannot be served at 127.0.0.1:${port} (EADDRINUSE). Choose another port: telemetry.metrics.prometheus.port`,
  );
});
