import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { stockClient } from './grpc-client.ts';
import { connectMcp, type Told } from './mcp-client.ts';
import { gatewayForTest, type TestGateway } from './start.ts';

/** What a caller is told of a write that it sent with a key: its code, and when to come back. */
interface Heard {
  readonly code: string | undefined;
  readonly seconds: number | undefined;
}
type Send = (key: string) => Promise<Heard>;

const doors: { door: string; open(gateway: TestGateway): Promise<Send> }[] = [
  {
    door: 'HTTP',
    open: async (gateway) => async (key) => {
      const { body, headers } = await gateway.call(
        'POST',
        '/v1/intents/notes.add',
        { text: 'a' },
        { headers: { 'idempotency-key': key } },
      );
      const after = headers['retry-after'];
      return { code: body.code, seconds: after === undefined ? undefined : Number(after) };
    },
  },
  {
    door: 'HTTP, in words',
    open: async (gateway) => async (key) => {
      const { body, headers } = await gateway.call(
        'POST',
        '/v1/ask',
        { text: 'add the note "a"' },
        { headers: { 'idempotency-key': key } },
      );
      const after = headers['retry-after'];
      return { code: body.code, seconds: after === undefined ? undefined : Number(after) };
    },
  },
  {
    door: 'GraphQL',
    open: async (gateway) => async (key) => {
      const { body } = await gateway.call(
        'POST',
        '/graphql',
        { query: 'mutation { notes_add(text: "a") }' },
        { headers: { 'idempotency-key': key } },
      );
      const { code, retry_after: seconds } = body.errors?.[0].extensions ?? {};
      return { code, seconds };
    },
  },
  {
    door: 'gRPC',
    open: async (gateway) => {
      const client = stockClient(gateway.grpc);
      // It learns the service first, so that the calls of a test come at once.
      await client.definitions('acme.notes.NotesService');
      return async (key) => {
        const headers = { 'idempotency-key': key };
        const told = await client.call('acme.notes.NotesService', 'Add', { text: 'a' }, { headers });
        if (told.code === status.OK) return { code: undefined, seconds: undefined };
        const delay = told.more.RetryInfo?.retry_delay;
        return { code: told.more.ErrorInfo?.metadata.code, seconds: delay && Number(delay.seconds) };
      };
    },
  },
  {
    door: 'MCP',
    open: async (gateway) => {
      const client = await connectMcp(gateway.url);
      return async (key) => {
        const told = (await client.callTool({
          name: 'notes_add',
          arguments: { text: 'a' },
          _meta: { 'ostiary.dev/idempotency-key': key },
        })) as Told;
        const { code, retry_after: seconds } = told.structuredContent;
        return { code, seconds };
      };
    },
  },
];

test.each(doors)(
  '$door: while the first is under way, the next is told when to come back',
  { timeout: 60_000 },
  async ({ open }) => {
    const gateway = await gatewayForTest({
      config: 'doors: { grpc: { port: 0, package: acme } }',
      limits: 'body: 64KB, depth: 16, text: 500, deadline: 20s',
    });
    const sendOnce = await open(gateway);
    // On a machine that is slow by itself the gateway lets some in later.
    const send: Send = async (key) => {
      for (;;) {
        const heard = await sendOnce(key);
        if (heard.code !== 'admit.busy') return heard;
      }
    };
    const held: (() => void)[] = [];
    gateway.answers.with = (_request, response) =>
      void held.push(() => response.setHeader('content-type', 'application/json').end('{"id":"N-7"}'));
    const first = send('the-key');
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(1);
    expect(await send('the-key')).toEqual({ code: 'idempotency.under_way', seconds: 1 });
    held[0]?.();
    expect((await first).code).toBeUndefined();
    expect((await send('the-key')).code).toBeUndefined();
    expect(gateway.received).toHaveLength(1);

    // What is no key is told as such, and nothing is done.
    for (const wrong of ['k'.repeat(256), 'two words', '""']) expect((await send(wrong)).code).toBe('idempotency.key');
    gateway.answers.with = (_request, response) => response.setHeader('content-type', 'application/json').end('{}');
    expect((await send('k'.repeat(255))).code).toBeUndefined();
    expect(gateway.received).toHaveLength(2);
  },
);
