// A small OpenAI-compatible server over one GGUF file, run in a process of its own: what it takes does not hold up a test.
// Arguments: the folder with node_modules/node-llama-cpp, and the file. Says its port on the first line.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Request {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly max_tokens?: number;
  readonly response_format?: { readonly json_schema?: { readonly schema: { properties: { intent: unknown } } } };
}
interface Prompted {
  readonly stopReason: string;
}
interface Sequence {
  readonly tokenMeter: { readonly usedInputTokens: number; readonly usedOutputTokens: number };
}
/** As much of node-llama-cpp as is used here. */
interface Llama {
  createGrammarForJsonSchema(schema: unknown): Promise<unknown>;
  loadModel(options: { modelPath: string }): Promise<{
    createContext(options: { contextSize: number; threads: number }): Promise<{ getSequence(): Sequence }>;
  }>;
}
interface Library {
  getLlama(options: { gpu: false; build: 'never'; logLevel: 'error' }): Promise<Llama>;
  LlamaChatSession: new (options: {
    contextSequence: Sequence;
    systemPrompt: string;
  }) => {
    promptWithMeta(
      text: string,
      options: { grammar?: unknown; maxTokens: number; temperature: 0; onTextChunk: (text: string) => void },
    ): Promise<Prompted>;
    dispose(options: { disposeSequence: boolean }): void;
  };
}

const [packages = '', modelPath = ''] = process.argv.slice(2);
const entry = join(packages, 'node_modules/node-llama-cpp/dist/index.js');
const { getLlama, LlamaChatSession } = (await import(pathToFileURL(entry).href)) as Library;
const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' });
const model = await llama.loadModel({ modelPath });
const sequence = (await model.createContext({ contextSize: 4_096, threads: 2 })).getSequence();

const answer = async (request: Request, response: ServerResponse): Promise<void> => {
  const contentOf = (wanted: string) => request.messages.find(({ role }) => role === wanted)?.content ?? '';
  const event = (choices: unknown[], more = {}) =>
    response.write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', choices, ...more })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const schema = request.response_format?.json_schema?.schema;
  const input = { type: 'object', additionalProperties: { type: 'string' } };
  const grammar =
    schema && (await llama.createGrammarForJsonSchema({ ...schema, properties: { ...schema.properties, input } }));
  const before = { ...count() };
  const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt: contentOf('system') });
  const { stopReason } = await session.promptWithMeta(contentOf('user'), {
    ...(grammar === undefined ? {} : { grammar }),
    maxTokens: request.max_tokens ?? 64,
    temperature: 0,
    onTextChunk: (content) => event([{ index: 0, delta: { content } }]),
  });
  session.dispose({ disposeSequence: false });
  event([{ index: 0, delta: {}, finish_reason: stopReason === 'maxTokens' ? 'length' : 'stop' }]);
  const { input: read, output: written } = count();
  event([], { usage: { prompt_tokens: read - before.input, completion_tokens: written - before.output } });
  response.end('data: [DONE]\n\n');
};
const count = () => ({ input: sequence.tokenMeter.usedInputTokens, output: sequence.tokenMeter.usedOutputTokens });

let turn = Promise.resolve();
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += String(chunk);
  });
  request.on('end', () => {
    turn = turn
      .then(() => answer(JSON.parse(body), response))
      .catch((error: unknown) => {
        process.stderr.write(`${error}\n`);
        response.destroy();
      });
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
// Nobody is left to ask when the one who started it is gone.
process.stdin.resume().once('end', () => process.exit());
