// How many records a second are durable before anybody hears of them, and how many writes, which are two records each?
// Both stores with their group commit, beside the same with a commit for each entry, and beside what bounds them: the
// same rows by the bare client of each, and a plain file; in turns in one run, in short rounds, because neighbours come in
// bursts. PostgreSQL is one of its own, as it comes: a temporary folder, its durable defaults. See bench/README.md.
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../test/support/postgres.ts';
import { type Target, targetsOn } from './record-targets.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '25' },
    seconds: { type: 'string', default: '0.15' },
    folder: { type: 'string', default: tmpdir() },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const forMs = Number(values.seconds) * 1_000;
const rounds = Number(values.rounds);

/** Records a second, and CPU microseconds of all threads for each. */
const measure = async ({ inFlight, record, at = 1 }: Target): Promise<{ rate: number; cpu: number }> => {
  let done = 0;
  const started = performance.now();
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() - started < forMs) {
        await record(turn++);
        done += at;
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return { rate: (done / (performance.now() - started)) * 1_000, cpu: (user + system) / done };
};
let turn = 0;

const server = await startPostgres();
const { embedded, inPostgres, records, writes, bareInPostgres, bareInSqlite, file } = targetsOn(values.folder, server);
const make: readonly (readonly [string, () => Target | Promise<Target>])[] = [
  ...[1, 32, 256].map((many) => ['embedded', () => records('embedded, group commit', embedded(false), many)] as const),
  ['embedded', () => records('embedded, a commit each', embedded(true), 32)],
  ['embedded', () => writes('embedded, writes, group commit', embedded(false), 32)],
  ['embedded', () => writes('embedded, writes, a commit each', embedded(true), 32)],
  ['embedded', () => bareInSqlite(1)],
  ['embedded', () => bareInSqlite(32)],
  ...[1, 32, 256].map(
    (many) => ['postgres', () => records('PostgreSQL, group commit', inPostgres(false), many)] as const,
  ),
  ['postgres', () => records('PostgreSQL, a commit each', inPostgres(true), 32)],
  ['postgres', () => writes('PostgreSQL, writes, group commit', inPostgres(false), 32)],
  ['postgres', () => writes('PostgreSQL, writes, a commit each', inPostgres(true), 32)],
  ['postgres', () => bareInPostgres(1)],
  ['postgres', () => bareInPostgres(32)],
  ['file', () => file(1)],
  ['file', () => file(32)],
];
const targets: Target[] = [];
for (const [kind, begin] of make) if (kind.startsWith(values.only)) targets.push(await begin());

const runs = targets.map((): { rate: number; cpu: number }[] => []);
for (const target of targets) await measure(target);
for (let round = 0; round < rounds; round++)
  for (const [index, target] of targets.entries()) runs[index]?.push(await measure(target));
for (const target of targets) await target.close();
await server.remove();

const rows = targets.map(({ name, inFlight }, index) => {
  const rates = (runs[index] ?? []).map(({ rate }) => rate).sort((a, b) => b - a);
  const costs = (runs[index] ?? []).map(({ cpu }) => cpu).sort((a, b) => a - b);
  const [best = 0, quarter = 0, median = 0] = [0, rates.length >> 2, rates.length >> 1].map((place) =>
    Math.round(rates[place] ?? 0),
  );
  return { name, inFlight, best, quarter, median, cpuUs: Number((costs[0] ?? 0).toFixed(1)) };
});
const bestOf = (name: string, inFlight: number) =>
  rows.find((row) => row.name === name && row.inFlight === inFlight)?.best;
/** What each store makes of what it is built on, both at their best. */
const shares = [
  ['embedded, group commit', 'node:sqlite by itself, 32 rows a commit'],
  ['PostgreSQL, group commit', 'PostgreSQL by itself, 32 rows an INSERT'],
].flatMap(([ours = '', bare = '']) => {
  const [one, other] = [bestOf(ours, 32), bestOf(bare, 1)];
  return one === undefined || other === undefined ? [] : [{ ours, bare, share: Number((one / other).toFixed(2)) }];
});

if (values.json) process.stdout.write(`${JSON.stringify({ rows, shares }, null, 2)}\n`);
else {
  const [load = 0] = loadavg();
  process.stdout.write(
    `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, load ${load.toFixed(1)}\n` +
      'records a second (a write is two): best, upper quarter, median of the rounds; CPU us each of this process, best\n',
  );
  for (const { name, inFlight, best, quarter, median, cpuUs } of rows)
    process.stdout.write(
      `${name.padEnd(42)} ${String(inFlight).padStart(3)} in flight ${[best, quarter, median, cpuUs].map((value) => String(value).padStart(8)).join('')}\n`,
    );
  for (const { name, best, median } of rows)
    if (name.includes('writes'))
      process.stdout.write(`${name}: ${best >> 1} durable writes a second at best, ${median >> 1} in the middle\n`);
  for (const { ours, bare, share } of shares)
    process.stdout.write(`${ours}, 32 in flight: ${share} of ${bare}, in the same run\n`);
}
// What is asked for: 30,000 acknowledged records a second at 32 in flight, on both stores.
if (
  rows.some(
    ({ name, inFlight, best }) =>
      name.endsWith(', group commit') && !name.includes('writes') && inFlight === 32 && best < 30_000,
  )
)
  process.exitCode = 1;
