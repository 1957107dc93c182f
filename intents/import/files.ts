import { configText } from './config-text.ts';
import type { DraftIntent, Imported } from './draft.ts';
import { intentText } from './intent-text.ts';
import { unique } from './naming.ts';
import { denyAllText } from './policy-text.ts';
import { reportText } from './report-text.ts';
import { schemaJson } from './schema-json.ts';

export interface SetUp {
  readonly tenant: string;
  /** Address of the backend; left out, the first server of the document, else an environment variable. */
  readonly baseUrl?: string;
}

/** Below what the loader takes for one file. */
const maxBytes = 3_000_000;

/** Folder of a set-up for the JSON Schemas that editors check with; who writes the files puts them there. */
export const editorSchemas = '.schemas';

/**
 * Writes an import as the files of a set-up that starts: intents by group, shared schemas, a policy that denies everything,
 * a configuration and a report.
 * @returns paths relative to the folder of the set-up
 */
export const toFiles = (imported: Imported, { tenant, baseUrl }: SetUp): { path: string; text: string }[] => {
  const hint = (kind: string, from = '..') =>
    `# yaml-language-server: $schema=${from}/${editorSchemas}/${kind}.schema.json\n`;
  const schemaFiles = chunks(
    Object.entries(imported.schemas).map(([name, schema]) => `${JSON.stringify(name)}: ${schemaJson(schema)}`),
    ',\n',
  ).map((chunk, index, all) => ({
    path: all.length === 1 ? 'schemas.json' : `schemas-${index + 1}.json`,
    text: `{ "schemas": {\n${chunk}\n} }\n`,
  }));

  const groups = Map.groupBy(imported.intents, ({ group }) => group);
  const taken = new Set(groups.keys());
  const intentFiles = [...groups].flatMap(([group, intents]) =>
    chunks(intents.toSorted(byName).map(intentText), '---\n').map((chunk, index) => ({
      path: `intents/${index === 0 ? group : unique(`${group}-part`, taken)}.yaml`,
      text: `${hint('intent')}${chunk}`,
    })),
  );

  const schemas = schemaFiles.map(({ path }) => `./${path}`);
  const url = baseUrl ?? imported.servers[0];
  return [
    { path: 'ostiary.yaml', text: hint('config', '.') + configText(imported, { tenant, url, schemas }) },
    { path: 'policies/deny-all.policy.yaml', text: hint('policy') + denyAllText(imported.intents, tenant) },
    ...intentFiles,
    ...schemaFiles,
    { path: 'IMPORT.md', text: reportText(imported) },
  ];
};

const chunks = (parts: readonly string[], separator: string): string[] => {
  const found: string[][] = [];
  let bytes = maxBytes;
  for (const part of parts) {
    bytes += Buffer.byteLength(part) + separator.length;
    if (bytes > maxBytes) {
      found.push([]);
      bytes = Buffer.byteLength(part);
    }
    found.at(-1)?.push(part);
  }
  return found.map((chunk) => chunk.join(separator));
};

const byName = (a: DraftIntent, b: DraftIntent): number => (a.name < b.name ? -1 : 1);
