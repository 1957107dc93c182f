import type { Effect } from '../contract.ts';
import { isObject, type Json, type JsonSchema, pointerSegment } from '../json.ts';
import { type DraftIntent, type Imported, type Lossy, type McpCall, type Reach, Untranslatable } from './draft.ts';
import { applyHint, hintedNames, type NamesTaken, undoneByKnown } from './hint.ts';
import { kebab, slotName, unique } from './naming.ts';
import { convertSchema } from './openapi-schema.ts';
import { plainText } from './plain-text.ts';
import { rpcUtterances, sinksOf, titleOf } from './rpc-naming.ts';
import { type SharedSchema, type SharedSchemas, sharedSchemas } from './shared-schemas.ts';

/** A tool as a server lists it; every member but the name is a word that may be wrong. */
export interface McpTool {
  readonly name: string;
  readonly title?: unknown;
  readonly description?: unknown;
  readonly inputSchema?: unknown;
  readonly outputSchema?: unknown;
  readonly annotations?: unknown;
}

interface Drafted {
  intent: DraftIntent<McpCall>;
  readonly place: string;
  readonly inputRefs: Set<SharedSchema>;
  readonly outputRefs: Set<SharedSchema>;
}

/**
 * Makes a draft intent of each tool of an MCP server. What a tool says of itself is a hint, and its words are those of
 * whoever runs the server: nothing that comes out can be called before a policy allows it.
 */
export const importMcp = (
  tools: readonly McpTool[],
  {
    backend,
    sourceName,
    reach = {},
    url,
  }: { backend: string; sourceName: string; reach?: Omit<Reach & { kind: 'mcp' }, 'kind'>; url?: string },
): Imported<McpCall> => {
  // One document of all, so that references within one tool's schemas have a place of their own.
  const document = Object.fromEntries(
    tools.map((tool) => [
      tool.name,
      Object.fromEntries(
        (['inputSchema', 'outputSchema'] as const).map((part) => [
          part,
          withPlaces(tool[part], `#/${pointerSegment(tool.name)}/${part}`, 0),
        ]),
      ),
    ]),
  );
  const shared = sharedSchemas(document, '3.1');
  const names = hintedNames([]);
  const skipped: { operation: string; reason: string }[] = [];
  const lossy: Lossy[] = [];
  const drafts: Drafted[] = [];
  for (const tool of tools)
    try {
      drafts.push(draft(tool, document[tool.name] ?? {}, { backend, shared, names, lossy }));
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      skipped.push({ operation: `tool ${tool.name}`, reason: error.message });
    }
  shared.settle();
  const kept = drafts.filter(({ intent, inputRefs }) => {
    const fault = [...inputRefs].find((ref) => ref.fault !== undefined)?.fault;
    if (fault !== undefined) skipped.push({ operation: intent.operation, reason: fault });
    return fault === undefined;
  });
  for (const drafted of kept) {
    const fault = [...drafted.outputRefs].find((ref) => ref.fault !== undefined)?.fault;
    if (fault === undefined) continue;
    lossy.push({
      operation: drafted.intent.operation,
      place: drafted.place,
      reason: `the output is not described: ${fault}`,
    });
    drafted.intent = { ...drafted.intent, output: undefined };
    drafted.outputRefs.clear();
  }
  const { schemas, lossy: ofSchemas } = shared.finish(
    kept.flatMap(({ inputRefs, outputRefs }) => [...inputRefs, ...outputRefs]),
  );
  const undone = undoneByKnown(kept.map(({ intent }) => intent));
  return {
    backend,
    reach: { kind: 'mcp', ...reach },
    sourceName,
    intents: undone.intents,
    schemas,
    skipped,
    lossy: [...lossy, ...ofSchemas],
    servers: url === undefined ? [] : [url],
    credentialHeaders: { authorization: `Bearer \${${backend.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_TOKEN:-}` },
  };
};

