// A language model by script: gives one choice, whatever it is asked, as a chat completion: streamed where that is wanted.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const content = JSON.stringify({ intent: 'orders.get@1', input: { order_id: 'A-1001' } });
const event = (data: object) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'script', ...data })}\n\n`;
const pieces = content.match(/.{1,8}/gs) ?? [];
const answer = Buffer.from(
  [
    ...pieces.map((piece) => event({ choices: [{ index: 0, delta: { content: piece }, finish_reason: null }] })),
    event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    event({ choices: [], usage: { prompt_tokens: 300, completion_tokens: 20, total_tokens: 320 } }),
    'data: [DONE]\n\n',
  ].join(''),
);
const whole = Buffer.from(
  JSON.stringify({
    ...{ id: 'c', object: 'chat.completion', created: 1, model: 'script' },
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 300, completion_tokens: 20, total_tokens: 320 },
  }),
);
const server = createServer(async (request, response) => {
  const asked = (await request.toArray()).join('');
  const [type, bytes] = asked.includes('"stream":true') ? ['text/event-stream', answer] : ['application/json', whole];
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }),
);

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
