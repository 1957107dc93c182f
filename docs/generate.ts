// Writes what is generated from the code: a JSON Schema per file kind, and docs/problems.md. `--check` writes nothing
// and fails on a difference.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configDocument } from '../gateway/config-document.ts';
import { intentDocument, ontologyDocument, schemasDocument } from '../intents/contract-document.ts';
import { problems } from '../intents/problems.ts';
import { utterancesDocument } from '../intents/utterances.ts';
import { policyCasesDocument } from '../policies/cases-document.ts';
import { policyDocument } from '../policies/document.ts';

const kinds: Readonly<Record<string, { title: string; schema: z.ZodType }>> = {
  config: { title: 'ostiary.yaml', schema: configDocument },
  intent: { title: 'An intent', schema: intentDocument },
  ontology: { title: 'An ontology', schema: ontologyDocument },
  schemas: { title: 'Shared JSON Schemas', schema: schemasDocument },
  policy: { title: 'A policy file, intent-policy/1', schema: policyDocument },
  'policy-cases': { title: 'Cases of a policy test', schema: policyCasesDocument },
  utterances: { title: 'Utterances with what they mean', schema: utterancesDocument },
};

/** In the config any string, though no key, may be read from the environment: what it is then, no editor can know. */
const orEnvironment: z.core.ToJSONSchemaParams['override'] = ({ jsonSchema, path }) => {
  const { type, pattern, format } = jsonSchema;
  const named = path.at(-1) === 'propertyNames';
  if (named || type !== 'string' || (pattern === undefined && format === undefined)) return;
  delete jsonSchema.pattern;
  delete jsonSchema.format;
  jsonSchema.anyOf = [
    { ...(pattern === undefined ? {} : { pattern }), ...(format === undefined ? {} : { format }) },
    { pattern: '\\$\\{[A-Za-z_]\\w*(:-[^}]*)?\\}' },
  ];
};

/** Every generated file by its path below docs/. */
export const generated = (): Map<string, string> => {
  const files = new Map<string, string>();
  for (const [kind, { title, schema }] of Object.entries(kinds)) {
    const override = kind === 'config' ? orEnvironment : () => {};
    const json = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12', unrepresentable: 'any', override });
    files.set(`schemas/${kind}.schema.json`, `${JSON.stringify({ ...json, title }, null, 2)}\n`);
  }
  const rows = Object.entries(problems).map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`);
  files.set(
    'problems.md',
    `# Problems\n\nEvery failure is an RFC 9457 problem document (\`application/problem+json\`) with these members: \`type\`, \`title\`, \`status\`, \`detail\`, \`instance\` (the request, as it stands in the audit log) and \`code\`. Programs match on \`code\`: it never changes its meaning. \`errors\`, where it is there, lists the fields at fault, each with a JSON \`pointer\` into the input and a \`detail\`.\n\n| code | status | title |\n|---|---|---|\n${rows.join('\n')}\n`,
  );
  return files;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  for (const [path, text] of generated()) {
    const file = new URL(path, import.meta.url);
    if (check) {
      if (readFileSync(file, 'utf8') !== text) {
        process.stderr.write(`docs/${path} is not what the code says; run "npm run generate".\n`);
        process.exitCode = 1;
      }
    } else {
      mkdirSync(dirname(fileURLToPath(file)), { recursive: true });
      writeFileSync(file, text);
    }
  }
}