const draft = (
  tool: McpTool,
  schemas: Readonly<Record<string, unknown>>,
  { backend, shared, names, lossy }: { backend: string; shared: SharedSchemas; names: NamesTaken; lossy: Lossy[] },
): Drafted => {
  const operation = `tool ${tool.name}`;
  const place = `#/${pointerSegment(tool.name)}`;
  const note = (at: string, reason: string) => lossy.push({ operation, place: at, reason });
  if (tool.name === '' || tool.name.length > 128) throw new Untranslatable(place, 'a name has 1 to 128 characters');
  const inputRefs = new Set<SharedSchema>();
  const outputRefs = new Set<SharedSchema>();
  const { input, call } = inputOf(
    convertSchema(schemas.inputSchema, `${place}/inputSchema`, shared.conversion('input', inputRefs, note)),
    { backend, mcp: tool.name },
    { place: `${place}/inputSchema`, open: opens(schemas.inputSchema) },
  );
  const output =
    schemas.outputSchema === undefined
      ? undefined
      : convertSchema(schemas.outputSchema, `${place}/outputSchema`, shared.conversion('output', outputRefs, note));
  const hints = isObject(tool.annotations) ? tool.annotations : {};
  const effect = effectOf(hints);
  const rest = kebab(tool.name) || 'call';
  const words = rest.replaceAll('-', ' ');
  const title =
    plainText(tool.title, 120) ||
    plainText(hints.title, 120) ||
    titleOf(typeof tool.description === 'string' ? tool.description : '') ||
    words.charAt(0).toUpperCase() + words.slice(1);
  const intent = applyHint<McpCall>(
    {
      operation,
      group: backend,
      name: `${backend}.${rest}`,
      version: '1.0.0',
      title,
      description: plainText(tool.description, 500),
      effect,
      sinks: effect === 'read' ? [] : sinksOf(input),
      examples: rpcUtterances(title, words, input),
      input,
      output,
      call,
    },
    { raw: undefined, place, at: place, note, names },
  );
  return { intent, place, inputRefs, outputRefs };
};

/** Whether arguments are taken that are not described: only where it is said, since a tool without any is described so too. */
const opens = (schema: unknown): boolean =>
  isObject(schema) && schema.additionalProperties !== undefined && schema.additionalProperties !== false;

/** By the specification a tool that says nothing may destroy: readOnlyHint is false by default, destructiveHint is true. */
const effectOf = ({ readOnlyHint, destructiveHint }: Record<string, unknown>): Effect =>
  readOnlyHint === true ? 'read' : destructiveHint === false ? 'write' : 'destructive';

/** Names that cannot stand as slots are given others, and said in the call. */
const inputOf = (
  schema: JsonSchema,
  call: McpCall,
  { place, open }: { place: string; open: boolean },
): { readonly input: JsonSchema; readonly call: McpCall } => {
  const { type = 'object', properties = {}, required = [], $schema: _dialect, ...rest } = schema;
  if (type !== 'object' || rest.$ref !== undefined)
    throw new Untranslatable(place, 'the arguments of a tool are an object with its members in it');
  const taken = new Set<string>();
  const slots = new Map(Object.keys(properties).map((name) => [name, unique(slotName(name), taken, '_')]));
  const strange = required.find((name) => !slots.has(name));
  if (strange !== undefined) throw new Untranslatable(place, `"${strange}" is required and not described`);
  const renamed = [...slots].some(([name, slot]) => name !== slot);
  // The rest speaks of members by their own names.
  if (
    renamed &&
    Object.keys(rest).some((keyword) => !['title', 'description', 'additionalProperties'].includes(keyword))
  )
    throw new Untranslatable(place, 'names of members cannot stand as they are, and rules speak of them');
  const { title: _title, description: _description, additionalProperties: others = true, ...rules } = rest;
  return {
    input: {
      type: 'object',
      ...(required.length === 0 ? {} : { required: required.map((name) => slots.get(name) as string) }),
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [slots.get(name) as string, member]),
      ),
      ...rules,
      ...(open
        ? { additionalProperties: others }
        : Object.keys(rules).length > 0
          ? { additionalProperties: false }
          : {}),
    },
    call: renamed
      ? {
          ...call,
          arguments: Object.fromEntries([...slots].map(([name, slot]): [string, Json] => [name, `$.${slot}`])),
        }
      : call,
  };
};

/** Puts the place of a schema in front of what refers to a part of it. */
const withPlaces = (value: unknown, place: string, depth: number): unknown => {
  if (depth > 100) throw new Error(`A schema is nested deeper than 100 levels (${place}).`);
  if (Array.isArray(value)) return value.map((item) => withPlaces(item, place, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === '$ref' && typeof inner === 'string' && /^#(\/|$)/.test(inner)
        ? `${place}${inner.slice(1)}`
        : withPlaces(inner, place, depth + 1),
    ]),
  );
};
