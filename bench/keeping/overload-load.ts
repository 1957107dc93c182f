// Load from a process of its own: `Arrivals` in, `Arrived` out.
// Over sockets and bytes of its own: a client that does more would be what is measured.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Pattern =
  | { readonly kind: 'closed'; readonly connections: number }
  /** So many a second, at random times (Poisson), whether or not earlier ones were answered. */
  | { readonly kind: 'open'; readonly rate: number; readonly seed: number };
export interface Arrivals {
  readonly url: string;
  /** Before anything counts: what is asked goes on as it is, so that whatever settles has settled. */
  readonly warmMs: number;
  readonly ms: number;
  readonly pattern: Pattern;
}
export interface Arrived {
  readonly answered: number;
  /** With 503. */
  readonly refused: number;
  /** Cut off, or answered with anything else. */
  readonly failed: number;
  /** For want of a connection: too many were waiting. */
  readonly unsent: number;
  /** Milliseconds from when it was due until its answer was there whole, of those answered. */
  readonly p50: number;
  readonly p99: number;
  readonly refusedP99: number;
  /** How late this process itself was to ask: above some milliseconds it is short of time, and says little of others. */
  readonly lateP99: number;
}
/** Said when what counts begins, and when it ends. */
export type Turn = { readonly turn: 'begins' | 'ends' };

/** As many callers wait at once at most; others give up before they have asked. */
const mostWaiting = 4_000;
const connections = 1_000;
const body = JSON.stringify({
  order_id: 'A-1001',
  customer: 'Ada Lovelace',
  channel: 'web',
  detail: 'full',
  locale: 'en-GB',
  currency: 'EUR',
  limit: 20,
  since: '2026-01-01',
  include_items: true,
  note: 'called this morning about a late parcel and wants to know where it is now',
});

/**
 * Connections over which the same thing is asked, opened beforehand: a new one waits for a turn of the event loop of its
 * own, and what is asked about here is requests. What finds none idle waits for one.
 */
const connectionsTo = async (url: URL, count: number) => {
  const request = [
    `POST ${url.pathname} HTTP/1.1`,
    `host: ${url.host}`,
    'content-type: application/json',
    'authorization: Bearer bench',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
  const all: Socket[] = [];
  for (let opened = 0; opened < count; opened++) {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true }).setEncoding('latin1');
    await once(socket, 'connect');
    socket.on('error', () => socket.destroy());
    all.push(socket);
  }
  const idle = [...all];
  const queue: ((socket: Socket) => void)[] = [];
  const release = (socket: Socket) => {
    const next = queue.shift();
    if (next === undefined) idle.push(socket);
    else next(socket);
  };
  const askOn = (socket: Socket): Promise<Heard> =>
    new Promise((resolve, reject) => {
      let text = '';
      const cut = () => reject(new Error('cut off'));
      const read = (chunk: string) => {
        text += chunk;
        const head = text.indexOf('\r\n\r\n');
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
        if (head < 0 || text.length < head + 4 + length) return;
        socket.off('data', read).off('close', cut);
        release(socket);
        resolve({ status: Number(text.slice(9, 12)), text });
      };
      socket.on('data', read).once('close', cut);
      socket.write(request, 'latin1');
    });
  /** @throws Error (rejects) where the connection ends first */
  const ask = async (): Promise<Heard> => {
    const socket = idle.pop();
    return askOn(socket ?? (await new Promise<Socket>((resolve) => queue.push(resolve))));
  };
  const close = () => {
    for (const socket of all) socket.destroy();
  };
  return { ask, close };
};
interface Heard {
  readonly status: number;
  readonly text: string;
}

process.on('message', async ({ url, warmMs, ms, pattern }: Arrivals) => {
  const callers = await connectionsTo(new URL(url), pattern.kind === 'closed' ? pattern.connections : connections);
  const times = { answered: [] as number[], refused: [] as number[], late: [] as number[] };
  let [failed, unsent, waiting] = [0, 0, 0];
  const from = performance.now() + warmMs;
  const until = from + ms;
  const turns = (['begins', 'ends'] as const).map((turn, index) =>
    setTimeout(() => process.send?.({ turn } satisfies Turn), warmMs + index * ms),
  );
  const ask = async (dueMs: number): Promise<void> => {
    waiting++;
    const counts = pattern.kind === 'closed' ? () => performance.now() >= from : () => dueMs >= from;
    if (dueMs >= from) times.late.push(performance.now() - dueMs);
    try {
      const { status, text } = await callers.ask();
      const tookMs = performance.now() - dueMs;
      if (!counts()) return;
      if (status === 200 && text.includes('A-1001')) times.answered.push(tookMs);
      else if (status === 503) times.refused.push(tookMs);
      else failed++;
    } catch {
      if (counts()) failed++;
    } finally {
      waiting--;
    }
  };
  if (pattern.kind === 'closed')
    await Promise.all(
      Array.from({ length: pattern.connections }, async () => {
        while (performance.now() < until) await ask(performance.now());
      }),
    );
  else {
    const random = sequence(pattern.seed);
    let due = performance.now();
    while (due < until) {
      const now = performance.now();
      for (; due <= now; due += (-Math.log(1 - random()) / pattern.rate) * 1_000)
        if (waiting < mostWaiting) void ask(due);
        else if (due >= from) unsent++;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // What was asked in time counts, however late its answer.
    while (waiting > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (const turn of turns) clearTimeout(turn);
  callers.close();
  const at = (of: number[], share: number) => {
    const sorted = of.toSorted((a, b) => a - b);
    return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
  };
  const { answered, refused, late } = times;
  process.send?.({
    answered: answered.length,
    refused: refused.length,
    failed,
    unsent,
    p50: at(answered, 0.5),
    p99: at(answered, 0.99),
    refusedP99: at(refused, 0.99),
    lateP99: at(late, 0.99),
  } satisfies Arrived);
});
process.send?.({});

/** Numbers in [0, 1) that look random (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
