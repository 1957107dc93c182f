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
  const schemaFiles = schemaFilesOf(imported, 'schemas');
  const intentFiles = intentFilesOf(imported, 'intents', '..');
  const schemas = schemaFiles.map(({ path }) => `./${path}`);
  const url = baseUrl ?? imported.servers[0];
  return [
    { path: 'ostiary.yaml', text: hint('config', '.') + configText(imported, { tenant, url, schemas }) },
    { path: 'policies/deny-all.policy.yaml', text: hint('policy', '..') + denyAllText(imported.intents, tenant) },
    ...intentFiles,
    ...schemaFiles,
    { path: 'IMPORT.md', text: reportText(imported) },
  ];
};

/**
 * Writes an import as files that stand beside those of a set-up: intents in a folder named after the backend, its schemas,
 * a policy that allows nothing more, and a report.
 * @param purposes that policies of the set-up declare
 */
export const besideFiles = (
  imported: Imported,
  { tenant, purposes }: { readonly tenant: string; readonly purposes: readonly string[] },
): { path: string; text: string }[] => {
  const { backend } = imported;
  return [
    {
      path: `policies/${backend}.policy.yaml`,
      text: hint('policy', '..') + denyAllText(imported.intents, tenant, { prefix: `${backend}.`, purposes }),
    },
    ...intentFilesOf(imported, `intents/${backend}`, '../..'),
    ...schemaFilesOf(imported, `schemas-${backend}`),
    { path: `IMPORT-${backend}.md`, text: reportText(imported, backend) },
  ];
};

/** @param from the folder of the file, to that of the set-up */
const hint = (kind: string, from: string) =>
  `# yaml-language-server: $schema=${from}/${editorSchemas}/${kind}.schema.json\n`;

const schemaFilesOf = ({ schemas }: Imported, name: string): { path: string; text: string }[] =>
  chunks(
    Object.entries(schemas).map(([key, schema]) => `${JSON.stringify(key)}: ${schemaJson(schema)}`),
    ',\n',
  ).map((chunk, index, all) => ({
    path: all.length === 1 ? `${name}.json` : `${name}-${index + 1}.json`,
    text: `{ "schemas": {\n${chunk}\n} }\n`,
  }));

const intentFilesOf = (imported: Imported, folder: string, home: string): { path: string; text: string }[] => {
  const groups = Map.groupBy(imported.intents, ({ group }) => group);
  const taken = new Set(groups.keys());
  return [...groups].flatMap(([group, intents]) =>
    chunks(intents.toSorted(byName).map(intentText), '---\n').map((chunk, index) => ({
      path: `${folder}/${index === 0 ? group : unique(`${group}-part`, taken)}.yaml`,
      text: `${hint('intent', home)}${chunk}`,
    })),
  );
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
