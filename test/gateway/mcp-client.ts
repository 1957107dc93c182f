import { Client, type ElicitResult, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';

export type Revision = 'of 2026' | 'of 2025';

export interface Asking {
  readonly key?: string | null;
  readonly revision?: Revision;
  /** What the person at the client answers; left out, the client cannot ask anybody. */
  readonly person?: (message: string) => ElicitResult | Promise<ElicitResult>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told the names of the tools when they changed. */
  readonly onTools?: (names: readonly string[]) => void;
}

/** A stock client that is connected to `/mcp`, and closed when the test ends. */
export const connectMcp = async (
  url: string,
  { key = 'key-writer', revision = 'of 2026', person, headers = {}, onTools }: Asking = {},
): Promise<Client> => {
  const client = new Client(
    { name: 'test', version: '1' },
    {
      capabilities: person === undefined ? {} : { elicitation: { form: {} } },
      ...(onTools && {
        listChanged: {
          tools: { debounceMs: 0, onChanged: (_error, tools) => onTools((tools ?? []).map(({ name }) => name)) },
        },
      }),
      versionNegotiation: { mode: revision === 'of 2026' ? { pin: '2026-07-28' } : 'legacy' },
    },
  );
  if (person !== undefined) client.setRequestHandler('elicitation/create', ({ params }) => person(params.message));
  const credential: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL('/mcp', url), {
      requestInit: { headers: { ...credential, ...headers } },
    }),
  );
  onTestFinished(() => client.close());
  return client;
};

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into at any depth, and every look is an assertion
export type Told = { isError?: boolean; structuredContent: any; content: any; _meta: any };

/** Calls a tool as a client does that has not looked at the list. */
export const tell = async (client: Client, name: string, given: Record<string, unknown> = {}): Promise<Told> =>
  (await client.callTool({ name, arguments: given })) as Told;
