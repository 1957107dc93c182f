import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Options, startGateway, type TestGateway } from './start.ts';

const ontology = `
ontology: orders
entities:
  Order: { description: What a customer bought., id: { type: string, pattern: "^A-\\\\d+$" } }
  Customer: { description: Who buys., id: { type: string, pattern: "^C-\\\\d+$" } }
`;
const intents = `
intent: orders.get
version: 1.0.0
title: Show an order
effect: read
entity: Order
input: { type: object, required: [order_id], properties: { order_id: { $ref: "ontology:Order.id" } } }
output:
  type: object
  properties:
    id: { $ref: "ontology:Order.id" }
    customer_id: { $ref: "ontology:Customer.id" }
    status: { enum: [open, in-transit] }
    total: { type: number }
    pieces: { type: integer }
    placed: { type: string, format: date-time }
    tags: { type: array, items: { type: string } }
    extra: { type: object, additionalProperties: { type: string } }
call: { backend: notes, rest: "GET /orders/{order_id}" }
---
intent: orders.list
version: 1.0.0
title: List orders
effect: read
entity: Order
input: { type: object, properties: { status: { enum: [open, in-transit] }, least: { type: integer } } }
output:
  type: object
  properties:
    orders: { type: array, items: { type: object, properties: { id: { $ref: "ontology:Order.id" }, customer_id: { $ref: "ontology:Customer.id" } } } }
call: { backend: notes, rest: "GET /orders" }
---
intent: customers.get
version: 1.0.0
title: Show a customer
effect: read
entity: Customer
input: { type: object, required: [id], properties: { id: { $ref: "ontology:Customer.id" } } }
output: { type: object, properties: { id: { $ref: "ontology:Customer.id" }, name: { type: string } } }
call: { backend: notes, rest: "GET /customers/{id}" }
`;

/** What the backend answers to each path, without its query. */
export type World = Record<string, unknown>;

/**
 * A gateway with orders and customers beside the notes. A writer may read all of it; a reader the orders alone, without
 * their totals being seen.
 */
export const startOrders = async (world: World, options: Options = {}): Promise<TestGateway> => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-graphql-'));
  mkdirSync(join(folder, 'intents'));
  writeFileSync(join(folder, 'intents/orders.yaml'), intents);
  writeFileSync(join(folder, 'ontology.yaml'), ontology);
  const gateway = await startGateway({
    folder,
    config: `ontology: [./ontology.yaml]\n${options.config ?? 'doors: { graphql: { at_once: 2 } }'}`,
    policy: (text) =>
      `${text.replace(
        'rules:',
        '  orders: { intents: [orders.get@1, orders.list@1], effect: read }\n  customers: { intents: [customers.get@1], effect: read }\nrules:',
      )}
  - { allow: all-orders, who: [writer, reader], can: [orders], for: [work] }
  - { allow: writers-customers, who: [writer], can: [customers], for: [work] }
  - { require: mask-totals, who: [reader], obligations: [{ redact: { /total: mask } }] }
`,
    ...(options.limits && { limits: options.limits }),
  });
  const usual = gateway.answers.with;
  gateway.answers.with = (request: IncomingMessage, response, body) => {
    const path = (request.url ?? '').replace('/base', '').split('?')[0] ?? '';
    if (!Object.hasOwn(world, path)) return usual(request, response, body);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(world[path]));
  };
  return gateway;
};
