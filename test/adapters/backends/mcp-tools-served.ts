import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

const statuses: Readonly<Record<string, number>> = {
  missing: 404,
  taken: 409,
  wrong: 422,
  forbidden: 403,
  crowded: 429,
  broken: 500,
};

/** A small server with tools that do as they are told; the same over HTTP and standard input and output. */
export const servedTools = (headers: () => Readonly<Record<string, unknown>> = () => ({})): McpServer => {
  const server = new McpServer({ name: 'echo', version: '1.0.0' });
  server.registerTool(
    'echo',
    {
      description: 'Says it again.',
      inputSchema: z.object({ say: z.string() }),
      outputSchema: z.object({ said: z.string() }),
    },
    ({ say }) => {
      const status = statuses[say];
      const text = JSON.stringify(status === undefined ? { said: say } : { say, headers: headers() });
      const content = [{ type: 'text' as const, text }];
      if (status !== undefined) return { isError: true, content, structuredContent: { status } };
      return { content, structuredContent: { said: say } };
    },
  );
  server.registerTool('text', { inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({
    content: [
      { type: 'text', text },
      ...(text === 'seen' ? [{ type: 'image' as const, data: 'AA==', mimeType: 'image/png' }] : []),
    ],
  }));
  server.registerTool('fails', {}, () => ({ isError: true, content: [{ type: 'text', text: 'The disk is full.' }] }));
  server.registerTool('environment', {}, () => ({
    content: [{ type: 'text', text: JSON.stringify({ names: Object.keys(process.env).sort(), pid: process.pid }) }],
  }));
  server.registerTool('dies', {}, () => {
    process.stderr.write('out of memory, so to speak', () => process.exit(3));
    return new Promise<never>(() => {});
  });
  server.registerTool(
    'waits',
    {},
    (context) =>
      new Promise<never>((_, reject) => {
        process.stderr.write('waiting\n');
        context.mcpReq.signal.addEventListener('abort', () => {
          process.stderr.write('given up\n');
          reject(new Error('given up'));
        });
      }),
  );
  server.registerTool(
    'place',
    { inputSchema: z.strictObject({ sku: z.string(), count: z.int(), note: z.string().optional() }) },
    ({ sku, count }) => ({ content: [{ type: 'text', text: JSON.stringify({ id: `${sku}-${count}` }) }] }),
  );
  server.registerTool('large', { inputSchema: z.object({ chars: z.int() }) }, ({ chars }) => ({
    content: [{ type: 'text', text: 'x'.repeat(chars) }],
  }));
  return server;
};
