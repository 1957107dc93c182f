// One way to ask a language model, in a process of its own: BENCH_WAY is `bare` (undici alone, the same bytes), `ostiary` (the
// step of the road that asks: candidates, prompt, budget, breaker, client, answer read and checked), or `pass`, a server that
// passes a completion on with nothing done to it, to tell what any process of its own costs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { fullShape, requestOf } from '../../adapters/models/prompt.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { openModel } from '../../gateway/wire.ts';
import type { Intent } from '../../intents/contract.ts';
import { askModel } from '../../intents/resolve/ask-model.ts';
import { checkAnswer, toModelCandidate } from '../../intents/resolve/model-answer.ts';
import { compileSlotReader } from '../../intents/resolve/slots/read.ts';

const { BENCH_WAY: way, BENCH_MODEL = '' } = process.env;
const shop = fileURLToPath(new URL('../../examples/shop', import.meta.url));
const { setup, findings } = await loadSetup(shop, process.env);
if (setup === undefined) throw new Error(JSON.stringify(findings));
const { resolveRef } = setup.catalogue.library;
// As many as a model is shown, unless a set-up says otherwise.
const offered = setup.catalogue.intents
  .filter(({ id }) => /^orders\./.test(id))
  .slice(0, 5)
  .map((intent) => ({ intent, confidence: 0.3 }));
const textOf = (n: number | string) => `I would be glad to hear what the matter is with A-1001, number ${n}`;
const now = new Date('2026-11-23T12:00:00Z');
const body = JSON.stringify(
  requestOf(
    {
      text: textOf('{n}'),
      candidates: offered.map(({ intent }) => toModelCandidate(intent, resolveRef, textOf('{n}'))),
      now: now.toISOString(),
    },
    { model: 'script', maxTokens: 512 },
    fullShape,
  ),
);

const { origin, pathname } = new URL(BENCH_MODEL);
const pool = new Pool(origin, { connections: 32 });
const path = `${pathname}/chat/completions`;
const headers = { 'content-type': 'application/json' };

const bare = async (n: number): Promise<boolean> => {
  const response = await pool.request({ method: 'POST', path, headers, body: body.replaceAll('{n}', String(n)) });
  return (await response.body.text()).includes('A-1001');
};

const { model } = openModel({
  ...setup.config,
  models: [{ name: 'script', baseURL: BENCH_MODEL, model: 'script', timeout: 10_000, max_tokens: 512 }],
  model_budget: { window: 86_400_000, tokens: Number.MAX_SAFE_INTEGER },
});
const readers = new Map(
  offered.map(({ intent }): [Intent, ReturnType<typeof compileSlotReader>] => [
    intent,
    compileSlotReader(intent, resolveRef),
  ]),
);
const ours = async (n: number): Promise<boolean> => {
  if (model === undefined) throw new Error('no model');
  const text = textOf(n);
  const context = { now, signal: new AbortController().signal, tenant: 'bench' };
  const { chosen, ...answer } = await askModel(model, text, offered, resolveRef, context);
  if (chosen === undefined || !('input' in answer)) return false;
  const { intent } = chosen;
  const { input } = checkAnswer(
    intent,
    answer.input,
    text,
    readers.get(intent) as ReturnType<typeof compileSlotReader>,
    context,
  );
  return input.order_id === 'A-1001';
};

let sent = 0;
process.on('message', async ({ ms, connections }: { ms: number; connections: number }) => {
  const once = way === 'bare' ? bare : ours;
  const until = performance.now() + ms;
  let [requests, errors] = [0, 0];
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        requests++;
        if (!(await once(sent++))) errors++;
      }
    }),
  );
  process.send?.({ requests, errors });
});

const pass = createServer(async (request, response) => {
  const { statusCode, body: answer } = await pool.request({
    method: 'POST',
    path,
    headers,
    body: Buffer.concat(await request.toArray()),
  });
  response.writeHead(statusCode, headers).end(await answer.text());
});
pass.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(pass.address() as AddressInfo).port}/v1/chat/completions`, body }),
);

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
