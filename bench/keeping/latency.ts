// What does the audit log add to the time of one typed read, and of one typed write? The whole road of both, taken with
// the log and with one that keeps nothing, in turns, one request at a time; beside it, what one sync of the same disk
// takes. A read is recorded beside its answer; a write is recorded ahead and after. See bench/README.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Gate } from '../../gateway/gate.ts';
import { travel } from '../../gateway/road/road.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { wire } from '../../gateway/wire.ts';
import { startPostgres } from '../../test/support/postgres.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1500' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.requests);

const upstream = createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json').end('{"id":"N-1"}');
});
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const folder = mkdtempSync(join(values.folder, 'ostiary-bench-'));
const postgres = await startPostgres();

const openGate = async (store: string): Promise<{ gate: Gate; close(): Promise<void> }> => {
  const { setup, findings } = await loadSetup(fileURLToPath(new URL('./setup', import.meta.url)), {
    BENCH_UPSTREAM: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
    BENCH_STORE: store,
  });
  if (setup === undefined) throw new Error(JSON.stringify(findings));
  return wire(setup, () => {});
};

/** The same gate, where every entry is kept at once and nowhere. */
const without = (gate: Gate): Gate => ({
  ...gate,
  store: { ...gate.store, audit: { ...gate.store.audit, append: async () => {} } },
});

const write = { name: 'notes.add', input: { text: 'call the shop back about the parcel' } };
const read = { name: 'notes.get', input: { note_id: 'N-1' } };
let asked = 0;
const timed = async (gate: Gate, { name, input }: { name: string; input: Record<string, string> }) => {
  const started = performance.now();
  const { outcome } = await travel(
    {
      id: `bench-${asked++}`,
      door: 'http',
      what: { kind: 'typed', name, major: undefined, input },
      explain: false,
      bearer: 'bench',
      purpose: undefined,
      ip: undefined,
      now: new Date(),
      signal: AbortSignal.timeout(10_000),
    },
    gate,
  );
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome));
  return performance.now() - started;
};

const syncs = async (): Promise<number[]> => {
  const file = await open(join(folder, 'sync'), 'a');
  const took: number[] = [];
  for (let n = 0; n < 300; n++) {
    await file.appendFile('x'.repeat(1_000));
    const started = performance.now();
    await file.datasync();
    took.push(performance.now() - started);
  }
  await file.close();
  return took;
};

const at = (took: readonly number[], share: number) =>
  took.toSorted((a, b) => a - b)[Math.floor(took.length * share)] ?? 0;
const round = (ms: number) => Math.round(ms * 1_000) / 1_000;
const rows: object[] = [];
for (const [store, url] of [
  ['embedded', `file:${folder}/data`],
  ['PostgreSQL', await postgres.database()],
] as const) {
  const { gate, close } = await openGate(url);
  const nothing = without(gate);
  for (const [effect, what] of [
    ['read', read],
    ['write', write],
  ] as const) {
    const took = { with: [] as number[], without: [] as number[] };
    for (let n = -200; n < count; n++) {
      const [one, other] = [await timed(gate, what), await timed(nothing, what)];
      if (n < 0) continue;
      took.with.push(one);
      took.without.push(other);
    }
    const sync = await syncs();
    rows.push({
      store,
      effect,
      'with p25': round(at(took.with, 0.25)),
      p50: round(at(took.with, 0.5)),
      'without p25': round(at(took.without, 0.25)),
      'p50 ': round(at(took.without, 0.5)),
      'added p25': round(at(took.with, 0.25) - at(took.without, 0.25)),
      'p50  ': round(at(took.with, 0.5) - at(took.without, 0.5)),
      'one sync p25': round(at(sync, 0.25)),
      'p50   ': round(at(sync, 0.5)),
    });
  }
  await close();
}
await postgres.remove();
upstream.closeAllConnections();
upstream.close();
rmSync(folder, { recursive: true });
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
else {
  process.stdout.write(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}; milliseconds\n`);
  console.table(rows);
}
