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
/** Enough to saturate it, and fewer than its backend may be asked at once. */
const connections = 128;

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
  const drive = (warmMs: number, ms: number, pattern: Pattern) =>
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
      load.send({ url, warmMs, ms, pattern } satisfies Arrivals);
    });
  const rest = () => new Promise((resolve) => setTimeout(resolve, 3_000));
  /** Nobody waits longer than they are served at: what a closed loop gets is where it is saturated. @returns a second */
  const saturate = async (warmMs = 2_000) => {
    const ms = Math.max(2_000, seconds * 500);
    const { answered } = await drive(warmMs, ms, { kind: 'closed', connections });
    await rest();
    return (answered / ms) * 1_000;
  };
  const rows = [];
  // Before and after each step: how quick a shared machine is changes within a minute.
  let before = await saturate(6_000);
  for (const step of values.steps.split(',').map(Number)) {
    const rate = before * step;
    // What the controller finds out takes seconds: what counts is a load that stays.
    const seen = await drive(5_000, seconds * 1_000, { kind: 'open', rate, seed: 1 });
    await rest();
    const after = await saturate();
    const { answered, refused, failed, unsent, p50, p99, refusedP99, lateP99, cpuMs } = seen;
    const saturated = (before + after) / 2;
    rows.push({
      load: step,
      saturated_s: Math.round(saturated),
      offered_s: Math.round(rate),
      answered_s: Math.round(answered / seconds),
      share: Math.round((answered / seconds / saturated) * 100) / 100,
      'a CPU second': Math.round((answered / cpuMs) * 1_000),
      refused_s: Math.round(refused / seconds),
      failed,
      unsent,
      p50_ms: p50,
      p99_ms: p99,
      refused_p99_ms: refusedP99,
      late_p99_ms: lateP99,
    });
    before = after;
  }
  const twice = rows.filter(({ load: step }) => step === 2);
  const share = median(twice.map((row) => row.share));
  if (values.json) process.stdout.write(`${JSON.stringify({ share_at_twice: share, rows })}\n`);
  else {
    process.stdout.write(
      `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}; saturated: a closed loop of ${connections} connections\n`,
    );
    console.table(rows);
    if (share !== undefined)
      process.stdout.write(`at twice the saturation load: ${Math.round(share * 100)} % of it is answered\n`);
  }
  // Asked for: nine tenths of the peak, nobody who was let in waiting longer than the deadline, none failing.
  if (share !== undefined && (share < 0.9 || twice.some(({ p99_ms, failed }) => p99_ms > 1_000 || failed > 0)))
    process.exitCode = 1;
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** The middle one, of an even number the lower. */
function median(of: readonly number[]): number | undefined {
  return of.toSorted((a, b) => a - b)[Math.floor((of.length - 1) / 2)];
}
