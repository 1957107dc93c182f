import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { toFiles } from '../../../intents/import/files.ts';
import { importOpenapi } from '../../../intents/import/openapi.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

const here = import.meta.dirname;

describe.each(['rules-3.0', 'rules-3.1'])('%s', (name) => {
  const document = parse(readFileSync(join(here, 'documents', `${name}.yaml`), 'utf8'));
  const imported = importOpenapi(document, { backend: 'pets', sourceName: `${name}.yaml` });
  const files = toFiles(imported, { tenant: 'acme' });
  const golden = join(here, 'golden', name);

  test('every file is as it was reviewed', () => {
    if (process.env.UPDATE_GOLDEN === '1') {
      rmSync(golden, { recursive: true, force: true });
      for (const { path, text } of files) {
        mkdirSync(dirname(join(golden, path)), { recursive: true });
        writeFileSync(join(golden, path), text);
      }
    }
    const reviewed = readdirSync(golden, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ path }) => path).toSorted()).toEqual(
      reviewed.map((entry) => join(entry.parentPath, entry.name).slice(golden.length + 1)).toSorted(),
    );
    for (const { path, text } of files) expect(text, path).toBe(readFileSync(join(golden, path), 'utf8'));
  });

  test('the loader finds nothing wrong with it', () => {
    const read = files
      .filter(({ path }) => path.startsWith('intents/') || path.startsWith('schemas'))
      .map(({ path, text }) => readSources(path, text));
    expect(read.flatMap(({ findings }) => findings)).toEqual([]);
    const { catalogue, findings } = loadCatalogue(read.flatMap(({ sources }) => sources));
    expect(findings).toEqual([]);
    expect(catalogue.intents).toHaveLength(imported.intents.length);
    for (const { input, output } of catalogue.intents) {
      catalogue.library.validator(input);
      if (output !== undefined) catalogue.library.validator(output);
    }
  });

  test('the same document gives the same files', () => {
    expect(
      toFiles(importOpenapi(document, { backend: 'pets', sourceName: `${name}.yaml` }), { tenant: 'acme' }),
    ).toEqual(files);
  });
});
