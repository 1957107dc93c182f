// How much does a gateway still do when twice as much is asked of it as it can do, and how long do those wait whom it
// takes? A typed read through the whole road, requests arriving whether or not earlier ones were answered (open loop),
// at growing rates; the gateway on a core of its own. See bench/README.md.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Arrivals, Arrived, Pattern, Turn } from './overload-load.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    steps: { type: 'string', default: '0.5,0.8,1,1.25,1.5,2,3' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);

const children: ChildProcess[] = [];
const told = <T>(child: ChildProcess): Promise<T> => new Promise((resolve) => child.once('message', resolve as never));
/** Of all its threads, where the system tells (Linux). */
const cpuMsOf = ({ pid }: ChildProcess): number =>
  process.platform === 'linux'
    ? readdirSync(`/proc/${pid}/task`)
        .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))
        .reduce((sum, ns) => sum + ns / 1e6, 0)
    : Number.NaN;
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** On the first core, or the last: what drives must not take from what is driven. */
const start = async (name: string, core: number, env: Record<string, string> = {}) => {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const environment = { ...process.env, ...env };
  const pinned = process.platform === 'linux' && availableParallelism() > 1;
  const child = pinned
    ? spawn('taskset', ['-c', String(core), process.execPath, script(name)], { env: environment, stdio: [...stdio] })
    : fork(script(name), { env: environment, stdio: [...stdio] });
  children.push(child);
  const { url } = await told<{ url?: string }>(child);
  return { child, url: url ?? '' };
};

const folder = mkdtempSync(join(tmpdir(), 'ostiary-bench-'));
try {
  const upstream = await start('../typed-call/upstream.ts', 0);
  const own = availableParallelism() - 1;
  const env = { BENCH_UPSTREAM: upstream.url, BENCH_STORE: folder };
  const { url, child: gateway } = await start('../typed-call/gateway.ts', own, env);
  const { child: load } = await start('overload-load.ts', 0);
  const drive = (warmMs: number, pattern: Pattern) =>
    new Promise<Arrived & { cpuMs: number }>((resolve) => {
      let [before, cpuMs] = [0, 0];
      const hear = (said: Arrived | Turn) => {
        if (!('turn' in said)) {
          load.off('message', hear);
          resolve({ ...said, cpuMs });
        } else if (said.turn === 'begins') before = cpuMsOf(gateway);
        else cpuMs = cpuMsOf(gateway) - before;
      };
      load.on('message', hear);
      load.send({ url, warmMs, ms: seconds * 1_000, pattern } satisfies Arrivals);
    });
  // Nobody waits longer than they are served at: what a closed loop gets is where it is saturated.
  const closed = await drive(4_000, { kind: 'closed', connections: 64 });
  const saturation = closed.answered / seconds;
  const own_s = (answered: number, cpuMs: number) => Math.round((answered / cpuMs) * 1_000);
  const rows = [];
  for (const step of values.steps.split(',').map(Number)) {
    const rate = saturation * step;
    // What the controller finds out takes seconds: what counts is a load that stays.
    const seen = await drive(5_000, { kind: 'open', rate, seed: 1 });
    const { answered, refused, failed, unsent, p50, p99, refusedP99, lateP99, cpuMs } = seen;
    rows.push({
      load: step,
      offered_s: Math.round(rate),
      answered_s: Math.round(answered / seconds),
      'a CPU second': own_s(answered, cpuMs),
      refused_s: Math.round(refused / seconds),
      failed,
      unsent,
      p50_ms: p50,
      p99_ms: p99,
      refused_p99_ms: refusedP99,
      late_p99_ms: lateP99,
    });
    // Rest, so that a step does not pay for the one before.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
  const peak = Math.max(saturation, ...rows.map(({ answered_s }) => answered_s));
  const twice = rows.find(({ load: step }) => step === 2);
  const share = twice === undefined ? undefined : Math.round((twice.answered_s / peak) * 1_000) / 1_000;
  if (values.json) process.stdout.write(`${JSON.stringify({ saturation, peak, share_at_twice: share, rows })}\n`);
  else {
    process.stdout.write(
      `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}; saturated at ${Math.round(saturation)} a second (closed loop, 64 connections, p99 ${closed.p99} ms, ${own_s(closed.answered, closed.cpuMs)} a CPU second)\n`,
    );
    console.table(rows);
    if (share !== undefined)
      process.stdout.write(
        `at twice the saturation load: ${Math.round(share * 100)} % of the peak of ${Math.round(peak)} a second\n`,
      );
  }
  // Asked for: nine tenths of the peak, nobody who was let in waiting longer than the deadline, none failing.
  if (twice !== undefined && share !== undefined && (share < 0.9 || twice.p99_ms > 1_000)) process.exitCode = 1;
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
