import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { OpenaiEndpointOptions } from '../../../adapters/models/openai.ts';
import type { ModelQuestion } from '../../../intents/ports.ts';

export type Act = (response: ServerResponse) => void;

/** A server that answers each question with the next act, and the last one over and over. */
export const scriptedEndpoint = async (...acts: readonly Act[]) => {
  const bodies: Record<string, unknown>[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      bodies.push(JSON.parse(body));
      headers.push(request.headers);
      acts[Math.min(bodies.length, acts.length) - 1]?.(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const options: OpenaiEndpointOptions = {
    name: 'scripted',
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    model: 'tiny',
    timeoutMs: 5_000,
    maxTokens: 300,
    maxTextChars: 2_000,
    price: { input: 1_000, output: 10_000 },
  };
  return { options, bodies, headers };
};

export const question: ModelQuestion = {
  text: 'refund order A-1001',
  candidates: [
    {
      id: 'orders.refund@1',
      title: 'Refund an order',
      description: '',
      examples: ['refund order A-1001'],
      input: { type: 'object', properties: { order_id: { type: 'string' } } },
    },
  ],
  now: '2026-11-23T09:30:00.000Z',
  tenant: 'shop',
};

export const good = '{"intent":"orders.refund@1","input":{"order_id":"A-1001"}}';
/** Of every streamed answer that comes to its end, by the prices above. */
export const usage = { input: 90, output: 10, money: 0.19 };

const event = (choice: unknown, more: Record<string, unknown> = {}) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: choice === undefined ? [] : [choice], ...more })}\n\n`;
const begin = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const pieces = (content: string) => content.match(/[\s\S]{1,8}/g) ?? [];

/** Streams a content in pieces, and says how it ended and what it used. */
export const says =
  (content: string, finish = 'stop'): Act =>
  (response) => {
    begin(response);
    for (const piece of pieces(content)) response.write(event({ index: 0, delta: { content: piece } }));
    response.write(event({ index: 0, delta: {}, finish_reason: finish }));
    response.write(event(undefined, { usage: { prompt_tokens: 90, completion_tokens: 10 } }));
    response.end('data: [DONE]\n\n');
  };
/** Stops in the middle: with the end of the stream, or of the connection. */
export const stops =
  (content: string, how: 'end' | 'destroy'): Act =>
  (response) => {
    begin(response);
    for (const piece of pieces(content)) response.write(event({ index: 0, delta: { content: piece } }));
    if (how === 'end') response.end();
    else setTimeout(() => response.destroy(), 20);
  };
export const refuses: Act = (response) => {
  begin(response);
  response.write(event({ index: 0, delta: { refusal: 'I cannot' } }));
  response.write(event({ index: 0, delta: {}, finish_reason: 'stop' }));
  response.end('data: [DONE]\n\n');
};
/** Events without end. */
export const floods: Act = (response) => {
  begin(response);
  const more = () => {
    while (!response.destroyed && response.write(event({ index: 0, delta: { role: 'x'.repeat(4_000) } })));
  };
  response.on('drain', more);
  more();
};
export const writes =
  (text: string): Act =>
  (response) => {
    begin(response);
    response.end(text);
  };
/** Begins, and says nothing more. */
export const stalls: Act = (response) => {
  begin(response);
  response.write(event({ index: 0, delta: { content: '{' } }));
};
export const status =
  (code: number, headers: Record<string, string> = {}): Act =>
  (response) =>
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end('{"error":{"message":"no"}}');
export const hangsUp: Act = (response) => response.destroy();
