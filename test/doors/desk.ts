import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import fastify from 'fastify';
import { z } from 'zod';

/** An MCP server with one tool, which says what it was given. Beside the three backends of the shop it is the fourth kind. */
export const startDesk = async () => {
  let calls = 0;
  const { fetch } = createMcpHandler(() => {
    const server = new McpServer({ name: 'desk', version: '1.0.0' });
    server.registerTool('echo', { inputSchema: z.looseObject({}) }, (given) => {
      calls++;
      return { content: [{ type: 'text', text: JSON.stringify(given) }], structuredContent: given };
    });
    return server;
  });
  const app = fastify({ forceCloseConnections: true });
  app.all('/mcp', async ({ method, headers, body }, reply) =>
    reply.send(
      await fetch(new Request('http://127.0.0.1/mcp', { method, headers: headers as Record<string, string> }), {
        parsedBody: body,
      }),
    ),
  );
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url: `${address}/mcp`, calls: () => calls, close: () => app.close() };
};

const members = `
    title: { type: string, minLength: 1, maxLength: 40 }
    count: { type: integer, minimum: -5, maximum: 2147483647 }
    big: { type: integer }
    ratio: { type: number }
    urgent: { type: boolean }
    tags: { type: array, items: { type: string }, maxItems: 4 }
    colour: { enum: [red, "dark blue", "1st"] }
    due: { type: string, format: date }
    at: { type: string, format: date-time }
    mail: { type: string, format: email }
    country: { $ref: "ontology:Country" }
    place: { type: object, required: [shelf], properties: { shelf: { type: string }, row: { type: integer, format: int32 } }, additionalProperties: false }
    lines: { type: array, items: { type: object, properties: { text: { type: string }, sizes: { type: array, items: { type: number } } }, additionalProperties: false } }
    labels: { type: object, additionalProperties: { type: string } }
    either:
      oneOf:
        - { type: object, required: [box], properties: { box: { type: string } }, additionalProperties: false }
        - { type: object, required: [bag], properties: { bag: { type: integer } }, additionalProperties: false }
    maybe: { type: [string, "null"] }
    free: true
    blob: { type: string, contentEncoding: base64 }
    "odd name": { type: string }`;

/** Contracts with members of every kind that contracts have, to be read and to be written. */
export const deskIntents = `intent: desk.look
version: 1.0.0
title: Look at a slip
effect: read
input:
  type: object
  required: [title]
  properties:${members}
output:
  type: object
  properties:${members}
call: { backend: desk, mcp: echo }
---
intent: desk.file
version: 2.0.0
title: File a slip
effect: write
sinks: [/title]
input:
  type: object
  required: [title, count, tags]
  properties:${members}
output:
  type: object
  properties:${members}
from:
  - major: 1
    input: { type: object, required: [name, count], properties: { name: { type: string, minLength: 1, maxLength: 40 }, count: { type: integer, minimum: 0, maximum: 9 } } }
    map: { title: $.name, count: $.count, tags: [] }
    deprecated: { since: 2026-11-01, sunset: 2027-06-30 }
call: { backend: desk, mcp: echo }
`;

export const deskPolicy = `api: intent-policy/1
capabilities:
  desk.look: { intents: [desk.look@1], effect: read }
  desk.file: { intents: [desk.file@2], effect: write }
rules:
  - { allow: desk-looks, who: [support-agent, shopper-bot, auditor], can: [desk.look] }
  - { require: desk-hides, who: [auditor], obligations: [{ redact: { /title: mask, /place/shelf: drop, /lines/text: mask } }] }
  - { require: desk-hides-numbers, who: [shopper-bot], can: [desk.look], obligations: [{ redact: { /count: mask, /lines/sizes: mask, /urgent: drop } }] }
  - allow: desk-files
    who: [support-agent]
    can: [desk.file]
    when: { /in/count: { lt: 1000 } }
    obligations: [{ confirm: { by: self, ttl: 600s, onEffects: [write] } }]
  - { deny: desk-not-red, can: [desk.file], when: { /in/colour: { present: true, eq: red } }, reason: Nothing red is filed. }
`;
