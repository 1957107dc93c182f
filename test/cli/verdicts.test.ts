import { expect, test } from 'vitest';
import { callersOf } from '../../gateway/cli/measure/callers.ts';
import { examplesOf, withExamples } from '../../gateway/cli/measure/catalogue-tiers.ts';
import type { UtteranceCase } from '../../gateway/cli/measure/utterance-cases.ts';
import { judgeVerdicts } from '../../gateway/cli/measure/verdicts.ts';
import { loadSetup } from '../../gateway/setup.ts';
import type { Input } from '../../intents/json.ts';
import type { Resolver } from '../../intents/resolve/resolve.ts';
import type { Resolution } from '../../intents/resolve/types.ts';

const { setup } = await loadSetup('examples/shop', {});
if (setup === undefined) throw new Error('The shop does not load: see shop-set-up.test.ts.');
const { catalogue, config } = setup;

const proposal = (name: string, input: Input): Resolution => {
  const intent = catalogue.find(name);
  if (intent === undefined) throw new Error(`There is no ${name}.`);
  const found = { intent, input, confidence: 0.9, margin: 0.5, tier: 'builtin', slots: [] } as const;
  return { kind: 'proposal', proposal: found, candidates: [], notes: [], trail: [] };
};
const outOfScope: Resolution = { kind: 'out-of-scope', candidates: [], notes: [], trail: [] };

const judged = async (wanted: Omit<UtteranceCase, 'say' | 'as' | 'now'>, resolution: Resolution) => {
  const resolver = { resolve: async () => resolution } as unknown as Resolver;
  const one: UtteranceCase = { say: 'x', as: 'dana', now: new Date(0), ...wanted };
  const { figures } = await judgeVerdicts([one], {
    resolver,
    library: catalogue.library,
    visible: () => () => true,
    tenant: 'shop',
    micros: () => 0,
    done() {},
  });
  return [figures.resolver_accuracy, figures.resolver_wrong_runs];
};

const get = proposal('orders.get', { order_id: 'A-1001' });
test.each([
  { name: 'as it should', wanted: { intent: 'orders.get', input: { order_id: 'A-1001' } }, is: get, gives: [1, 0] },
  { name: 'the wrong value', wanted: { intent: 'orders.get', input: { order_id: 'A-1002' } }, is: get, gives: [0, 0] },
  { name: 'the wrong intent', wanted: { intent: 'orders.cancel' }, is: get, gives: [0, 1] },
  { name: 'what is out of scope', wanted: { intent: null }, is: get, gives: [0, 1] },
  { name: 'what must not run', wanted: { intent: null, outcome: 'not_run' as const }, is: get, gives: [0, 1] },
  {
    name: 'what must not run, and does not',
    wanted: { intent: null, outcome: 'not_run' as const },
    is: outOfScope,
    gives: [1, 0],
  },
  { name: 'refused though it was meant', wanted: { intent: 'orders.get' }, is: outOfScope, gives: [0, 0] },
  {
    name: 'something missing is a question',
    wanted: { intent: 'orders.get', outcome: 'clarify' as const },
    is: proposal('orders.get', {}),
    gives: [1, 0],
  },
])('$name', async ({ wanted, is, gives }) => expect(await judged(wanted, is)).toEqual(gives));

test('a caller goes by the id of the key, of its subject, or a role', () => {
  const caller = callersOf(config);
  expect(caller('support').id).toBe('dana');
  expect(caller('dana')).toBe(caller('support'));
  expect(() => caller('danna')).toThrow('There is no caller "danna"');
  expect(() => caller('danna')).toThrow('Did you mean "dana"?');
});

test('a catalogue without some of its examples has all the others', () => {
  const all = examplesOf(catalogue);
  const odd = withExamples(catalogue, (place) => place % 2 === 1);
  expect(examplesOf(odd)).toEqual(all.filter((_one, place) => place % 2 === 1));
  expect(odd.intents.map(({ id }) => id)).toEqual(catalogue.intents.map(({ id }) => id));
});
