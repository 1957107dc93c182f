// Question: what does it cost to read from a REST and from a gRPC backend over GraphQL, beside Hive Gateway on the same
// backends; and to have a request in words understood by a language model and carried out, beside Portkey, which passes a
// chat completion to the same model? Measured: CPU time of the whole process of each gateway per request, all threads, in
// turns; the median of the rounds. Prints a table; --json prints JSON; --only rest|grpc|model takes a part.
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchOptions, best, machine, measure, median, start, type Target } from '../measure.ts';
import type { Load } from './load.ts';
import { installPeers, startHive, startPortkey } from './peers.ts';

const { rounds, connections, ms, only, json } = benchOptions();
const wants = (part: string) => only === '' || only === part;
const members = '{ id status customer { name email } total currency items { sku quantity price } }';
const graphql = (field: string) =>
  JSON.stringify({ query: `query ($id: String!) { ${field} ${members} }`, variables: { id: 'A-1001' } });
const chat = JSON.stringify({
  model: 'script',
  messages: [
    { role: 'system', content: 'You match one message to one of the listed intents. '.repeat(20) },
    { role: 'user', content: 'I would be glad to hear what the matter is with A-1001, number {n}' },
  ],
});
const words = JSON.stringify({ text: 'I would be glad to hear what the matter is with A-1001, number {n}' });

installPeers();
const folder = mkdtempSync(join(tmpdir(), 'ostiary-bench-'));
const children: ChildProcess[] = [];
const here = (path: string, env: Record<string, string> = {}) =>
  start<{ url: string }>(new URL(path, import.meta.url), env, children);
try {
  const rest = await here('../../typed-call/upstream.ts');
  const grpc = await here('../grpc/upstream.ts');
  const model = await here('../../models/endpoint.ts');
  const { child: load } = await here('./load.ts');
  const gateway = await here('./gateway.ts', {
    BENCH_REST: rest.url,
    BENCH_GRPC: grpc.url,
    BENCH_MODEL: model.url,
    BENCH_STORE: folder,
  });
  const target = (
    name: string,
    { child, url }: { child: ChildProcess; url: string },
    body: string,
    more: Partial<Load> = {},
  ): Target => ({
    name,
    child,
    drive: (duration) =>
      new Promise((resolve) => {
        load.once('message', (message) => resolve(message as { requests: number; errors: number }));
        load.send({ url, connections, ms: duration, body, headers: {}, expect: 'BTN-00000001', ...more });
      }),
  });
  const at = (path: string) => ({ ...gateway, url: `${gateway.url}${path}` });
  const portkey = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': model.url };
  const pairs: [Target, Target][] = [];
  if (wants('rest'))
    pairs.push([
      target(
        'Hive Gateway, GraphQL to REST',
        await startHive(rest.url, folder, children),
        graphql('orders_get(order_id: $id)'),
      ),
      target('ostiary, GraphQL to REST', at('/graphql'), graphql('orders_get(order_id: $id)')),
    ]);
  if (wants('grpc'))
    pairs.push([
      target(
        'Hive Gateway, GraphQL to gRPC',
        await startHive(grpc.url, folder, children),
        graphql('bench_v1_Orders_Get(input: { order_id: $id })'),
      ),
      target('ostiary, GraphQL to gRPC', at('/graphql'), graphql('parcels_get(order_id: $id)')),
    ]);
  if (wants('model'))
    pairs.push([
      target('Portkey, a chat completion', await startPortkey(children), chat, { headers: portkey, expect: 'A-1001' }),
      target('ostiary, words by a model', at('/v1/ask'), words, { expect: '"via":"model"' }),
    ]);
  const found = await measure(pairs.flat(), { rounds, ms });
  const rows = pairs.flatMap((pair) =>
    pair.map(({ name }) => {
      const us = found.get(name) ?? [];
      const peer = found.get(pair[0].name) ?? [];
      return {
        target: name,
        us_median: Math.round(median(us)),
        us_best: Math.round(best(us)),
        rate_to_peer: Math.round((median(peer) / median(us)) * 100) / 100,
      };
    }),
  );
  if (json) process.stdout.write(`${JSON.stringify({ rounds, connections, rows })}\n`);
  else {
    process.stdout.write(`${machine()}, ${rounds} rounds of ${ms / 1000} s, ${connections} connections\n`);
    console.table(rows);
  }
} finally {
  for (const child of children) child.removeAllListeners('exit').kill();
  rmSync(folder, { recursive: true, force: true });
}
