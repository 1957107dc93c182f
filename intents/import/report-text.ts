import type { Imported, Reach } from './draft.ts';

/** Writes what an import made, left out and changed, for the person who reviews it. @param policy name of its file */
export const reportText = (
  { sourceName, backend, reach, intents, schemas, skipped, lossy, servers }: Imported,
  policy = 'deny-all',
): string => {
  const count = (effect: string) => intents.filter((intent) => intent.effect === effect).length;
  return `# Import of ${plain(sourceName)}

| | |
|---|---|
| operations | ${intents.length + skipped.length} |
| intents | ${intents.length}: ${count('read')} read, ${count('write')} write, ${count('destructive')} destructive |
| skipped | ${skipped.length} |
| translated with a difference | ${lossy.length} |
| shared schemas | ${Object.keys(schemas).length} |
| backend | ${backend}: ${addressOf(reach, servers)} |

Nothing can be called yet: \`policies/${policy}.policy.yaml\` allows nothing, and has suggestions.
Read the effects before you allow anything: ${effects[reach.kind]}

## Taken the same way everywhere
- An input takes only the members that are listed; the backend's defaults are told in the descriptions, and not sent.
${rules[reach.kind]}- The examples are made of the operation's own words. Better ones make better answers.
${silent[reach.kind]}
## Skipped
${list(skipped.map(({ operation, reason }) => `${code(operation)}: ${plain(reason)}`))}
## Translated with a difference
${list(lossy.map(({ operation, place, reason }) => `${code(operation)}: ${plain(reason)} at ${code(place)}`))}`;
};

const effects: Readonly<Record<Reach['kind'], string>> = {
  rest: 'they are read off the method (GET and HEAD read, DELETE is destructive, all others write).',
  graphql: 'a query reads, and a mutation writes, or is destructive where its name begins with a word like delete.',
  grpc: 'they are read off the HTTP rule, else off the first word of the name (Get reads, Delete is destructive); a word that is not known writes.',
  mcp: "they are the server's own word (readOnlyHint, destructiveHint); a tool that says nothing counts as destructive.",
};
const rules: Readonly<Record<Reach['kind'], string>> = {
  rest: '- Input has no `readOnly` members, output no `writeOnly` ones.\n',
  graphql:
    '- An answer is asked for three objects deep and 150 fields wide. Cut the document down to what you need.\n- A value that may be null in the schema may be left out, and cannot be given as null.\n- A mutation with one input object takes its members; `clientMutationId` is not sent.\n',
  grpc: '- Values are ProtoJSON: 64-bit integers are strings, bytes are base64, enumerations are names. Of a oneof one member at most is taken.\n- Input has no `OUTPUT_ONLY` fields.\n- The gateway asks the backend for its descriptors by server reflection.\n',
  mcp: "- A tool's words are its server's. Read them before you allow it.\n",
};
const silent: Readonly<Record<Reach['kind'], string>> = {
  rest: '- `xml`, `externalDocs`, response headers, links, webhooks and `x-…` extensions other than `x-intent` say nothing that an intent can hold.\n',
  graphql: '',
  grpc: '',
  mcp: '',
};

const addressOf = (reach: Reach, servers: readonly string[]): string => {
  if (reach.kind === 'grpc') return plain(reach.address ?? 'the source gives no address');
  if (reach.kind === 'mcp' && reach.command !== undefined) return code(reach.command.join(' '));
  return servers.length === 0 ? 'the document gives no absolute address' : servers.map(plain).join(', ');
};

const list = (lines: readonly string[]): string =>
  lines.length === 0 ? 'None.\n' : `${lines.map((line) => `- ${line}`).join('\n')}\n`;

/** Words of a document that others wrote must not become markup of ours. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|]/g, '\\$&')
    .slice(0, 600);

const code = (text: string): string => `\`${text.replace(/[\s`]+/g, ' ').slice(0, 400)}\``;
