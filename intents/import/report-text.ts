import type { Imported } from './draft.ts';

/** Writes what an import made, left out and changed, for the person who reviews it. */
export const reportText = ({ sourceName, backend, intents, schemas, skipped, lossy, servers }: Imported): string => {
  const count = (effect: string) => intents.filter((intent) => intent.effect === effect).length;
  return `# Import of ${plain(sourceName)}

| | |
|---|---|
| operations | ${intents.length + skipped.length} |
| intents | ${intents.length}: ${count('read')} read, ${count('write')} write, ${count('destructive')} destructive |
| skipped | ${skipped.length} |
| translated with a difference | ${lossy.length} |
| shared schemas | ${Object.keys(schemas).length} |
| backend | ${backend}: ${servers.length === 0 ? 'the document gives no absolute address' : servers.map(plain).join(', ')} |

Nothing can be called yet: \`policies/deny-all.policy.yaml\` allows nothing, and has suggestions.
Read the effects before you allow anything: they are read off the method (GET and HEAD read, DELETE is destructive, all others write).

## Taken the same way everywhere
- An input takes only the members that are listed; the backend's defaults are told in the descriptions, and not sent.
- Input has no \`readOnly\` members, output no \`writeOnly\` ones.
- The examples are made of the operation's own words. Better ones make better answers.
- \`xml\`, \`externalDocs\`, response headers, links, webhooks and \`x-…\` extensions say nothing that an intent can hold.

## Skipped
${list(skipped.map(({ operation, reason }) => `${code(operation)}: ${plain(reason)}`))}
## Translated with a difference
${list(lossy.map(({ operation, place, reason }) => `${code(operation)}: ${plain(reason)} at ${code(place)}`))}`;
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
