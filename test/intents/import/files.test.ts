import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Imported } from '../../../intents/import/draft.ts';
import { type SetUp, toFiles } from '../../../intents/import/files.ts';
import { importOpenapi } from '../../../intents/import/openapi.ts';

const ok = { responses: { 200: { description: 'ok' } } };
const small = importOpenapi(
  { openapi: '3.1.0', paths: { '/a': { get: ok, post: ok, delete: ok } }, servers: [{ url: 'https://a.example' }] },
  { backend: 'shop', sourceName: 'shop.json' },
);
const textOf = (imported: Imported, path: string, setUp: SetUp = { tenant: 'acme' }): string =>
  toFiles(imported, setUp).find((file) => file.path === path)?.text ?? '';

/** Does what the comments ask: each commented block in place of the line before it. */
const uncommented = (text: string): string =>
  text.replace(/^(subjects: \{\}|rules: \[\])\n((?:# .*\n?)+)/gm, (_whole, _line, block: string) =>
    block.replace(/^# /gm, ''),
  );

describe('the policy', () => {
  const text = textOf(small, 'policies/deny-all.policy.yaml');

  test('allows nothing, and has a capability per group and effect', () => {
    expect(parse(text)).toEqual({
      api: 'intent-policy/1',
      tenant: 'acme',
      purposes: ['general'],
      subjects: {},
      capabilities: {
        'a.destructive': { effect: 'destructive', intents: ['a.delete-a@1'] },
        'a.read': { effect: 'read', intents: ['a.get-a@1'] },
        'a.write': { effect: 'write', intents: ['a.post-a@1'] },
      },
      rules: [],
    });
  });

  test('is a policy still when the suggestions are taken', () => {
    const { subjects, rules, capabilities } = parse(uncommented(text));
    expect(Object.keys(subjects)).toEqual(['reader', 'editor']);
    expect(rules).toContainEqual({ allow: 'a-read', who: ['reader', 'editor'], can: ['a.read'], for: ['general'] });
    expect(rules).toContainEqual({
      allow: 'a-write',
      who: ['editor'],
      can: ['a.write'],
      for: ['general'],
      obligations: [{ confirm: { by: 'self', ttl: '300s' } }],
    });
    expect(rules.flatMap(({ can }: { can: string[] }) => can).toSorted()).toEqual(Object.keys(capabilities));
  });
});

describe('the configuration', () => {
  test('takes the address it is given before that of the document', () => {
    const given = textOf(small, 'ostiary.yaml', { tenant: 'acme', baseUrl: 'http://127.0.0.1:4000' } as {
      tenant: string;
    });
    expect(parse(given).backends).toEqual({ shop: { kind: 'rest', url: 'http://127.0.0.1:4000', timeout: '10s' } });
    expect(parse(textOf(small, 'ostiary.yaml')).backends.shop.url).toBe('https://a.example');
  });

  test.each([
    ['none', {}, 'authorization', 'Bearer '],
    ['basic', { a: { type: 'http', scheme: 'Basic' } }, 'authorization', 'Basic '],
    ['OAuth', { a: { type: 'oauth2' } }, 'authorization', 'Bearer '],
    ['a key in a header', { a: { type: 'apiKey', in: 'header', name: 'X-Key' } }, 'x-key', ''],
    [
      'a key in a header that is none',
      { a: { type: 'apiKey', in: 'header', name: 'a: b\nc' } },
      'authorization',
      'Bearer ',
    ],
    ['nonsense', [], 'authorization', 'Bearer '],
  ])('shows how a credential is sent: %s', (_name, securitySchemes, header, scheme) => {
    const imported = importOpenapi(
      { openapi: '3.0.0', paths: {}, components: { securitySchemes } },
      { backend: 'shop', sourceName: 'shop.json' },
    );
    expect(textOf(imported, 'ostiary.yaml')).toContain(
      `    # headers:\n    #   ${header}: "${scheme}\${SHOP_TOKEN:-}"\n`,
    );
  });
});

test('large files are split under what the loader takes', () => {
  const long = { description: 'x'.repeat(400_000) };
  const intent = small.intents[0] as Imported['intents'][number];
  const large: Imported = {
    ...small,
    intents: Array.from({ length: 20 }, (_, index) => ({ ...intent, name: `a.get-${index}`, output: long })),
    schemas: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`s${index}`, long])),
  };
  const files = toFiles(large, { tenant: 'acme' });
  for (const { text } of files) expect(text.length).toBeLessThan(3_500_000);
  const config = files.find(({ path }) => path === 'ostiary.yaml')?.text ?? '';
  expect(parse(config).schemas).toEqual(['./schemas-1.json', './schemas-2.json', './schemas-3.json']);
  expect(files.map(({ path }) => path).filter((path) => path.startsWith('intents/'))).toEqual([
    'intents/a.yaml',
    'intents/a-part.yaml',
    'intents/a-part-2.yaml',
  ]);
});

test('words of the document are no markup in the report', () => {
  const imported = importOpenapi(
    { openapi: '3.0.0', paths: { '/a`\n# b': { get: ok }, '/<script>': 7 } },
    { backend: 'shop', sourceName: '<b>[x](javascript:y)' },
  );
  const report = textOf(imported, 'IMPORT.md');
  expect(report).toContain('# Import of \\<b\\>\\[x\\](javascript:y)');
  expect(report).toContain('- `GET /a # b`: the path has a character that cannot stand in a path as it is');
});
