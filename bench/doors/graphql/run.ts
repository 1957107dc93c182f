// Question: what does a read through the GraphQL door to a REST backend cost, beside the same typed call over HTTP and
// beside graphql-http with a resolver by hand? Measured as in ../../typed-call: CPU time of the whole process of each target
// per request, all threads, best of the rounds, in turns. Prints a table; --json prints JSON.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    connections: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const [rounds, connections, ms] = [Number(values.rounds), Number(values.connections), Number(values.seconds) * 1000];

const children: ChildProcess[] = [];
const start = (script: string, env: Record<string, string> = {}): Promise<{ child: ChildProcess; url: string }> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL(`${script}.ts`, import.meta.url), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.push(child);
    child.once('message', (message) => resolve({ child, url: (message as { url?: string }).url ?? '' }));
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
  });

/** CPU nanoseconds of all threads of a process: the first figure of each thread's schedstat. */
const cpuNs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );

const query = `query ($id: String!) {
  orders_get(order_id: $id) { id status customer { name email } total currency items { sku quantity price } }
}`;
const asGraphql = JSON.stringify({ query, variables: { id: 'A-1001' } });
const asTyped = JSON.stringify({ order_id: 'A-1001' });

const folder = mkdtempSync(join(tmpdir(), 'ostiary-bench-'));
try {
  const upstream = await start('../../typed-call/upstream');
  const env = { BENCH_UPSTREAM: upstream.url, BENCH_STORE: folder };
  const gateway = await start('../../typed-call/gateway', env);
  const targets = [
    { name: 'graphql-http, by hand', ...(await start('./bare', env)), body: asGraphql },
    { name: 'ostiary, typed call', ...gateway, body: asTyped },
    { name: 'ostiary, GraphQL', ...gateway, url: new URL('/graphql', gateway.url).href, body: asGraphql },
  ].map((target) => ({ ...target, us: [] as number[] }));
  const { child: load } = await start('./load');
  const drive = (url: string, body: string, duration: number) =>
    new Promise<{ requests: number; errors: number }>((resolve) => {
      load.once('message', (message) => resolve(message as { requests: number; errors: number }));
      load.send({ url, connections, ms: duration, body });
    });

  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < targets.length; turn++) {
      const target = targets[(turn + round) % targets.length] as (typeof targets)[0];
      // An idle process drops code and heap: warm it before it counts.
      await drive(target.url, target.body, 1000);
      const before = cpuNs(target.child.pid ?? 0);
      const { requests, errors } = await drive(target.url, target.body, ms);
      if (errors > 0) throw new Error(`${target.name}: ${errors} of ${requests} answers were wrong`);
      target.us.push((cpuNs(target.child.pid ?? 0) - before) / 1000 / requests);
    }

  const best = (us: number[]) => Math.min(...us);
  const median = (us: number[]) => us.toSorted((a, b) => a - b)[Math.floor(us.length / 2)] ?? 0;
  const round1 = (value: number) => Math.round(value * 10) / 10;
  const typed = targets[1]?.us ?? [];
  const rows = targets.map(({ name, us }) => ({
    target: name,
    us_best: round1(best(us)),
    us_median: round1(median(us)),
    beside_typed_call: Math.round((best(us) / best(typed)) * 100) / 100,
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
