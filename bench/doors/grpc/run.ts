// Question: what does a typed call over HTTP to a gRPC backend cost, beside a bare Fastify route in front of grpc-js, and
// beside grpc-gateway (Go) where it has been built; and what does the same call cost through the gRPC door?
// Measured: CPU time of the whole process of each target per request, all threads, best of the rounds. Targets take
// turns in shuffled order within one run, so a noisy neighbour hits all of them. Prints a table; --json prints JSON.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    connections: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '2' },
    'grpc-gateway': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [rounds, connections, ms] = [Number(values.rounds), Number(values.connections), Number(values.seconds) * 1000];

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly grpc?: string;
}
const children: ChildProcess[] = [];
const start = (script: string, env: Record<string, string> = {}): Promise<Started> =>
  new Promise((resolve, reject) => {
    const stdio: ['ignore', 'inherit', 'inherit', 'ipc'] = ['ignore', 'inherit', 'inherit', 'ipc'];
    const child = fork(new URL(script, import.meta.url), { env: { ...process.env, ...env }, stdio });
    children.push(child);
    child.once('message', (message) => resolve({ url: '', ...(message as object), child }));
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
  });
/** A binary that prints the address it listens at. */
const startPeer = (binary: string, upstream: string): Promise<Started> =>
  new Promise((resolve, reject) => {
    const child = spawn(binary, [upstream], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    child.stdout.once('data', (text) => resolve({ child, url: `http://${String(text).trim()}/bench.v1.Orders/Get` }));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${binary} ended with ${code}`)));
  });

/** CPU nanoseconds of all threads of a process: the first figure of each thread's schedstat. */
const cpuNs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );

const folder = mkdtempSync(join(tmpdir(), 'ostiary-bench-'));
try {
  const upstream = (await start('./upstream.ts')).url;
  const gateway = await start('./gateway.ts', { BENCH_UPSTREAM: upstream, BENCH_STORE: folder });
  const { child: overHttp } = await start('../../typed-call/load.ts');
  const { child: overGrpc } = await start('./load-grpc.ts');
  const peer = values['grpc-gateway'];
  const targets = [
    { name: 'bare fastify + grpc-js', load: overHttp, ...(await start('./bare.ts', { BENCH_UPSTREAM: upstream })) },
    ...(peer === undefined
      ? []
      : [{ name: 'grpc-gateway (Go)', load: overHttp, ...(await startPeer(peer, upstream)) }]),
    { name: 'ostiary, HTTP to gRPC', load: overHttp, ...gateway },
    {
      name: 'ostiary, gRPC to gRPC',
      load: overGrpc,
      ...gateway,
      url: `${gateway.grpc} /bench.orders.OrdersService/Get`,
    },
  ].map((target) => ({ ...target, us: [] as number[] }));
  const drive = (load: ChildProcess, url: string, duration: number) =>
    new Promise<{ requests: number; errors: number }>((resolve) => {
      load.once('message', (message) => resolve(message as { requests: number; errors: number }));
      load.send({ url, connections, ms: duration });
    });

  for (let round = 0; round < rounds; round++)
    for (const target of shuffled(targets, round)) {
      // An idle process drops code and heap: warm it before it counts.
      await drive(target.load, target.url, 1000);
      const before = cpuNs(target.child.pid ?? 0);
      const { requests, errors } = await drive(target.load, target.url, ms);
      if (errors > 0) throw new Error(`${target.name}: ${errors} of ${requests} answers were wrong`);
      target.us.push((cpuNs(target.child.pid ?? 0) - before) / 1000 / requests);
    }

  const best = (us: number[]) => Math.min(...us);
  const median = (us: number[]) => us.toSorted((a, b) => a - b)[Math.floor(us.length / 2)] ?? 0;
  const rows = targets.map(({ name, us }) => ({
    target: name,
    us_best: round1(best(us)),
    us_median: round1(median(us)),
    ...Object.fromEntries(
      targets
        .slice(0, peer === undefined ? 1 : 2)
        .map((other) => [`rate to ${other.name}`, Math.round((best(other.us) / best(us)) * 100) / 100]),
    ),
  }));
  if (values.json) process.stdout.write(`${JSON.stringify({ rounds, connections, rows })}\n`);
  else {
    process.stdout.write(
      `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${rounds} rounds of ${ms / 1000} s, ${connections} connections\n`,
    );
    console.table(rows);
  }
} finally {
  for (const child of children) child.removeAllListeners('exit').kill();
  rmSync(folder, { recursive: true, force: true });
}

/** Fisher-Yates with a fixed sequence, so that a run can be repeated. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const copy = [...items];
  let state = seed * 2_654_435_761 + 1;
  for (let index = copy.length - 1; index > 0; index--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (index + 1);
    [copy[index], copy[other]] = [copy[other] as T, copy[index] as T];
  }
  return copy;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
