import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Answer } from '../gateway/start-shop.ts';
import type { Call } from './random-calls.ts';
import { problemOf, type Told, type Way, type Went } from './ways.ts';

interface Seat {
  readonly client: Client;
  current: Call | undefined;
  asked: string[];
}

/** Over MCP: a tool each, and a person at the client who is asked for the yes. */
export const mcpWay = (url: string): Way => {
  const seats = new Map<string, Promise<Seat>>();
  const sit = async (key: string): Promise<Seat> => {
    const client = new Client(
      { name: 'doors', version: '1' },
      { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    const seat: Seat = { client, current: undefined, asked: [] };
    client.setRequestHandler('elicitation/create', ({ params }) => {
      seat.asked.push(params.message);
      return seat.current?.yes ? { action: 'accept', content: { confirm: true } } : { action: 'decline' };
    });
    const withPurpose: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${key}`);
      if (seat.current?.purpose !== undefined) headers.set('ostiary-purpose', seat.current.purpose);
      return fetch(input, { ...init, headers });
    };
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { fetch: withPurpose }));
    return seat;
  };
  return {
    name: 'MCP',
    async go(call) {
      const known = seats.get(call.key) ?? sit(call.key);
      seats.set(call.key, known);
      const seat = await known;
      seat.current = call;
      seat.asked = [];
      const name = call.intent.replaceAll('.', '_').replace('@', '__v');
      const went = await seat.client.callTool({ name, arguments: call.input }).then(
        (result) => told(result as Answer),
        (error: Answer) => {
          if (error.data?.code === undefined) throw error;
          const { instance } = error.data;
          return { told: [problemOf(error.data)], requests: [instance.slice(instance.lastIndexOf(':') + 1)] };
        },
      );
      const before = seat.asked.map((text): Told => ({ kind: 'confirm', text }));
      return { ...went, told: [...before, ...went.told] };
    },
    async close() {
      for (const seat of seats.values()) await (await seat).client.close();
    },
  };
};

const told = ({ isError, structuredContent: body, _meta: meta }: Answer): Went => {
  const requests = [String(meta['ostiary.dev/request'])];
  if (!isError) return { told: [{ kind: 'output', output: body }], requests };
  return { told: [body.outcome === 'declined' ? { kind: 'declined' } : problemOf(body)], requests };
};
