import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { generated } from '../../docs/generate.ts';
import { readSources } from '../../intents/source.ts';
import { fences } from './fences.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const docs = join(root, 'docs');

describe('"npm run generate" has nothing to change', () => {
  test.each([...generated()].map(([path, text]) => ({ path, text })))('docs/$path', ({ path, text }) =>
    expect(readFileSync(join(docs, path), 'utf8')).toBe(text),
  );

  test('and no schema is left from before', () => {
    const made = [...generated().keys()].filter((path) => path.startsWith('schemas/'));
    expect(readdirSync(join(docs, 'schemas')).map((name) => `schemas/${name}`)).toEqual(made.sort());
  });
});

/** Every file that names its schema for editors, with that schema. */
const files = globSync(['examples/**/*.yaml', 'bench/**/*.yaml'], { cwd: root })
  .sort()
  .map((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const hint = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? '';
    return { file, text, schema: join(dirname(join(root, file)), hint), hint };
  });
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

describe('every file of the examples and benches names a schema that is there, and fits it', () => {
  test('there are some of every kind', () => expect(files.length).toBeGreaterThanOrEqual(10));

  test.each(files)('$file', ({ file, text, schema, hint }) => {
    expect(hint, 'the comment for editors').not.toBe('');
    expect(dirname(schema)).toBe(join(docs, 'schemas'));
    const validate = ajv.compile<unknown>({ ...JSON.parse(readFileSync(schema, 'utf8')), $id: file });
    const { sources, findings } = readSources(file, text);
    expect(findings).toEqual([]);
    for (const { value } of sources) expect(validate(value), ajv.errorsText(validate.errors)).toBe(true);
  });
});

test.each([
  'README.md',
  'CONTRIBUTING.md',
  'examples/shop/README.md',
  'bench/README.md',
  ...globSync('docs/**/*.md', { cwd: root }),
])('every link of %s leads somewhere', (page) => {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  for (const link of links.filter((one) => !/^[a-z]+:/.test(one))) {
    const [path = '', heading] = link.split('#');
    const target = path === '' ? join(root, page) : join(dirname(join(root, page)), path);
    expect(existsSync(target), `${page} links to ${link}`).toBe(true);
    if (heading !== undefined) expect(anchors(target), `${page} links to ${link}`).toContain(heading);
  }
});

/** The names that headings of a page are linked by. */
const anchors = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('README.md', () => {
  const commands = fences(readFileSync(join(root, 'README.md'), 'utf8'))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'));
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };

  test('opens with one command that starts the demo, and one that runs every test', () => {
    expect(commands).toContain('npm ci && npm run demo');
    expect(commands).toContain('npm ci && npm test');
    expect(scripts.demo).toBe('node gateway/cli/main.ts demo');
    expect(scripts.test).toMatch(/vitest run$/);
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toMatch(/^npm ci.*\nnpm test$/m);
  });

  test('calls no command that is not there', () => {
    const called = commands.flatMap((line) => /npx ostiary (\w+)/.exec(line)?.[1] ?? []);
    expect(called).toEqual(expect.arrayContaining(['ask', 'init', 'check', 'key', 'serve']));
    for (const name of called) expect(existsSync(join(root, `gateway/cli/${name}.ts`)), name).toBe(true);
  });
});
