import type { McpOpener } from './mcp-http.ts';

export interface McpStdioOptions {
  readonly name: string;
  /** A program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it is started. */
  readonly folder: string;
  /** Of one message, about. */
  readonly maxBytes: number;
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number;
}

/** So many starts in so long; then the server counts as broken for a while. */
const [maxStarts, windowMs] = [5, 60_000];
/** Of standard error, in characters. */
const keptOfStderr = 500;
/** A message is cut off by the buffer that holds it, which also holds the beginning of the next. */
const besideMessage = 65_536;

/**
 * A server that is started here and speaks over its standard input and output. It is started when it is first called,
 * and again after it died, at most 5 times a minute.
 */
export const mcpStdio = ({ name, command, env, folder, maxBytes, now }: McpStdioOptions): McpOpener => {
  const starts: number[] = [];
  let stderr = '';
  return {
    ownHeaders: new Set(),
    noting: (_, run) => run(),
    said: () => stderr,
    async open() {
      const recent = starts.filter((at) => now() - at < windowMs);
      if (recent.length >= maxStarts)
        throw new Error(`"${name}" was started ${maxStarts} times within a minute and did not stay; it is left alone.`);
      starts.splice(0, starts.length, ...recent, now());
      const { DEFAULT_INHERITED_ENV_VARS, StdioClientTransport } = await import('@modelcontextprotocol/client/stdio');
      // The library adds variables of its own choice; one that is undefined is not handed on.
      const none = Object.fromEntries(DEFAULT_INHERITED_ENV_VARS.map((variable) => [variable, undefined]));
      const [program = '', ...args] = command;
      const transport = new StdioClientTransport({
        command: program,
        args,
        env: { ...none, ...env } as Record<string, string>,
        cwd: folder,
        stderr: 'pipe',
        maxBufferSize: maxBytes + besideMessage,
      });
      transport.stderr?.on('data', (chunk: Buffer) => {
        stderr = (stderr + chunk.toString('utf8')).slice(-keptOfStderr);
      });
      return transport;
    },
    close: async () => {},
  };
};
