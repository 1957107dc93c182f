import type { Client, Tool, Transport } from '@modelcontextprotocol/client';
import type { McpOpener } from './mcp-http.ts';

export interface McpConnection {
  /**
   * The client, connected: the first caller opens the connection, others wait for the same.
   * @throws Error (rejects) where there is none, or the signal fires first: nothing has been asked of the server
   */
  client(signal: AbortSignal): Promise<Client>;
  /** Gives up a connection that the server no longer knows: the next call opens another. */
  forget(client: Client): void;
  /** Whether the server keeps a session for it, and so can lose it. */
  hasSession(client: Client): boolean;
  /** Every tool there is, by name. @param signal bounds the asking */
  tools(signal: AbortSignal): Promise<ReadonlyMap<string, Tool>>;
  /** As they were when they were last asked for. */
  known(name: string): Tool | undefined;
  close(): Promise<void>;
}

interface Connecting {
  readonly connecting: Promise<Client>;
  live?: Client;
}

interface Terminable {
  terminateSession(): Promise<void>;
}

/** One connection to a server, opened when it is needed, and opened anew when it was lost. */
export const mcpConnection = (opener: McpOpener, timeoutMs: number): McpConnection => {
  let current: Connecting | undefined;
  let tools: ReadonlyMap<string, Tool> = new Map();
  let closed = false;
  const transports = new WeakMap<Client, Transport>();

  const connect = async (): Promise<Client> => {
    const { Client } = await import('@modelcontextprotocol/client');
    const client = new Client(
      { name: 'ostiary', version: '1' },
      // No capability is declared: no server gets to ask a person, or a model, anything through here.
      { capabilities: {}, versionNegotiation: { mode: 'auto' }, inputRequired: { autoFulfill: false } },
    );
    const transport = await opener.open();
    transports.set(client, transport);
    await client.connect(transport, { timeout: timeoutMs, maxTotalTimeout: timeoutMs });
    client.onclose = () => forget(client);
    return client;
  };
  const forget = (client: Client): void => {
    if (current?.live !== client) return;
    // It is not closed: other calls on it may still end well, and a session that is lost holds nothing here.
    current = undefined;
  };
  const connected = (): Promise<Client> => {
    if (closed) return Promise.reject(Object.assign(new Error('The backend is closed.'), { code: 'NOT_CONNECTED' }));
    if (current !== undefined) return current.connecting;
    const opening: Connecting = { connecting: connect() };
    current = opening;
    opening.connecting.then(
      (client) => {
        opening.live = client;
      },
      () => {
        if (current === opening) current = undefined;
      },
    );
    return opening.connecting;
  };
  const client = (signal: AbortSignal): Promise<Client> => {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      connected()
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', onAbort));
    });
  };
  return {
    client,
    forget,
    hasSession: (known) => transports.get(known)?.sessionId !== undefined,
    async tools(signal) {
      const listed = await (await client(signal)).listTools(undefined, { signal, timeout: timeoutMs });
      tools = new Map(listed.tools.map((tool) => [tool.name, tool]));
      return tools;
    },
    known: (name) => tools.get(name),
    async close() {
      closed = true;
      const live = current?.live;
      // A server of 2025 need not keep what nobody comes back to.
      if (live !== undefined) await (transports.get(live) as Partial<Terminable>)?.terminateSession?.().catch(() => {});
      await Promise.all([opener.close(), current?.connecting.then((client) => client.close()).catch(() => {})]);
    },
  };
};
