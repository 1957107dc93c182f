// Question: what does asking a language model add to the bare call of it? Ours is the step of the road that asks one; beside it
// Portkey, which passes the same bytes on. Measured: CPU time of the whole process per call, all threads, in turns; less what
// the same call of the same model costs a process that does nothing else. --json prints JSON.
import type { ChildProcess } from 'node:child_process';
import { benchOptions, best, machine, measure, median, start, type Target } from '../doors/measure.ts';
import { installPeers, startPortkey } from '../doors/translation/peers.ts';

const { rounds, connections, ms, json } = benchOptions();
installPeers();
const children: ChildProcess[] = [];
const here = <T>(path: string, env: Record<string, string> = {}) =>
  start<T>(new URL(path, import.meta.url), env, children);
type Way = { readonly url: string; readonly body: string };
try {
  const model = await here<{ url: string }>('./endpoint.ts');
  const way = (name: string) => here<Way>('./call.ts', { BENCH_WAY: name, BENCH_MODEL: model.url });
  const [bare, ours, pass] = [await way('bare'), await way('ostiary'), await way('pass')];
  const portkey = await startPortkey(children);
  const { child: load } = await here<object>('../doors/translation/load.ts');
  const said = (child: ChildProcess, message: object) =>
    new Promise<{ requests: number; errors: number }>((resolve) => {
      child.once('message', (answer) => resolve(answer as { requests: number; errors: number }));
      child.send(message);
    });
  const asking = (name: string, { child }: { child: ChildProcess }): Target => ({
    name,
    child,
    drive: (duration) => said(child, { ms: duration, connections }),
  });
  const passing = (name: string, { child, url }: { child: ChildProcess; url: string }, headers = {}): Target => ({
    name,
    child,
    drive: (duration) => said(load, { url, connections, ms: duration, body: bare.body, headers, expect: 'A-1001' }),
  });
  const to = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': model.url };
  const targets = [
    asking('bare call', bare),
    asking('ostiary', ours),
    passing('a server that passes it on', pass),
    passing('Portkey', portkey, to),
  ];
  const found = await measure(targets, { rounds, ms });
  const us = (name: string) => found.get(name) ?? [];
  // Lowest quartile: what the neighbours take comes on top.
  const quartile = (name: string) => us(name).toSorted((a, b) => a - b)[Math.floor(rounds / 4)] ?? 0;
  const added = (name: string) => quartile(name) - quartile('bare call');
  const rows = targets.map(({ name }) => ({
    target: name,
    us_best: Math.round(best(us(name))),
    us_quartile: Math.round(quartile(name)),
    us_median: Math.round(median(us(name))),
    us_added: Math.round(added(name)),
    to_portkey: Math.round((added(name) / added('Portkey')) * 1000) / 1000,
  }));
  if (json) process.stdout.write(`${JSON.stringify({ rounds, connections, bytes: bare.body.length, rows })}\n`);
  else {
    process.stdout.write(`${machine()}, ${rounds} rounds of ${ms / 1000} s, ${bare.body.length} bytes asked\n`);
    console.table(rows);
  }
} finally {
  for (const child of children) child.removeAllListeners('exit').kill();
}
