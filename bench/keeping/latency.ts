// What does the audit log add to the time of one typed read, and of one typed write? The whole road of both, taken with
// the log, with one that keeps nothing, and, for a write, with the least that can keep it: a plain file with one fdatasync
// for each record; in turns, one request at a time, and one sync of a file in the same folder between them. A read is
// recorded beside its answer; a write is recorded ahead and after. See bench/README.md.
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
    requests: { type: 'string', default: '1000' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.requests);
const warm = 200;

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

const file = await open(join(folder, 'records'), 'a');
const kept = async (body: string) => {
  await file.appendFile(`${body}\n`);
  await file.datasync();
};
/** The same gate, where every entry is a line of a file. */
const plain = (gate: Gate): Gate => ({
  ...gate,
  store: { ...gate.store, audit: { ...gate.store.audit, append: kept } },
});
const other = await open(join(folder, 'sync'), 'a');
const sync = async () => {
  await other.appendFile('x'.repeat(1_000));
  const started = performance.now();
  await other.datasync();
  return performance.now() - started;
};

const at = (took: readonly number[], share: number) =>
  took.toSorted((a, b) => a - b)[Math.floor(took.length * share)] ?? 0;
const quarter = (took: readonly number[]) => [0.25, 0.5].map((share) => at(took, share));
const told = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(', ');
const rows: Record<string, string>[] = [];
for (const [store, url] of [
  ['embedded', `file:${folder}/data`],
  ['PostgreSQL', await postgres.database()],
] as const) {
  const { gate, close } = await openGate(url);
  for (const [effect, what] of [
    ['read', read],
    ['write', write],
  ] as const) {
    const gates = [gate, without(gate), ...(effect === 'write' ? [plain(gate)] : [])];
    const took = gates.map((): number[] => []);
    const syncs: number[] = [];
    // Each in every place: what follows a sync finds the processor cold.
    const turns = [
      ...gates.map((each, place) => async () => took[place]?.push(await timed(each, what))),
      async () => syncs.push(await sync()),
    ];
    for (let n = 0; n < warm + count; n++) {
      if (n === warm) for (const each of [...took, syncs]) each.length = 0;
      for (let place = 0; place < turns.length; place++) await turns[(n + place) % turns.length]?.();
    }
    const [ours = [], bare = [], line] = took.map(quarter);
    const added = ours.map((value, place) => value - (bare[place] ?? 0));
    const least = line?.map((value, place) => value - (bare[place] ?? 0));
    const two = quarter(syncs).map((value) => 2 * value);
    const of = (more: readonly number[], base: readonly number[]) =>
      more.map((value, place) => value / (base[place] ?? 0));
    rows.push({
      store,
      effect,
      'with the log': told(ours),
      'with none': told(bare),
      added: told(added),
      'two syncs': told(two),
      'of two syncs': told(of(added, two)),
      'a plain file adds': least === undefined ? '' : told(least),
      'of a plain file': least === undefined ? '' : told(of(added, least)),
    });
  }
  await close();
}
await file.close();
await other.close();
await postgres.remove();
upstream.closeAllConnections();
upstream.close();
rmSync(folder, { recursive: true });
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
else {
  process.stdout.write(
    `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}; milliseconds: lower quarter, median\n`,
  );
  console.table(rows);
}
