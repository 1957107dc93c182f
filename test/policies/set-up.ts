import type { Effect, Intent } from '../../intents/contract.ts';
import type { JsonSchema } from '../../intents/json.ts';
import { schemaLibrary } from '../../intents/schema-library.ts';
import { readSources } from '../../intents/source.ts';
import { loadPolicies } from '../../policies/load.ts';
import type { Asked, Bundle, Principal } from '../../policies/types.ts';

/** A contract with what a policy reads of it; the rest is plain. */
export const intent = (
  id: string,
  effect: Effect,
  properties: Readonly<Record<string, JsonSchema>>,
  { sinks = [], purposes = [] }: { sinks?: string[]; purposes?: string[] } = {},
): Intent => {
  const [name = '', major = '1'] = id.split('@');
  return {
    name,
    version: `${major}.0.0`,
    major: Number(major),
    id,
    title: name,
    description: '',
    effect,
    purposes,
    entity: undefined,
    examples: [],
    input: { type: 'object', properties, additionalProperties: false },
    output: undefined,
    call: { backend: 'shop', kind: 'rest', method: 'POST', path: '/' },
    undo: undefined,
    sinks,
    outputMode: 'report',
    source: { file: 'intents.yaml', line: 1, column: 1 },
  };
};

export const getOrder = intent('orders.get@1', 'read', { order_id: { type: 'string' } });
export const refund = intent(
  'orders.refund@2',
  'write',
  {
    order_id: { type: 'string' },
    amount: { type: 'number' },
    currency: { $ref: 'ontology:Currency' },
    note: { type: 'string' },
    urgent: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } } } },
    address: { type: 'object', properties: { city: { type: 'string' }, 'a/b': { type: 'string' } } },
  },
  { sinks: ['/order_id', '/lines/*/sku', '/address'] },
);
export const purge = intent(
  'orders.purge@1',
  'destructive',
  { customer_id: { type: 'string' } },
  { sinks: ['/customer_id'], purposes: ['finance'] },
);
export const catalogue: readonly Intent[] = [getOrder, purge, refund];

const { resolveRef } = schemaLibrary(new Map([['ontology:Currency', { enum: ['EUR', 'USD'] }]]));

/** Loads policy texts as `policy-0.yaml` and so on; `told` has what was found, as a person reads it. */
export const load = (texts: readonly string[], intents: readonly Intent[] = catalogue) => {
  const read = texts.map((text, index) => readSources(`policy-${index}.yaml`, text));
  let made = 0;
  const loaded = loadPolicies(
    read.flatMap(({ sources }) => sources),
    intents,
    { resolveRef, newId: () => `decision-${++made}` },
  );
  const findings = [...read.flatMap((one) => one.findings), ...loaded.findings];
  const told = findings.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
  return { bundle: loaded.bundle, findings, told };
};

/** What every policy here begins with. */
export const head = `api: intent-policy/1
purposes: [service, service/ticket, service/ticket/refund, service/export, finance, marketing]
subjects:
  agent: { match: { /token/roles: { has: desk } } }
  boss: { match: { /token/roles: { has: boss } } }
  level-two: { match: { /token/level: { gte: 2 } } }
capabilities:
  view: { intents: [orders.get@1], effect: read }
  refund: { intents: [orders.refund@2], effect: write }
  purge: { intents: [orders.purge@1] }
rules:
`;

/** The bundle of the usual head and these rules. @throws Error with what is wrong in them */
export const bundleOf = (rules: string, intents: readonly Intent[] = catalogue): Bundle => {
  const { bundle, told } = load([head + rules], intents);
  if (bundle === undefined) throw new Error(told.join('\n'));
  return bundle;
};

export const principal = (given: Partial<Principal> = {}): Principal => ({
  tenant: 'default',
  type: 'user',
  id: 'dana',
  claims: { roles: ['desk'] },
  purposes: ['service', 'finance', 'marketing'],
  defaultPurpose: undefined,
  capabilities: undefined,
  credential: { kind: 'api-key', id: 'k1' },
  ...given,
});

/** Dana refunds 20 euros for a ticket, on a Monday at 10:00 in Berlin; every value is from the call. */
export const asked = (given: Partial<Asked> = {}): Asked => {
  const input = given.input ?? { order_id: 'A-1', amount: 20, currency: 'EUR' };
  return {
    principal: principal(),
    intent: refund,
    input,
    purpose: { name: 'service/ticket', source: 'declared' },
    provenance: Object.fromEntries(Object.keys(input).map((name) => [`/${name}`, 'input'])),
    resolution: { tier: 'direct', confidence: 1, margin: 1 },
    context: { now: new Date('2026-11-23T09:00:00Z'), ip: '10.0.0.1', door: 'http' },
    ...given,
  };
};
