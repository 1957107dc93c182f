import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'undici';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Rank } from '../../../gateway/admission/rank.ts';
import { refuseEarly } from '../../../gateway/doors/http-early.ts';
import type { Gate } from '../../../gateway/gate.ts';
import type { End, Meters, Spans, Telemetry } from '../../../gateway/telemetry/telemetry.ts';

const intent = { id: 'notes.get@1', effect: 'read' };
interface Situation {
  /** How many there may be at once; left out, the process is in time. */
  readonly limit?: number;
  /** Ranks that have room in the process, and at the backend. */
  readonly room?: readonly Rank[];
  readonly places?: readonly Rank[];
  readonly hidden?: boolean;
  /** Callers seen before have a score. */
  readonly known?: boolean;
  readonly telemetry?: Partial<Telemetry>;
}
const all: readonly Rank[] = ['stranger', 'read', 'write'];

/** A server of which the road answers 200; and what was told on the way. */
const serverIn = async ({
  limit,
  room = all,
  places = all,
  hidden = false,
  known = false,
  telemetry = {},
}: Situation) => {
  const told = { turnedAway: 0, looked: 0, recorded: [] as Record<string, unknown>[] };
  const gate = {
    shedder: {
      limit: limit ?? Number.POSITIVE_INFINITY,
      hasRoom: (rank: Rank) => room.includes(rank),
      turnedAway: () => told.turnedAway++,
    },
    catalogue: { find: (name: string) => (name === 'notes.get' ? intent : undefined) },
    compiled: new Map([[intent.id, { guard: { bulkhead: { hasRoom: (rank: Rank) => places.includes(rank) } } }]]),
    authenticator: {
      authenticate: () => {
        told.looked++;
        return { tenant: 't', type: 'user', id: 'ada', credential: { id: 'k' } };
      },
    },
    bundle: { visibility: () => (hidden ? 'hidden' : 'callable') },
    reputation: { standingOf: () => ({ score: known ? 1 : undefined }) },
    config: { reputation: { enabled: true }, limits: { body: 1_000 } },
    nextId: () => 'r.1',
    telemetry,
    store: { audit: { append: async (entry: string) => void told.recorded.push(JSON.parse(entry)) } },
  } as unknown as Gate;
  const server = createServer((_request, response) => response.end('the road'));
  refuseEarly(server, () => gate);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  const ask = async (path: string, headers: Record<string, string> = { authorization: 'Bearer one' }) => {
    const response = await client.request({ method: 'POST', path, headers, body: '{}' });
    return {
      status: response.statusCode,
      text: await response.body.text(),
      after: response.headers['retry-after'],
    };
  };
  return { ask, told };
};
const note = '/v1/intents/notes.get';

test.each<[string, Situation, string, number]>([
  ['in time, whoever has no room', { room: [], places: [] }, note, 200],
  ['late, with room for all', { limit: 100 }, note, 200],
  ['late, with no room for strangers', { limit: 100, room: ['read', 'write'] }, note, 503],
  ['late, somebody seen before', { limit: 100, room: ['read', 'write'], known: true }, note, 200],
  ['late, somebody seen before who reads', { limit: 100, room: ['write'], known: true }, note, 503],
  ['late, with no room at all', { limit: 100, room: [], known: true }, note, 503],
  ['late, an ask', { limit: 100, room: ['read', 'write'] }, '/v1/ask', 503],
  ['late, with no place for strangers at the backend', { limit: 100, places: ['read', 'write'] }, note, 503],
  ['late, with a place for whoever was seen', { limit: 100, places: ['read', 'write'], known: true }, note, 200],
  ['late, with no place at the backend of what is hidden', { limit: 100, places: [], hidden: true }, note, 200],
  ['late, with no place at a backend that is not asked for', { limit: 100, places: [] }, '/v1/intents/nothing', 200],
  ['late, what is neither a typed call nor an ask', { limit: 100, room: [], places: [] }, '/v1/other', 200],
])('%s', async (_name, situation, path, status) => {
  const { ask, told } = await serverIn(situation);
  const answer = await ask(path);
  expect(answer.status).toBe(status);
  expect(answer.after).toBe(status === 503 ? '1' : undefined);
  if (status === 503) expect(JSON.parse(answer.text)).toMatchObject({ code: 'admit.busy', retry_after: 1 });
  const asked = path === '/v1/ask' ? { asked: 'ask' } : { asked: 'typed', name: 'notes.get' };
  const principal = { tenant: 't', type: 'user', id: 'ada', credential: 'k' };
  const record = { kind: 'outcome', request: 'r.1', door: 'http', code: 'admit.busy', principal, ...asked };
  expect(told.turnedAway).toBe(status === 503 ? 1 : 0);
  expect(told.recorded).toMatchObject(status === 503 ? [record] : []);
});

test('a proof is looked at on the road alone, and a credential once on each connection', async () => {
  const { ask, told } = await serverIn({ limit: 100, room: ['read', 'write'] });
  expect((await ask(note, { authorization: 'DPoP one', dpop: 'proof' })).status).toBe(200);
  expect(told.looked).toBe(0);
  for (let time = 0; time < 3; time++) expect((await ask(note)).status).toBe(503);
  expect(told.looked).toBe(1);
  expect((await ask(note, { authorization: 'Bearer another' })).status).toBe(503);
  expect(told.looked).toBe(2);
});

test('is measured and traced like what goes down the road', async () => {
  const spans: { name: string; end?: End | undefined }[] = [];
  const took: unknown[] = [];
  const telemetry = {
    spans: {
      begin(name: string) {
        spans.push({ name });
        return { id: 't'.repeat(32), headers: {} };
      },
      end: (_trace: unknown, end?: End) => Object.assign(spans.at(-1) ?? {}, { end }),
    } as unknown as Spans,
    meters: {
      took: (operation: string, ms: number, attributes: object) => took.push({ operation, ...attributes, ms }),
      refused: () => {},
    } as unknown as Meters,
  };
  const { ask, told } = await serverIn({ limit: 100, room: [], telemetry });
  await ask(note);
  await vi.waitFor(() => expect(took).toHaveLength(1));
  const status = { 'http.response.status_code': 503 };
  expect(took).toEqual([
    {
      operation: 'http.server.request.duration',
      'http.request.method': 'POST',
      'http.route': '/v1/intents/:name',
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
      'error.type': '503',
      ...status,
      ms: expect.any(Number),
    },
  ]);
  expect(spans).toEqual([{ name: 'POST /v1/intents/:name', end: { attributes: status, error: '503' } }]);
  expect(told.recorded).toMatchObject([{ trace: 't'.repeat(32) }]);
});
