import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { authzenFindings } from '../../gateway/authzen-directory.ts';
import { configDocument } from '../../gateway/config-document.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { readSources } from '../../intents/source.ts';
import { loadPolicies } from '../../policies/load.ts';
import { fences } from './fences.ts';

const { setup } = await loadSetup('examples/shop', {});
if (setup === undefined) throw new Error('The shop does not load: see shop-set-up.test.ts.');
const { catalogue } = setup;
const yamlOf = (page: string) =>
  fences(readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8'))
    .filter(({ language }) => language === 'yaml')
    .map(({ text }) => text);
const configOf = (section: string) => {
  const { sources, findings } = readSources('page.md', `api: ostiary/1\n${section}`);
  expect(findings).toEqual([]);
  const [source] = sources;
  if (source === undefined) throw new Error('The section is no YAML.');
  return { config: configDocument.parse(source.value), source, folder: '.' };
};

test('authzen.md: the section loads, and its actions are there in the shop', () => {
  const [section = '', ...others] = yamlOf('authzen');
  expect(others).toEqual([]);
  expect(authzenFindings(configOf(section), catalogue)).toEqual([]);
});

test('an action that is not there, a field that is not there, and an action twice are told with their places', () => {
  const wrong = configOf(`authzen:
  url: https://gateway.example
  callers: [{ subject: { type: service, id: s } }]
  actions:
    - { resource: order, action: view, intent: orders.gte@1 }
    - { resource: order, action: see, intent: orders.get@1, id: order }
    - { resource: order, action: see, intent: orders.get@1 }
`);
  expect(authzenFindings(wrong, catalogue).map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    '6:48 There is no intent "orders.gte@1". Did you mean "orders.get@1"?',
    '7:65 orders.get@1 has no field "order" in its input. Did you mean "order_id"?',
    '8:7 The action "see" on "order" already stands above.',
  ]);
});

test('reputation.md: the rules load in the policy of policies.md, and the section in a configuration', () => {
  const [rules = '', section = '', ...others] = yamlOf('reputation');
  expect(others).toEqual([]);
  expect(configOf(section).config.reputation).toEqual({ enabled: true, canaries: ['customers.erase@1'] });
  const [policy = ''] = yamlOf('policies');
  const { sources, findings } = readSources('page.md', `${policy}\n${rules.replaceAll(/^/gm, '  ')}`);
  const loaded = loadPolicies(sources, catalogue.intents, {
    resolveRef: catalogue.library.resolveRef,
    newId: () => 'decision',
  });
  expect([...findings, ...loaded.findings].filter(({ severity }) => severity === 'error')).toEqual([]);
});
