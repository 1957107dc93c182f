// A backend in a process of its own. It counts effects, takes its time before and after each, and outlives the gateways
// that call it. Prints its port.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** One thing that was really done. */
export interface Effect {
  readonly kind: string;
  /** What the caller wanted done, once. */
  readonly op: string;
  /** The key that the gateway sent along. */
  readonly key: string;
}

const effects: Effect[] = [];
const byKey = new Map<string, Effect>();
let calls = 0;

const server = createServer(async (request, response) => {
  const [, kind = '', id = ''] = (request.url ?? '').split('/');
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (kind === 'effects') return answer(200, effects);
  const turn = calls++;
  await delay(turn % 7);
  if (request.method === 'GET') {
    if (kind !== 'checked') return answer(200, { id });
    return byKey.has(id) ? answer(200, { id }) : answer(404, {});
  }
  const key = String(request.headers['idempotency-key']);
  const { op } = JSON.parse(text) as { op: string };
  // What is idempotent here is so by the key; everything else is done as often as it is sent.
  if (!(kind === 'once' && byKey.has(key))) {
    const effect = { kind, op, key };
    effects.push(effect);
    byKey.set(key, effect);
  }
  await delay((turn * 5) % 11);
  return answer(200, { id: op });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
