import { type Command, Option } from 'commander';
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

/** One JSON request to a running gateway. @throws CommandError where it cannot be reached or answers no JSON */
export const request = async (
  { url, key }: Connection,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
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
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
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
