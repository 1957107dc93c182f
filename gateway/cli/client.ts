import { type Command, Option } from 'commander';
import { createParser } from 'eventsource-parser';
import { Pool } from 'undici';
import { CommandError, exit } from './terminal.ts';

export interface Connection {
  readonly url: string;
  readonly key: string | undefined;
  /** Private key, where `key` is a token that is bound to it. */
  readonly with?: string;
}

/** Adds the options of every command that talks to a running gateway. */
export const withConnection = (command: Command): Command =>
  command
    .addOption(new Option('--url <url>', 'address of the gateway').env('OSTIARY_URL').default('http://127.0.0.1:8080'))
    .addOption(
      new Option('--key <key>', 'API key, JWT or token (better in the environment: a shell keeps its history)').env(
        'OSTIARY_KEY',
      ),
    )
    .addOption(
      new Option('--with <file>', 'private key, where the token is bound to it ("ostiary token --help")').env(
        'OSTIARY_KEY_FILE',
      ),
    );

/** Who asks, proved where the credential is bound to a key. Loaded only then: most never need it. */
export const credentialHeaders = async (
  { key, with: file }: Connection,
  asked: { readonly method: string; readonly url: string },
): Promise<Readonly<Record<string, string>>> => {
  if (key === undefined) return {};
  if (file === undefined) return { authorization: `Bearer ${key}` };
  const { provedHeaders } = await import('./token-headers.ts');
  return provedHeaders(key, file, asked);
};

/** What a gateway tells of a request that it is busy with. */
export interface Told {
  readonly tier: string;
  readonly tokens?: number;
}

/**
 * One JSON request to a running gateway.
 * @param progress told how far the gateway is, where it has an answer in steps for this
 * @throws CommandError where it cannot be reached or answers no JSON
 */
export const request = async (
  connection: Connection,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  progress?: (so: Told) => void,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const { url } = connection;
  let origin: URL;
  try {
    origin = new URL(url);
  } catch {
    throw new CommandError(`"${url}" is not an address. Write it like http://127.0.0.1:8080.`, exit.usage);
  }
  const pool = new Pool(origin.origin, { connections: 1 });
  try {
    const response = await pool.request({
      method,
      path,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(await credentialHeaders(connection, { method, url: `${origin.origin}${path}` })),
        ...(progress === undefined ? {} : { accept: 'text/event-stream, application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const streamed = String(response.headers['content-type']).startsWith('text/event-stream');
    const text = await (streamed ? answerOf(response.body, progress) : response.body.text());
    try {
      return { status: response.statusCode, body: JSON.parse(text) as Record<string, unknown> };
    } catch {
      throw new CommandError(
        `${url} answered HTTP ${response.statusCode} without JSON. Is it an Ostiary gateway?`,
        exit.unreachable,
      );
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      `No gateway answers at ${url} (${(error as Error).message}). "npx ostiary demo" or "npx ostiary serve DIR" starts one.`,
      exit.unreachable,
    );
  } finally {
    await pool.close();
  }
};

/** The last word of a stream of events; what comes before it goes to whoever waits. */
const answerOf = async (
  stream: AsyncIterable<Uint8Array>,
  progress: (so: Told) => void = () => {},
): Promise<string> => {
  let answer = '';
  const parser = createParser({
    onEvent({ event, data }) {
      if (event === 'progress') progress(JSON.parse(data) as Told);
      else if (event === 'answer') answer = data;
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of stream) parser.feed(decoder.decode(chunk, { stream: true }));
  return answer;
};
