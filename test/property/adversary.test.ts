import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryRates } from '../../adapters/stores/memory-rates.ts';
import { bulkhead } from '../../gateway/admission/bulkhead.ts';
import { retryBudget } from '../../gateway/admission/retries.ts';
import { shedder } from '../../gateway/admission/shedder.ts';
import { compileCatalogue } from '../../gateway/compile.ts';
import { configDocument } from '../../gateway/config-document.ts';
import type { Gate } from '../../gateway/gate.ts';
import type { Ended, Request } from '../../gateway/road/context.ts';
import { travel } from '../../gateway/road/road.ts';
import { noTelemetry } from '../../gateway/telemetry/telemetry.ts';
import { catalogueOf } from '../../intents/catalogue.ts';
import type { Provenance } from '../../intents/contract.ts';
import { type Input, type Json, pointerPath } from '../../intents/json.ts';
import type { Backend } from '../../intents/ports.ts';
import type { Resolution } from '../../intents/resolve/types.ts';
import { schemaLibrary } from '../../intents/schema-library.ts';
import type { Pending } from '../../policies/confirmations.ts';
import { unseen } from '../../policies/reputation.ts';
import type { Asked, Bundle, Principal } from '../../policies/types.ts';
import { naive, type WrittenRule } from '../policies/naive.ts';
import { memoryTotals } from '../support/memory-totals.ts';
import { caller, compiled, input, intents, junk, policyOf, purposes, rulesOf } from './random-policies.ts';

// The model never authorizes. The resolver is an adversary here: it proposes any intent, with any values, and claims any
// source for each of them. Everything behind it is the road itself, with a backend that writes down what it hears.

const perPolicy = 50;
/** Proposals in all; OSTIARY_ADVERSARY=100000 for the long mode. */
const proposals = Number(process.env.OSTIARY_ADVERSARY ?? 5_000);

const library = schemaLibrary(new Map([['ontology:Currency', { enum: ['EUR', 'USD'] }]]));
const catalogue = catalogueOf(intents, [], library);
const config = configDocument.parse({ api: 'ostiary/1' });

/** In half of the policies drawn: much is permitted, so that there is much to misuse. */
const everything: WrittenRule = { allow: 'everything', can: ['all'] };

interface Heard {
  readonly intent: string;
  readonly input: Input;
}

/** The gateway behind an adversary, with everything else as it serves. */
const gatewayOf = (bundle: Bundle, principal: Principal, next: () => Resolution) => {
  const heard: Heard[] = [];
  const pending = new Map<string, Pending>();
  const backend: Backend = {
    compile: (binding) => ({
      call: async (given) => {
        const { path = '' } = binding as { path?: string };
        heard.push({ intent: path.slice(1), input: given });
        return { ok: true, value: {} };
      },
      preview: () => ({ operation: '', payload: null }),
    }),
    close: async () => {},
  };
  const guard = { bulkhead: bulkhead(256), budget: retryBudget(), retries: 0, patienceMs: 1 };
  const means = { random: () => 0, now: () => 0, lateMs: () => 0, wait: async () => {} };
  const places = new Map([['shop', { backend, guard }]]);
  const bound = intents.map((intent) => ({ ...intent, call: { ...intent.call, path: `/${intent.id}` } }));
  let made = 0;
  const gate = {
    config,
    catalogue: {
      ...catalogue,
      intents: bound,
      find: (name: string, major?: number) =>
        bound.find((one) => one.name === name && (major === undefined || one.major === major)),
    },
    compiled: compileCatalogue({ ...catalogue, intents: bound }, places, means).compiled,
    bundle,
    shadow: undefined,
    authenticator: { authenticate: () => principal, identify: () => ({ principal }) },
    resolver: { resolve: async () => next(), weigh: () => [] },
    described: async (_text: string, resolution: Resolution) => resolution,
    store: {
      audit: { append: async () => {}, read: async () => [], tail: async () => [], backlog: () => 0 },
      confirmations: {
        put: async (one: Pending) => void pending.set(one.id, one),
        get: async (id: string) => pending.get(id),
        consume: async (id: string) => pending.delete(id),
      },
      fault: () => undefined,
      close: async () => {},
    },
    totals: memoryTotals(),
    rates: memoryRates(),
    telemetry: noTelemetry,
    reputation: unseen,
    shedder: shedder(1_000),
    sessions: { seal: async () => undefined },
    nextId: () => String(++made),
    newSecretId: () => `secret-${++made}`,
    log() {},
  } as unknown as Gate;
  return { gate, heard, intents: bound };
};

const origins: Provenance[] = ['user', 'input', 'session', 'default', 'principal', 'backend', 'model'];
const pointers = [
  '/order_id',
  '/amount',
  '/currency',
  '/note',
  '/urgent',
  '/tags',
  '/lines',
  '/lines/0/sku',
  '/address',
  '/address/city',
  '/customer_id',
];

