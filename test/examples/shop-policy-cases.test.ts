import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadSetup } from '../../gateway/setup.ts';
import { readSources } from '../../intents/source.ts';
import { runPolicyCases } from '../../policies/cases.ts';

const folder = 'examples/shop';
const file = `${folder}/policy-cases.yaml`;
const { setup } = await loadSetup(folder, {});
const { sources } = readSources(file, readFileSync(file, 'utf8'));
const [source] = sources;
if (setup === undefined || source === undefined) throw new Error('The shop does not load: see shop-set-up.test.ts.');
const { results, findings } = runPolicyCases(source, setup.bundle, setup.catalogue.intents);

test('the file is well-formed and has the cases it should', () => {
  expect(findings).toEqual([]);
  expect(results.length).toBeGreaterThanOrEqual(40);
});

test.each(results)('$name ($place)', ({ difference }) => expect(difference).toBeUndefined());

test('every rule of the policy is fired by some case', () => {
  const fired = new Set(results.flatMap(({ decision }) => Object.values(decision?.rules ?? {}).flat()));
  const written = readFileSync(`${folder}/policies/shop.policy.yaml`, 'utf8');
  const rules = [...written.matchAll(/^ {2}- \{? ?(?:allow|deny|require): ([a-z0-9-]+)/gm)].map(([, id]) => id);
  expect(rules.filter((id) => !fired.has(id ?? ''))).toEqual([]);
});
