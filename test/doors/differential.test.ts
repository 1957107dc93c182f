import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Input } from '../../intents/json.ts';
import { utterancesDocument } from '../../intents/utterances.ts';
import { differences, entryAlike } from './alike.ts';
import { graphqlWay } from './graphql-way.ts';
import { openGrpcWay, typedGrpcWay } from './grpc-way.ts';
import { mcpWay } from './mcp-way.ts';
import { type Call, randomCalls } from './random-calls.ts';
import { httpWay, type Way, type Went } from './ways.ts';
import { startWorld, type World } from './world.ts';

// One gateway with backends of its own behind each door, and the same calls through all of them, one after the other: so
// writes can be compared as well, and what they leave behind. What one door answers and records, every other must too.

/** OSTIARY_DOORS=5000 for the long mode. */
const runs = Number(process.env.OSTIARY_DOORS ?? 150);

interface Door {
  readonly way: Way;
  readonly world: World;
  /** Its format has no null and no empty list, or no type for what is masked. */
  readonly lacks: boolean;
}
const doors: Door[] = [];
const counts = new Map<string, { went: number; unread: number; cannot: number }>();

beforeAll(async () => {
  const ways: [(world: World) => Way, boolean][] = [
    [({ url }) => httpWay(url), false],
    [({ url }) => mcpWay(url), false],
    [({ grpc }) => openGrpcWay(grpc), false],
    [({ grpc, catalogue }) => typedGrpcWay(grpc, catalogue), true],
    [({ url, catalogue }) => graphqlWay(url, catalogue), true],
  ];
  for (const [make, lacks] of ways) {
    const world = await startWorld();
    doors.push({ world, way: make(world), lacks });
  }
}, 120_000);
afterAll(async () => {
  for (const { way, world } of doors) {
    await way.close();
    await world.stop();
  }
});

/** The call through every door; throws where one of them makes something else of it. */
const throughAll = async (call: Call): Promise<Went> => {
  const [http, ...others] = doors;
  if (http === undefined) throw new Error('there are no doors');
  const said = await http.way.go(call);
  if (said === undefined) throw new Error('HTTP has words for every call');
  const recorded = await http.world.entries(said.requests);
  const same = async ({ way, world, lacks }: Door): Promise<void> => {
    const count = counts.get(way.name) ?? { went: 0, unread: 0, cannot: 0 };
    counts.set(way.name, count);
    const calls = world.deskCalls();
    const went = await way.go(call);
    const here = `${way.name}: ${JSON.stringify(call)}: ${JSON.stringify([said.told, went?.told])}`;
    if (went === undefined) {
      count.cannot++;
      // What was not said here was not done here; so it must be done by another way, or the worlds part.
      return catchUp(world, call);
    }
    const entries = await world.entries(went.requests);
    if (went.unread !== undefined) {
      count.unread++;
      const [only] = said.told;
      const codes = went.unread === 'value' ? ['input.invalid', 'intent.unknown'] : ['intent.unknown'];
      expect([...codes, 'purpose.not_allowed'], here).toContain(only?.kind === 'problem' && only.problem.code);
      expect(entries, here).toMatchObject([{ kind: 'outcome', asked: 'unreadable', outcome: 'failed' }]);
      expect(world.deskCalls(), here).toBe(calls);
      return catchUp(world, call);
    }
    count.went++;
    expect(
      went.told.map(({ kind }) => kind),
      here,
    ).toEqual(said.told.map(({ kind }) => kind));
    for (const [index, told] of went.told.entries()) {
      const there = said.told[index];
      if (told.kind === 'output' && there?.kind === 'output')
        expect(differences(there.output, told.output, lacks), here).toEqual([]);
      else expect(told, here).toEqual(there);
    }
    expect(entryAlike(entries), here).toEqual(entryAlike(recorded));
  };
  await Promise.all(others.map(same));
  return said;
};

/** Does over HTTP what another door has no words for. */
const catchUp = async (world: World, call: Call): Promise<void> => {
  const went = await httpWay(world.url).go(call);
  await world.entries(went?.requests ?? []);
};

test('what people say to the shop, as the calls that it stands for, is the same through every door', async () => {
  const { cases } = utterancesDocument.parse(parse(readFileSync('examples/shop/utterances.yaml', 'utf8')));
  const ends = new Map<string, Set<string>>();
  const asked = new Set<string>();
  for (const { intent, input = {}, as = 'support' } of cases) {
    if (intent === null || intent === undefined) continue;
    // By the others as well, once for each intent.
    const keys = asked.has(intent) ? [as] : ['auditor', 'shopper-bot', 'support'];
    asked.add(intent);
    for (const key of keys) {
      const call = { key: `demo-${key}`, intent, purpose: undefined, input: input as Input, yes: true };
      const end = (await throughAll(call)).told.at(-1)?.kind ?? '';
      ends.set(intent, (ends.get(intent) ?? new Set()).add(end));
    }
  }
  const { intents } = (doors[0] as Door).world.catalogue;
  const shop = intents.filter(({ name }) => !name.startsWith('desk.'));
  // Erasing a customer wants a purpose that no key of the demo has.
  const never = shop.filter(({ name }) => !ends.get(name)?.has('output')).map(({ name }) => name);
  expect(never).toEqual(['customers.erase']);
}, 300_000);

test(`${runs} calls made of the contracts, right and wrong, end the same through every door`, async () => {
  const { catalogue } = (doors[0] as Door).world;
  counts.clear();
  const more = ['desk.file@1', 'desk.file@2', 'desk.look', 'desk.file', 'desk.nothing'];
  await fc.assert(
    fc.asyncProperty(randomCalls(catalogue, more), async (call) => {
      await throughAll(call);
    }),
    { numRuns: runs, seed: Number(process.env.OSTIARY_SEED ?? 5), endOnFailure: true },
  );
  for (const [name, { went }] of counts) expect([name, went > runs / 3]).toEqual([name, true]);
}, 1_200_000);
