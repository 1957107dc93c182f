import type { GetPromptResult, ListPromptsResult, ServerContext } from '@modelcontextprotocol/server';
import type { Intent } from '../../intents/contract.ts';
import type { JsonSchema } from '../../intents/json.ts';
import { isCompact, mcpName } from '../../intents/project/mcp.ts';
import type { Gate } from '../gate.ts';
import { callableFor } from './mcp-call.ts';
import type { Mcp } from './mcp-server.ts';
import { callerOf } from './mcp-travel.ts';

/** A prompt for each intent, for a person to pick from a menu; of too many for a menu, none. */
export const listPrompts = (context: ServerContext, gate: Gate): ListPromptsResult => {
  const intents = callableFor(gate, callerOf(context).principal);
  const each = isCompact(intents.length, gate.config.doors.mcp.compact_above) ? [] : intents;
  return {
    prompts: each.map((intent) => ({
      name: mcpName(intent, gate.catalogue.find),
      title: intent.title,
      description: intent.description || intent.title,
      arguments: membersOf(intent, gate).map(([name, schema]) => ({
        name,
        ...(schema.description === undefined ? {} : { description: schema.description }),
        required: (intent.input.required ?? []).includes(name),
      })),
    })),
  };
};

/** @throws ProtocolError where there is no such prompt for this caller, or an argument is not one of its own */
export const getPrompt = (
  { name, arguments: given = {} }: { readonly name: string; readonly arguments?: Record<string, string> | undefined },
  context: ServerContext,
  gate: Gate,
  sdk: Mcp,
): GetPromptResult => {
  const intents = callableFor(gate, callerOf(context).principal);
  const intent = intents.find((one) => mcpName(one, gate.catalogue.find) === name);
  if (intent === undefined)
    throw new sdk.ProtocolError(sdk.INVALID_PARAMS, `There is no prompt "${name.slice(0, 150)}" for this caller.`);
  const members = membersOf(intent, gate).map(([member]) => member);
  const strange = Object.keys(given).find((argument) => !members.includes(argument));
  if (strange !== undefined)
    throw new sdk.ProtocolError(
      sdk.INVALID_PARAMS,
      `${name} takes no "${strange.slice(0, 100)}"; it takes ${members.join(', ') || 'nothing'}.`,
    );
  const missing = (intent.input.required ?? []).filter((member) => !Object.hasOwn(given, member));
  const tool = isCompact(intents.length, gate.config.doors.mcp.compact_above)
    ? `the tool "call" with the intent ${intent.name}`
    : `the tool ${name}`;
  const values = Object.entries(given).map(([member, value]) => `- ${member}: ${value}`);
  const text = [
    `${intent.title}. Use ${tool}${values.length === 0 ? '.' : ' with'}`,
    ...values,
    ...(missing.length === 0 ? [] : [`Ask me for what is missing: ${missing.join(', ')}.`]),
  ].join('\n');
  return {
    description: intent.description || intent.title,
    messages: [{ role: 'user', content: { type: 'text', text } }],
  };
};

/** Values that an argument of a prompt may have, where its schema lists them. */
export const completeArgument = (
  prompt: string,
  argument: string,
  value: string,
  context: ServerContext,
  gate: Gate,
): string[] => {
  const intents = callableFor(gate, callerOf(context).principal);
  const intent = intents.find((one) => mcpName(one, gate.catalogue.find) === prompt);
  const schema = intent && new Map(membersOf(intent, gate)).get(argument);
  const listed = schema?.type === 'boolean' ? [true, false] : (schema?.enum ?? []);
  return listed.map(String).filter((one) => one.toLowerCase().startsWith(value.toLowerCase()));
};

const membersOf = (intent: Intent, { catalogue: { library } }: Gate): [string, JsonSchema][] =>
  Object.entries(intent.input.properties ?? {}).map(([name, schema]) => [name, library.resolveRef(schema)]);
