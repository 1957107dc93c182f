import { type Command, Option } from 'commander';
import { createParser } from 'eventsource-parser';
import { Pool } from 'undici';
import { CommandError, exit } from './terminal.ts';

export interface Connection {
  readonly url: string;
  readonly key: string | undefined;
}

/** Adds the options of every command that talks to a running gateway. */
export const withConnection = (command: Command): Command =>
  command
    .addOption(new Option('--url <url>', 'address of the gateway').env('OSTIARY_URL').default('http://127.0.0.1:8080'))
    .addOption(
      new Option('--key <key>', 'API key or JWT (better in the environment: a shell keeps its history)').env(
        'OSTIARY_KEY',
      ),
    );

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
  { url, key }: Connection,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  progress?: (so: Told) => void,
): Promise<{ status: number; body: Record<string, unknown> }> => {
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
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
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
