import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger, serve } from '../../gateway/serve.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { connectMcp } from './mcp-client.ts';

const folder = 'test/gateway/mcp-conformance';
const key = 'key-of-the-suite';

/** The tools behind the intents of the suite. */
const startBackend = async (): Promise<string> => {
  const { fetch } = createMcpHandler(() => {
    const server = new McpServer({ name: 'everything', version: '1.0.0' });
    server.registerTool('simple_text', {}, () => ({ content: [{ type: 'text', text: 'This is a simple text.' }] }));
    server.registerTool('error_handling', {}, () => ({
      isError: true,
      content: [{ type: 'text', text: 'This tool always fails.' }],
    }));
    server.registerTool('tool_with_progress', {}, async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progressToken !== undefined)
          await mcpReq.notify({
            method: 'notifications/progress',
            params: { progressToken, progress, total: 100, message: 'what the backend says is its own' },
          });
        await sleep(10);
      }
      return { content: [{ type: 'text', text: 'done' }] };
    });
    server.registerTool('chatter', {}, async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken ?? 'none';
      for (let progress = 0; progress < 2_000; progress++)
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
      return { content: [{ type: 'text', text: 'done' }] };
    });
    return server;
  });
  const app = fastify();
  app.all('/mcp', async ({ method, headers, body }, reply) =>
    reply.send(
      await fetch(new Request('http://127.0.0.1/mcp', { method, headers: headers as Record<string, string> }), {
        parsedBody: body,
      }),
    ),
  );
  onTestFinished(() => app.close());
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/mcp`;
};

const startGateway = async (backend: string): Promise<string> => {
  const data = mkdtempSync(join(tmpdir(), 'ostiary-conformance-'));
  const { setup, findings } = await loadSetup(folder, {
    BACKEND: backend,
    DATA: data,
    KEY_HASH: createHash('sha256').update(key).digest('hex'),
  });
  if (setup === undefined) throw new Error(JSON.stringify(findings, null, 2));
  const serving = await serve(setup, {}, createLogger('silent'));
  expect(serving.troubles).toEqual([]);
  onTestFinished(async () => {
    await serving.close();
    rmSync(data, { recursive: true });
  });
  return serving.url;
};

/** The suite shows no credential, and the door takes nobody without: this adds one, and changes nothing else. */
const startCredentials = async (gateway: string): Promise<string> => {
  const { port } = new URL(gateway);
  const proxy = createServer((from, to) => {
    const headers = { ...from.headers, authorization: `Bearer ${key}` };
    // The door is to judge the names that the suite makes up, and to know its own.
    if (headers.host === own) headers.host = `127.0.0.1:${port}`;
    const on = request({ host: '127.0.0.1', port, method: from.method, path: from.url, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    on.on('error', () => to.destroy());
    to.on('close', () => on.destroy());
    from.pipe(on);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const own = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://${own}/mcp`;
};

const suite = (url: string) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const program = 'node_modules/@modelcontextprotocol/conformance/dist/index.js';
    const baseline = `${folder}/not-offered.yaml`;
    const args = [program, 'server', '--url', url, '--suite', 'all', '--expected-failures', baseline];
    execFile(process.execPath, args, { maxBuffer: 50_000_000 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, said: stdout + stderr }),
    );
  });

test('the conformance suite passes but for what is not offered, and fails nothing else', async () => {
  const url = await startCredentials(await startGateway(await startBackend()));
  const { code, said } = await suite(url);
  expect([code, said.slice(-6_000)]).toEqual([0, expect.anything()]);
}, 120_000);

test('a backend that tells its progress without end is passed on in measure', async () => {
  const client = await connectMcp(await startGateway(await startBackend()), { key });
  const told: number[] = [];
  await client.callTool(
    { name: 'test_chatter', arguments: {} },
    { onprogress: ({ progress, message }) => told.push(message === undefined ? progress : Number.NaN) },
  );
  expect(told.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(told.length).toBeLessThan(200);
});