/** Words that say some of the values that are about, and others. */
const words = fc
  .array(fc.constantFrom('refund', 'a', 'b', '5', '100', 'EUR', 'aaaa!', 'customer', 'A-1', 'please'), { maxLength: 6 })
  .map((said) => said.join(' ') || 'hello');

const proposal = fc.record({
  intent: fc.nat(2),
  input: fc.oneof(
    input,
    fc.record({ customer_id: fc.oneof(fc.constantFrom<Json>('a', 'b', 'C-1'), junk) }),
    fc.record({ order_id: fc.constantFrom<Json>('a', 'b', 'A-1', 'evil') }),
  ),
  confidence: fc.constantFrom(1, 0.5, 0, Number.NaN),
  margin: fc.constantFrom(1, 0, Number.NaN),
  tier: fc.constantFrom('direct', 'session', 'example', 'builtin', 'model'),
  slots: fc.array(
    fc.record({
      pointer: fc.constantFrom(...pointers),
      provenance: fc.constantFrom(...origins),
      span: fc.option(fc.record({ start: fc.nat(9), end: fc.nat(9) }), { nil: undefined }),
    }),
    { maxLength: 8 },
  ),
});
const ask = fc.record({
  proposal,
  text: words,
  given: fc.oneof(fc.constant({}), input),
  purpose: fc.option(fc.constantFrom(...purposes), { nil: undefined }),
});

/** Every value at or below a sink. */
const sinkValues = (given: Input, sink: string): Json[] => {
  let here: readonly Json[] = [given];
  for (const name of pointerPath(sink))
    here = here.flatMap((value) =>
      typeof value !== 'object' || value === null
        ? []
        : name === '*'
          ? (Object.values(value) as Json[])
          : Object.hasOwn(value, name)
            ? [(value as Record<string, Json>)[name] as Json]
            : [],
    );
  const leaves = (value: Json): Json[] =>
    typeof value === 'object' && value !== null ? (Object.values(value) as Json[]).flatMap(leaves) : [value];
  return here.flatMap(leaves);
};

/** Whether a caller wrote a value or typed it beside the words: plainly, without anything of the code under test. */
const gave = (value: Json, text: string, typed: Input): boolean => {
  const inside = (json: Json): Json[] =>
    typeof json === 'object' && json !== null ? (Object.values(json) as Json[]).flatMap(inside) : [json];
  return inside(typed).some((one) => one === value) || text.toLowerCase().includes(String(value).toLowerCase());
};

test('whatever the resolver proposes, nothing outside the policy is called, and no value that nobody gave decides what is changed', async () => {
  let called = 0;
  let confirmed = 0;
  await fc.assert(
    fc.asyncProperty(
      rulesOf({ absences: true }),
      fc.boolean(),
      caller,
      fc.array(ask, { minLength: perPolicy, maxLength: perPolicy }),
      async (rules, open, principal, asks) => {
        // Nothing in a policy has to ask for it: what nobody gave is confirmed where it decides what a write does.
        const policy = policyOf([...rules, ...(open ? [everything] : [])]);
        let next: Resolution | undefined;
        const { gate, heard, intents: bound } = gatewayOf(compiled(policy), principal, () => next as Resolution);
        for (const { proposal: proposed, text, given, purpose } of asks) {
          const intent = bound[proposed.intent] as (typeof bound)[number];
          next = {
            kind: 'proposal',
            proposal: { ...proposed, intent } as never,
            candidates: [{ intent, confidence: 1 }],
            notes: [],
          };
          heard.length = 0;
          const request: Request = {
            id: `r${Math.abs(called)}`,
            door: 'http',
            what: { kind: 'ask', text, given: given as Input },
            explain: false,
            bearer: 'k',
            purpose,
            ip: undefined,
            now: new Date('2026-11-23T09:00:00Z'),
            signal: new AbortController().signal,
          };
          const ended: Ended = await travel(request, gate);
          if (ended.outcome.kind === 'confirm') confirmed++;
          for (const call of heard) {
            called++;
            const { asked } = ended.context;
            expect(asked).toBeDefined();
            if (asked === undefined) continue;
            // What was called is what was decided on, for the caller and the purpose that the request came with.
            expect(call).toEqual({ intent: asked.intent.id, input: asked.input });
            expect(asked.principal).toBe(principal);
            expect(asked.purpose?.source).not.toBe('proposed');
            if (purpose !== undefined) expect(asked.purpose?.name).toBe(purpose);
            expect(naive(policy, asked as Asked).outcome).toBe('permit');
            if (asked.intent.effect === 'read') continue;
            for (const sink of asked.intent.sinks)
              for (const value of sinkValues(call.input, sink))
                expect(gave(value, text, given as Input), JSON.stringify({ call, text, given, value })).toBe(true);
          }
        }
      },
    ),
    { numRuns: Math.ceil(proposals / perPolicy) },
  );
  // Else the test would say nothing.
  expect(called).toBeGreaterThan(proposals / 500);
  expect(confirmed).toBeGreaterThan(0);
}, 1_800_000);
