import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';

/** What the command line of a bench says. */
export const benchOptions = () => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      connections: { type: 'string', default: '32' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
    },
  });
  const { rounds, connections, seconds, only, json } = values;
  return { rounds: Number(rounds), connections: Number(connections), ms: Number(seconds) * 1000, only, json };
};

/** Runs a module of its own process. @returns it, and what it said first */
export const start = <T>(
  module: URL,
  env: Record<string, string>,
  children: ChildProcess[],
): Promise<T & { child: ChildProcess }> =>
  new Promise((resolve, reject) => {
    const stdio: ['ignore', 'inherit', 'inherit', 'ipc'] = ['ignore', 'inherit', 'inherit', 'ipc'];
    const child = fork(module, { env: { ...process.env, ...env }, stdio });
    children.push(child);
    child.once('message', (message) => resolve({ ...(message as T), child }));
    child.once('exit', (code) => reject(new Error(`${module.pathname} ended with ${code}`)));
  });

/** CPU nanoseconds of all threads of a process: the first figure of each thread's schedstat. */
export const cpuNs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );

export interface Target {
  readonly name: string;
  readonly child: ChildProcess;
  /** @returns of so many milliseconds of load */
  readonly drive: (ms: number) => Promise<{ requests: number; errors: number }>;
}

/**
 * Targets take turns, so that a noisy neighbour hits all of them.
 * @returns CPU microseconds per request, by target, one for each round
 */
export const measure = async (
  targets: readonly Target[],
  { rounds, ms }: { readonly rounds: number; readonly ms: number },
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const found = new Map<string, number[]>(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < targets.length; turn++) {
      const { name, child, drive } = targets[(turn + round) % targets.length] as Target;
      // An idle process drops code and heap: warm it before it counts.
      await drive(1000);
      const before = cpuNs(child.pid ?? 0);
      const { requests, errors } = await drive(ms);
      if (errors > 0) throw new Error(`${name}: ${errors} of ${requests} answers were wrong`);
      found.get(name)?.push((cpuNs(child.pid ?? 0) - before) / 1000 / requests);
    }
  return found;
};

export const best = (us: readonly number[]): number => Math.min(...us);
export const median = (us: readonly number[]): number => us.toSorted((a, b) => a - b)[Math.floor(us.length / 2)] ?? 0;

export const machine = (): string => `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`;
