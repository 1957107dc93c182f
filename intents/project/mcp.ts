import type { Catalogue } from '../catalogue.ts';
import type { Intent } from '../contract.ts';
import type { JsonSchema } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import { deprecationText } from './deprecation-text.ts';
import { bundled, outline } from './mcp-schema.ts';

/** A tool as `tools/list` shows it. Source: MCP 2026-07-28, server/tools, "Tool". */
export interface McpTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: McpObjectSchema;
  readonly outputSchema?: McpObjectSchema;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly openWorldHint: false;
  };
  readonly _meta?: Readonly<Record<string, unknown>>;
}
export interface McpObjectSchema {
  readonly type: 'object';
  readonly [keyword: string]: unknown;
}

/** Where a tool says which contract it stands for. */
export const intentMeta = 'ostiary.dev/intent';
/** Where a tool says that its contract is to go. */
const deprecatedMeta = 'ostiary.dev/deprecated';
const maxExamples = 3;

/**
 * The name of an intent's tool: `orders_refund`, or `orders_refund__v1` of a major that is not the newest. Clients hand it
 * to models whose makers take no dots in names; no part of an intent's name begins with `_`, so that no two meet.
 */
export const mcpName = (intent: Intent, find: Catalogue['find']): string => {
  const plain = intent.name.replaceAll('.', '_');
  return find(intent.name) === intent ? plain : `${plain}__v${intent.major}`;
};

/** The intent that a tool's name stands for; of a name that is none's, one that nothing has. */
export const intentOfMcpName = (written: string): { readonly name: string; readonly major: number | undefined } => {
  const [, plain = written, major] = /^(.+?)__v(0|[1-9]\d{0,8})$/.exec(written) ?? [];
  return { name: plain.replaceAll('_', '.'), major: major === undefined ? undefined : Number(major) };
};

/**
 * Projects intents into MCP tools, one each. Shared schemas that are reached become `$defs`. What a tool says of its
 * output are the names and what they mean: policies hide and redact members, and most contracts only report what breaks
 * them, so that a client which holds an answer against more would refuse good ones. Deterministic.
 */
export const toMcpTools = (
  intents: readonly Intent[],
  { library, find }: Pick<Catalogue, 'library' | 'find'>,
): McpTool[] => intents.map((intent) => toMcpTool(intent, mcpName(intent, find), library));

const toMcpTool = (intent: Intent, name: string, library: SchemaLibrary): McpTool => {
  const { title, description, effect, input, output, version } = intent;
  const outputSchema = output === undefined ? undefined : outline(output, library.resolveRef);
  return {
    name,
    title,
    description: `${describe(description || title, intent)}${intent.deprecated ? `\n${deprecationText(intent.deprecated)}` : ''}`,
    inputSchema: { ...bundled(input, library), type: 'object' },
    ...(outputSchema?.type === 'object' ? { outputSchema: { ...outputSchema, type: 'object' } } : {}),
    annotations: {
      readOnlyHint: effect === 'read',
      destructiveHint: effect === 'destructive',
      openWorldHint: false,
    },
    _meta: {
      [intentMeta]: `${intent.name}@${version}`,
      ...(intent.deprecated && { [deprecatedMeta]: intent.deprecated }),
    },
  };
};

const describe = (text: string, { examples }: Intent): string => {
  const said = examples.slice(0, maxExamples).map((example) => `"${example.text}"`);
  return said.length === 0 ? text : `${text}\nSaid like: ${said.join(', ')}.`;
};

const tool = (
  name: string,
  title: string,
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
  readOnlyHint: boolean,
): McpTool => ({
  name,
  title,
  description,
  inputSchema: { type: 'object', properties, required, additionalProperties: false },
  annotations: { readOnlyHint, destructiveHint: !readOnlyHint, openWorldHint: false },
});

const inputOf = { type: 'object', description: 'By the input schema of the intent.' } as const;

/** Takes words, where the one who asks does not know which tool they need. No intent can have its name. */
export const askTool: McpTool = tool(
  'ask',
  'Ask in words',
  'Understands one request in plain words and carries it out, asks back, or says that it cannot be asked here. Pass on what a person said, in their own words. To answer a question that comes back, send "session" along.',
  {
    text: { type: 'string', minLength: 1, description: 'The request, as it was said.' },
    input: { type: 'object', description: 'Values that are already known, by name.' },
    session: { type: 'string', description: 'From the answer to an earlier ask, to go on with it.' },
  },
  ['text'],
  false,
);

/** In place of a tool for each intent, where there are too many of them: search, describe, call. */
export const compactTools: readonly McpTool[] = [
  tool(
    'search',
    'Search what can be asked',
    'Finds intents by words, best first. Look here first; then describe the one you need, and call it.',
    {
      query: { type: 'string', minLength: 1, description: 'What is to be done, in a few words.' },
      limit: { type: 'integer', minimum: 1, maximum: 20, default: 5 },
    },
    ['query'],
    true,
  ),
  tool(
    'describe',
    'Describe intents',
    'The whole contract of up to 10 intents: what each does, its input and its output.',
    { intents: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 10, description: 'Their names.' } },
    ['intents'],
    true,
  ),
  tool(
    'call',
    'Call an intent',
    'Calls one intent by name, with an input that fits its contract.',
    { intent: { type: 'string', minLength: 1, description: 'Its name, like orders.refund.' }, input: inputOf },
    ['intent'],
    false,
  ),
];

/** Whether a caller with so many intents gets the compact tools. */
export const isCompact = (intents: number, above: number): boolean => intents > above;

/** Every tool of a caller who may call these intents. @param above so many intents are listed one by one, and no more */
export const mcpTools = (
  intents: readonly Intent[],
  catalogue: Pick<Catalogue, 'library' | 'find'>,
  above: number,
): readonly McpTool[] => [
  ...(isCompact(intents.length, above) ? compactTools : toMcpTools(intents, catalogue)),
  askTool,
];
