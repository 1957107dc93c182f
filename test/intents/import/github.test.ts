import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import ajvModule from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { toFiles } from '../../../intents/import/files.ts';
import { importOpenapi } from '../../../intents/import/openapi.ts';
import type { JsonSchema } from '../../../intents/json.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

const file = join(createRequire(import.meta.url).resolve('@octokit/openapi'), '../generated/api.github.com.json');
const document = JSON.parse(readFileSync(file, 'utf8'));
const imported = importOpenapi(document, { backend: 'github', sourceName: 'api.github.com.json' });
const files = toFiles(imported, { tenant: 'default' });
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

const referencesIn = (schema: unknown): string[] =>
  [...JSON.stringify(schema ?? {}).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference = '']) => reference);

test('every operation is an intent or skipped with its reason', () => {
  const operations = Object.values(document.paths as Record<string, object>).flatMap((item) =>
    Object.keys(item).filter((key) => methods.includes(key)),
  );
  expect(operations.length).toBeGreaterThan(1_000);
  expect(imported.intents.length + imported.skipped.length).toBe(operations.length);
  expect(imported.intents.length).toBeGreaterThan(operations.length * 0.98);
  for (const { reason } of imported.skipped) expect(reason).toMatch(/\(#\/.+\)$/);
});

test('names are unique and well-formed', () => {
  const names = imported.intents.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/);
  expect(names).toContain('issues.create');
});

test('every reference resolves, and every shared schema is reached', () => {
  const reached = new Set<string>();
  const waiting = imported.intents.flatMap(({ input, output }) => [...referencesIn(input), ...referencesIn(output)]);
  for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
    const name = reference.replace(/^schema:/, '');
    if (reached.has(name)) continue;
    reached.add(name);
    expect(Object.hasOwn(imported.schemas, name), reference).toBe(true);
    waiting.push(...referencesIn(imported.schemas[name]));
  }
  expect([...reached].toSorted()).toEqual(Object.keys(imported.schemas).toSorted());
});

test('every slot of a path is a required property, and every template reads one', () => {
  for (const { name, input, call } of imported.intents) {
    for (const [, slot = ''] of call.rest.matchAll(/\{([^{}]*)\}/g)) {
      expect(input.required, name).toContain(slot);
      expect(Object.keys(input.properties ?? {}), name).toContain(slot);
    }
    for (const [, slot = ''] of JSON.stringify([call.query, call.headers, call.body]).matchAll(/"\$\.([^"]*)"/g))
      expect(Object.keys(input.properties ?? {}), name).toContain(slot);
  }
});

test('every schema is JSON Schema 2020-12', () => {
  const ajv = new ajvModule.default({ strict: false, validateFormats: false });
  const wrong = (schema: JsonSchema | undefined) => schema !== undefined && ajv.validateSchema(schema) !== true;
  expect(imported.intents.filter(({ input, output }) => wrong(input) || wrong(output)).map(({ name }) => name)).toEqual(
    [],
  );
  expect(Object.keys(imported.schemas).filter((name) => wrong(imported.schemas[name]))).toEqual([]);
});

test('three different examples each', () => {
  for (const { name, examples } of imported.intents) expect(new Set(examples).size, name).toBe(3);
});

test('what reads is GET or HEAD, and what deletes is destructive with sinks', () => {
  for (const { name, call, effect, sinks, input } of imported.intents) {
    const method = call.rest.split(' ')[0] ?? '';
    expect(effect, name).toBe({ GET: 'read', HEAD: 'read', DELETE: 'destructive' }[method] ?? 'write');
    expect(sinks, name).toEqual(effect === 'read' ? [] : (input.required ?? []).map((slot) => `/${slot}`));
  }
});

test('the loader finds nothing wrong with the files', () => {
  const read = files
    .filter(({ path }) => path.startsWith('intents/') || path.startsWith('schemas'))
    .map(({ path, text }) => readSources(path, text));
  expect(read.flatMap(({ findings }) => findings)).toEqual([]);
  const { catalogue, findings } = loadCatalogue(read.flatMap(({ sources }) => sources));
  expect(findings).toEqual([]);
  expect(catalogue.intents).toHaveLength(imported.intents.length);
  for (const { input } of catalogue.intents) catalogue.library.validator(input);
});

test('it takes under 5 s and 500 MB, from the bytes to the files', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { toFiles } from './intents/import/files.ts';
    import { importOpenapi } from './intents/import/openapi.ts';
    const started = performance.now();
    const document = JSON.parse(readFileSync(${JSON.stringify(file)}, 'utf8'));
    toFiles(importOpenapi(document, { backend: 'github', sourceName: 'github' }), { tenant: 'default' });
    console.log(JSON.stringify({ ms: performance.now() - started, kilobytes: process.resourceUsage().maxRSS }));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: join(import.meta.dirname, '../../..'),
    encoding: 'utf8',
  });
  const { ms, kilobytes } = JSON.parse(printed);
  expect(ms).toBeLessThan(5_000);
  expect(kilobytes).toBeLessThan(500_000);
});
