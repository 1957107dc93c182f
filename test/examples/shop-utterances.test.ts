import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { callersOf } from '../../gateway/cli/measure/callers.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { resolverOf } from '../../gateway/wire.ts';
import type { Input } from '../../intents/json.ts';
import type { Resolution } from '../../intents/resolve/types.ts';
import { utterancesDocument } from '../../intents/utterances.ts';
import { compileInput } from '../../intents/validate.ts';

const suite = utterancesDocument.parse(parse(readFileSync('examples/shop/utterances.yaml', 'utf8')));

const { setup } = await loadSetup('examples/shop', {});
if (setup === undefined) throw new Error('The shop does not load: see shop-set-up.test.ts.');
const { catalogue, bundle } = setup;
const { intents, library } = catalogue;
const { resolver } = await resolverOf(setup);
const caller = callersOf(setup.config);

/** What the words come to before any policy decides: a proposal that lacks nothing, a question back, or nothing. */
const understood = (resolution: Resolution): { outcome: string; intent: string | null; input: Input } => {
  if (resolution.kind === 'out-of-scope') return { outcome: 'out_of_scope', intent: null, input: {} };
  if (resolution.kind === 'ask') {
    const { best, candidates } = resolution;
    return { outcome: 'clarify', intent: (best ?? candidates[0])?.intent.name ?? null, input: best?.input ?? {} };
  }
  if (resolution.kind === 'several')
    return { outcome: 'clarify', intent: resolution.candidates[0]?.intent.name ?? null, input: {} };
  const { intent, input } = resolution.proposal;
  const { missing, wrong } = compileInput(intent, library)(input);
  return { outcome: missing.length + wrong.length > 0 ? 'clarify' : 'proposal', intent: intent.name, input };
};

test.each(suite.cases)('$say', async ({ say, as = suite.as, intent, input, outcome }) => {
  const principal = caller(as);
  const resolution = await resolver.resolve(say, {
    now: new Date(suite.now),
    visible: (one) => bundle.visibility(principal, one) !== 'hidden',
    signal: AbortSignal.timeout(5_000),
  });
  const got = understood(resolution);
  if (outcome === 'not_run') {
    expect(got.outcome).not.toBe('proposal');
    return;
  }
  expect(got.outcome).toBe(outcome ?? (intent === null ? 'out_of_scope' : 'proposal'));
  if (intent !== undefined) expect(got.intent).toBe(intent);
  if (input !== undefined) expect(got.input).toEqual(input);
});

test('there are enough cases, for every intent and every caller, and none is an example', () => {
  expect(suite.cases.length).toBeGreaterThanOrEqual(90);
  const meant = new Set(suite.cases.map(({ intent }) => intent));
  expect(intents.map(({ name }) => name).filter((name) => !meant.has(name))).toEqual([]);
  const asked = new Set(suite.cases.map(({ as = suite.as }) => caller(as).credential.id));
  expect(setup.config.credentials.keys.map(({ id }) => id).filter((id) => !asked.has(id))).toEqual([]);
  const examples = new Set(intents.flatMap((one) => one.examples.map(({ text }) => text.toLowerCase())));
  expect(suite.cases.map(({ say }) => say).filter((say) => examples.has(say.toLowerCase()))).toEqual([]);
});
