// Load from a process of its own: `Arrivals` in, `Arrived` out.
import { Pool } from 'undici';

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
const mostWaiting = 1_000;
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
const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };

process.on('message', async ({ url, warmMs, ms, pattern }: Arrivals) => {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: pattern.kind === 'closed' ? pattern.connections : mostWaiting });
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
      const response = await pool.request({ method: 'POST', path, headers, body });
      const text = await response.body.text();
      const tookMs = performance.now() - dueMs;
      if (!counts()) return;
      if (response.statusCode === 200 && text.includes('A-1001')) times.answered.push(tookMs);
      else if (response.statusCode === 503) times.refused.push(tookMs);
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
  await pool.close();
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
