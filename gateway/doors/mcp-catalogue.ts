import type { ListResourcesResult, ReadResourceResult, ServerContext } from '@modelcontextprotocol/server';
import type { Intent } from '../../intents/contract.ts';
import { isCompact } from '../../intents/project/mcp.ts';
import type { Gate } from '../gate.ts';
import { printIntent } from './http-print.ts';
import { named } from './http-read.ts';
import { callableFor } from './mcp-call.ts';
import type { Mcp } from './mcp-server.ts';
import { callerOf } from './mcp-travel.ts';

const mimeType = 'application/json';
const catalogueUri = 'ostiary://catalogue';
export const intentPrefix = 'ostiary://intents/';

/** The catalogue, and each contract in it that this caller may call; of many, the catalogue alone. */
export const listResources = (context: ServerContext, gate: Gate): ListResourcesResult => {
  const intents = callableFor(gate, callerOf(context).principal);
  const each = isCompact(intents.length, gate.config.doors.mcp.compact_above) ? [] : intents;
  return {
    resources: [
      {
        uri: catalogueUri,
        name: 'catalogue',
        title: 'What can be asked',
        description: 'Every intent this credential may call, in a line each.',
        mimeType,
      },
      ...each.map((intent) => ({
        uri: intentPrefix + addressOf(intent, gate),
        name: addressOf(intent, gate),
        title: intent.title,
        description: `The contract: ${intent.description || intent.title}`,
        mimeType,
      })),
    ],
  };
};

export const resourceTemplates = {
  resourceTemplates: [
    {
      uriTemplate: `${intentPrefix}{name}`,
      name: 'intent',
      title: 'The contract of an intent',
      description: 'Its input, output, effect and examples, by its name: orders.refund, or orders.refund@1.',
      mimeType,
    },
  ],
};

/** @throws ResourceNotFoundError where there is none for this caller */
export const readResource = (uri: string, context: ServerContext, gate: Gate, sdk: Mcp): ReadResourceResult => {
  const { principal } = callerOf(context);
  const intents = callableFor(gate, principal);
  const contents = (body: unknown) => ({ contents: [{ uri, mimeType, text: JSON.stringify(body) }] });
  if (uri === catalogueUri)
    return contents({
      intents: intents.map((intent) => ({
        intent: addressOf(intent, gate),
        version: intent.version,
        title: intent.title,
        effect: intent.effect,
      })),
    });
  const intent = uri.startsWith(intentPrefix) ? findIntent(uri.slice(intentPrefix.length), intents) : undefined;
  if (intent === undefined) throw new sdk.ResourceNotFoundError(uri.slice(0, 300));
  return contents(printIntent(intent, gate.bundle.purposesFor(principal, intent)));
};

/** Names that begin like this one: what fills the template above. */
export const completeName = (value: string, context: ServerContext, gate: Gate): string[] =>
  callableFor(gate, callerOf(context).principal)
    .map((intent) => addressOf(intent, gate))
    .filter((name) => name.startsWith(value));

const addressOf = (intent: Intent, { catalogue }: Gate): string =>
  catalogue.find(intent.name) === intent ? intent.name : `${intent.name}@${intent.major}`;

const findIntent = (written: string, intents: readonly Intent[]): Intent | undefined => {
  const { name, major } = named(written);
  return intents.findLast((one) => one.name === name && (major === undefined || one.major === major));
};
