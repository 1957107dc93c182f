import { type Catalogue, catalogueOf } from '../../../intents/catalogue.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

/** Loads contracts from YAML. */
export const load = (text: string): Catalogue => {
  const { sources, findings } = readSources('contracts.yaml', text);
  const { catalogue, findings: others } = loadCatalogue(sources);
  const wrong = [...findings, ...others].filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) throw new Error(wrong.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return catalogue;
};

/** A write with everything that can change; members that are named replace its own. */
export const contract = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    intent: 'orders.refund',
    version: '1.4.2',
    title: 'Refund an order',
    effect: 'write',
    sinks: ['/order_id'],
    examples: ['refund order [order_id: A-1001]'],
    input: { type: 'object', required: ['order_id'], properties: { order_id: { type: 'string' } } },
    output: { type: 'object', properties: { refund_id: { type: 'string' } } },
    call: { backend: 'orders', rest: 'POST /orders/{order_id}/refunds' },
    ...changes,
  });

export const none = catalogueOf([], [], load('ontology: nothing').library);
