// Question: what does a typed read through the whole road cost, beside @fastify/http-proxy and a bare Fastify route?
// Measured: CPU time of the whole process of each target per request, all threads, best of the rounds. Targets take
// turns in shuffled order within one run, so a noisy neighbour hits all of them. Prints a table; --json prints JSON.
// --telemetry: also with metrics, and with traces, metrics and logs sent to a collector.
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
    telemetry: { type: 'boolean', default: false },
  },
});
const [rounds, connections, ms] = [Number(values.rounds), Number(values.connections), Number(values.seconds) * 1000];

const children: ChildProcess[] = [];
const start = (script: string, env: Record<string, string> = {}): Promise<{ child: ChildProcess; url: string }> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL(`./${script}.ts`, import.meta.url), {
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

const folder = mkdtempSync(join(tmpdir(), 'ostiary-bench-'));
try {
  const upstream = await start('upstream');
  const env = { BENCH_UPSTREAM: upstream.url, BENCH_STORE: folder };
  const targets = [
    { name: 'bare fastify route', ...(await start('bare', env)) },
    { name: '@fastify/http-proxy', ...(await start('proxy', env)) },
    { name: 'ostiary, whole road', ...(await start('gateway', env)) },
    ...(values.telemetry ? await observed(env) : []),
  ].map((target) => ({ ...target, us: [] as number[] }));
  const { child: load } = await start('load');
  const drive = (url: string, duration: number) =>
    new Promise<{ requests: number; errors: number }>((resolve) => {
      load.once('message', (message) => resolve(message as { requests: number; errors: number }));
      load.send({ url, connections, ms: duration });
    });

  for (let round = 0; round < rounds; round++)
    for (const target of shuffled(targets, round)) {
      // An idle process drops code and heap: warm it before it counts.
      await drive(target.url, 1000);
      const before = cpuNs(target.child.pid ?? 0);
      const { requests, errors } = await drive(target.url, ms);
      if (errors > 0) throw new Error(`${target.name}: ${errors} of ${requests} answers were wrong`);
      target.us.push((cpuNs(target.child.pid ?? 0) - before) / 1000 / requests);
    }

  const best = (us: number[]) => Math.min(...us);
  const median = (us: number[]) => us.toSorted((a, b) => a - b)[Math.floor(us.length / 2)] ?? 0;
  const proxy = targets[1]?.us ?? [];
  const rows = targets.map(({ name, us }) => ({
    target: name,
    us_best: round1(best(us)),
    us_median: round1(median(us)),
    rate_to_http_proxy: Math.round((best(proxy) / best(us)) * 100) / 100,
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

/** The same gateway, with metrics that somebody may scrape, and with all that it can tell sent to a collector. */
async function observed(env: Record<string, string>) {
  const { url } = await start('collector');
  const sent = { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: url };
  const metrics = { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
  const tenth = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' };
  return [
    { name: '  with metrics', ...(await start('gateway', { ...own(env, 'm'), ...metrics })) },
    { name: '  with all, a tenth of traces', ...(await start('gateway', { ...own(sent, 't'), ...tenth })) },
    { name: '  with all', ...(await start('gateway', own(sent, 'a'))) },
  ];
}

/** A store for each: they would wait for each other's. */
function own(env: Record<string, string>, name: string): Record<string, string> {
  return { ...env, BENCH_STORE: join(env.BENCH_STORE ?? '', name) };
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
