import type { Intent } from '../../intents/contract.ts';
import { schemaLibrary } from '../../intents/schema-library.ts';
import { readSources, type Source } from '../../intents/source.ts';
import { loadPolicies } from '../../policies/load.ts';
import type { Asked, Bundle } from '../../policies/types.ts';

const { resolveRef } = schemaLibrary(new Map());

/** An intent with the three values that the conditions of the bench read. */
const intentOf = (index: number): Intent => ({
  name: `orders.act-${index}`,
  version: '1.0.0',
  major: 1,
  id: `orders.act-${index}@1`,
  title: `Act ${index}`,
  description: '',
  effect: 'write',
  purposes: [],
  entity: undefined,
  examples: [],
  input: {
    type: 'object',
    properties: { amount: { type: 'number' }, currency: { type: 'string' }, region: { type: 'integer' } },
  },
  output: undefined,
  call: { backend: 'shop', kind: 'rest', method: 'POST', path: '/' },
  undo: undefined,
  sinks: ['/amount'],
  outputMode: 'report',
  source: { file: 'bench.yaml', line: 1, column: 1 },
});

/** What each rule asks: one region of many, and an amount in euros. One rule in four is a deny. */
export interface Bounds {
  readonly kind: 'allow' | 'deny';
  readonly region: number;
  readonly limit: number;
}
export const boundsOf = (rule: number): Bounds => ({
  kind: rule % 4 === 3 ? 'deny' : 'allow',
  region: rule,
  limit: 100 + rule,
});

/**
 * A policy of so many rules, spread over so many intents, as it would be written.
 * @param equal whether a rule names its region by equality; else by a range, so that no rule can be found by a value
 */
export const policyText = (rules: number, intents: number, equal = true): string => `api: intent-policy/1
purposes: [service, service/ticket]
subjects:
  desk: { match: { /token/roles: { has: desk } } }
  boss: { match: { /token/roles: { has: boss } } }
capabilities:
${Array.from({ length: intents }, (_, index) => `  act-${index}: { intents: ["${intentOf(index).id}"] }`).join('\n')}
rules:
${Array.from({ length: rules }, (_, rule) => {
  const { kind, region, limit } = boundsOf(rule);
  return `  - { ${kind}: r${rule}, who: [desk], can: [act-${rule % intents}], for: [service], when: { /in/region: ${equal ? `{ eq: ${region} }` : `{ gte: ${region}, lte: ${region} }`}, /in/amount: { gt: 0, lte: ${limit} }, /in/currency: { in: [EUR, USD] } } }`;
}).join('\n')}
`;

export const sourceOf = (text: string): Source => {
  const [source] = readSources('bench.policy.yaml', text).sources;
  if (source === undefined) throw new Error('the policy of the bench is no YAML');
  return source;
};

export const catalogueOf = (intents: number): Intent[] =>
  Array.from({ length: intents }, (_, index) => intentOf(index));

export const compile = (source: Source, catalogue: readonly Intent[]): Bundle => {
  let made = 0;
  const { bundle, findings } = loadPolicies([source], catalogue, { resolveRef, newId: () => String(++made) });
  if (bundle === undefined) throw new Error(JSON.stringify(findings[0]));
  return bundle;
};

/** A request that the rule for its region permits. */
export const asks = (intent: Intent, region: number, principal: Asked['principal']): Asked => ({
  principal,
  intent,
  input: { amount: 50, currency: 'EUR', region },
  purpose: { name: 'service/ticket', source: 'declared' },
  provenance: { '/amount': 'input', '/currency': 'input', '/region': 'input' },
  resolution: { tier: 'direct', confidence: 1, margin: 1 },
  context: { now: new Date('2026-11-23T09:00:00Z'), ip: '10.0.0.1', door: 'http' },
});

export const desk: Asked['principal'] = {
  tenant: 'default',
  type: 'user',
  id: 'dana',
  claims: { roles: ['desk'] },
  purposes: ['service'],
  defaultPurpose: undefined,
  capabilities: undefined,
  credential: { kind: 'api-key', id: 'k' },
};
