import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../gateway/config.ts';
import { loadSetup } from '../../gateway/setup.ts';
import type { Finding } from '../../intents/findings.ts';
import { loadCatalogue } from '../../intents/load.ts';
import { readSources } from '../../intents/source.ts';
import { runPolicyCases } from '../../policies/cases.ts';
import { loadPolicies } from '../../policies/load.ts';
import { type Fence, fences } from './fences.ts';

/** The YAML of a page, by what its first key says it is. */
const yamlOf = (page: string): { kind: string; fence: Fence }[] =>
  fences(readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8'))
    .filter(({ language }) => language === 'yaml')
    .map((fence) => ({ kind: /^(?:- )?(\w+): ?/m.exec(fence.text)?.[1] ?? '', fence }));

const textsOf = (page: string, ...kinds: string[]): string[] =>
  yamlOf(page).flatMap(({ kind, fence }) => (kinds.includes(kind) ? [fence.text] : []));

const errorsAmong = (findings: readonly Finding[]) =>
  findings.filter(({ severity }) => severity === 'error').map(({ line, message }) => `${line}: ${message}`);

const { setup } = await loadSetup('examples/shop', {});
if (setup === undefined) throw new Error('The shop does not load: see shop-set-up.test.ts.');
const { catalogue } = setup;
const load = (policy: string) => {
  const read = readSources('policies.md', policy);
  const { bundle, findings } = loadPolicies(read.sources, catalogue.intents, {
    resolveRef: catalogue.library.resolveRef,
    newId: () => 'decision',
  });
  return { bundle, errors: errorsAmong([...read.findings, ...findings]) };
};
const [policy = ''] = textsOf('policies', 'api');

test('intents.md: the contract and the ontology load together', () => {
  const shown = textsOf('intents', 'intent', 'ontology');
  expect(shown).toHaveLength(2);
  const undo =
    'intent: orders.cancel-refund\nversion: 1.0.0\ntitle: Undo\neffect: write\nsinks: []\ninput: { type: object }\ncall: { backend: orders, rest: POST / }';
  const read = [...shown, undo].map((text) => readSources('intents.md', text));
  const { catalogue: loaded, findings } = loadCatalogue(read.flatMap(({ sources }) => sources));
  expect(errorsAmong([...read.flatMap((one) => one.findings), ...findings])).toEqual([]);
  expect(loaded.intents.map(({ id }) => id)).toContain('orders.refund@2');
});

test('configuration.md: the file loads', () => {
  const [text = '', ...others] = textsOf('configuration', 'api');
  expect(others).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const hash = createHash('sha256').update('a key').digest('hex');
  writeFileSync(join(folder, 'ostiary.yaml'), text.replace('sha256:…', `sha256:${hash}`));
  expect(errorsAmong(loadConfig(folder, { ORDERS_TOKEN: 'secret' }).findings)).toEqual([]);
});

test('policies.md: the policy loads against the shop', () => expect(load(policy).errors).toEqual([]));

test.each(yamlOf('policies').filter(({ kind }) => ['allow', 'deny', 'require', 'reveal'].includes(kind)))(
  'policies.md line $fence.line: these rules load in that policy',
  ({ fence }) => {
    const rules = fence.text.replaceAll(/^/gm, '  ');
    expect(load(`${policy.slice(0, policy.indexOf('\nrules:'))}\nrules:\n${rules}\n`).errors).toEqual([]);
  },
);

test('policies.md: the cases are decided as they say', () => {
  const [text = ''] = textsOf('policies', 'suite');
  const { sources } = readSources('cases', text);
  const { bundle } = load(policy);
  if (sources[0] === undefined || bundle === undefined) throw new Error('The page does not load.');
  const { results, findings } = runPolicyCases(sources[0], bundle, catalogue.intents);
  expect(errorsAmong(findings)).toEqual([]);
  expect(results).toHaveLength(4);
  for (const { name, difference } of results) expect(difference, name).toBeUndefined();
});

test('every block of YAML on these pages is one of those', () => {
  const kinds = ['intents', 'configuration', 'policies'].flatMap((page) => yamlOf(page).map(({ kind }) => kind));
  const tried = ['api', 'intent', 'ontology', 'suite', 'allow', 'deny', 'require', 'reveal'];
  expect(kinds.filter((kind) => !tried.includes(kind))).toEqual([]);
});
