import type { Effect, Intent, Provenance } from '../../intents/contract.ts';
import type { Input, Json, JsonSchema } from '../../intents/json.ts';
import { readSources } from '../../intents/source.ts';
import { loadPolicies } from '../../policies/load.ts';
import type { Asked, Bundle, Principal } from '../../policies/types.ts';

/** An intent as the loader would give it, with no more than a decision reads. */
export const intent = (
  id: string,
  effect: Effect,
  properties: Readonly<Record<string, JsonSchema>> = {},
  more: Partial<Intent> = {},
): Intent => {
  const [name = '', major = ''] = id.split('@');
  return {
    name,
    version: `${major}.0.0`,
    major: Number(major),
    id,
    title: name,
    description: '',
    effect,
    purposes: [],
    entity: undefined,
    examples: [],
    input: { type: 'object', properties, additionalProperties: false },
    output: undefined,
    call: { kind: 'rest', backend: 'shop', method: 'GET', path: '/' },
    undo: undefined,
    sinks: [],
    outputMode: 'report',
    source: { file: 'test', line: 1, column: 1 },
    ...more,
  };
};

export const catalogue = [
  intent('orders.get@1', 'read', { order_id: { type: 'string' } }),
  intent(
    'orders.refund@2',
    'write',
    {
      order_id: { $ref: 'ontology:Order.id' },
      amount: { type: 'number' },
      currency: { enum: ['EUR', 'USD'] },
      tags: { type: 'array', items: { enum: ['vip', 'late'] } },
      address: { type: 'object', properties: { city: { type: 'string' } } },
    },
    { sinks: ['/order_id', '/address'] },
  ),
  intent('orders.purge@1', 'destructive', { order_id: { type: 'string' } }, { purposes: ['finance'] }),
];
export const refund = catalogue[1] as Intent;

const resolveRef = (schema: JsonSchema): JsonSchema =>
  schema.$ref === 'ontology:Order.id' ? { type: 'string' } : schema;

/** Loads policy files named a.yaml, b.yaml and so on. */
export const load = (...texts: string[]) => {
  let made = 0;
  const sources = texts.flatMap((text, index) => readSources(`${'abcdef'[index]}.yaml`, text).sources);
  return loadPolicies(sources, catalogue, { resolveRef, newId: () => `decision-${++made}` });
};

/** @throws Error listing the findings where the policy has errors */
export const bundleOf = (...texts: string[]): Bundle => {
  const { bundle, findings } = load(...texts);
  if (bundle === undefined) throw new Error(findings.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return bundle;
};

/** Purposes, a subject `desk` and one capability an effect; rules follow. */
export const head = `api: intent-policy/1
purposes: [service, service/ticket, service/export, finance]
subjects:
  desk: { match: { /token/roles: { has: desk } } }
capabilities:
  orders.view: { intents: [orders.get@1], effect: read }
  orders.refund: { intents: [orders.refund@2], effect: write }
  orders.purge: { intents: [orders.purge@1], effect: destructive }
`;
export const rules = (...written: string[]): string =>
  `${head}rules:\n${written.map((rule) => `  - ${rule}\n`).join('') || '  []\n'}`;

export const desk = (more: Partial<Principal> = {}): Principal => ({
  tenant: 't',
  type: 'user',
  id: 'dana',
  claims: { roles: ['desk'] },
  purposes: ['service', 'finance'],
  defaultPurpose: undefined,
  capabilities: undefined,
  credential: { kind: 'api-key', id: 'k' },
  ...more,
});

/** A refund of 5 EUR by the desk for service/ticket, typed by the caller. */
export const asked = (more: Partial<Asked> = {}): Asked => ({
  principal: desk(),
  intent: refund,
  input: { order_id: 'A-1', amount: 5, currency: 'EUR' },
  purpose: { name: 'service/ticket', source: 'declared' },
  provenance: { '/order_id': 'input', '/amount': 'input', '/currency': 'input' },
  resolution: { tier: 'direct', confidence: 1, margin: 1 },
  context: { now: new Date('2026-11-23T10:00:00Z'), ip: '10.0.0.1', door: 'http' },
  ...more,
});
export const withInput = (input: Record<string, Json>): Asked => asked({ input: input as Input });
export const labelled = (provenance: Record<string, Provenance>): Asked => asked({ provenance });
