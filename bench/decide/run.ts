// What does one decision cost, and does it grow with the bundle? Ours beside CASL's own matcher on the same rules, in
// turns in one run. CPU time, because other work on the machine would count in wall time. See bench/README.md.
import { cpus } from 'node:os';
import { createMongoAbility, subject } from '@casl/ability';
import { asks, boundsOf, catalogueOf, compile, desk, policyText, sourceOf } from './policy.ts';

const rounds = 15;
const perRound = 20_000;

/** CPU microseconds of one call, as the median of the rounds and the best of them. */
const timed = (work: (turn: number) => unknown): (() => number) => {
  for (let turn = 0; turn < perRound; turn++) work(turn);
  return () => {
    const before = process.cpuUsage();
    for (let turn = 0; turn < perRound; turn++) work(turn);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / perRound;
  };
};
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** CASL's own conditions, by the same bounds: all it would be asked where it decided alone. */
const caslOf = (rules: number, intents: number, equal: boolean) => {
  const ability = createMongoAbility(
    Array.from({ length: rules }, (_, rule) => {
      const { kind, region, limit } = boundsOf(rule);
      return {
        inverted: kind === 'deny',
        action: `orders.act-${rule % intents}@1`,
        subject: 'Intent',
        conditions: {
          region: equal ? region : { $gte: region, $lte: region },
          amount: { $gt: 0, $lte: limit },
          currency: { $in: ['EUR', 'USD'] },
        },
      };
    }),
    { detectSubjectType: () => 'Intent' },
  );
  return (name: string, input: object) => ability.can(name, subject('Intent', { ...input }) as never);
};

const shapes = [
  { name: '20 rules, 2 intents', rules: 20, intents: 2, atMost: 5 },
  { name: '200 rules, 20 intents', rules: 200, intents: 20, atMost: 5 },
  { name: '2,000 rules, 200 intents', rules: 2_000, intents: 200, atMost: 5 },
  { name: '200 rules on one intent', rules: 200, intents: 1, atMost: 10 },
  { name: 'the same, and no rule asks for equality', rules: 200, intents: 1, atMost: 10, equal: false },
];

const print = (line: string) => process.stdout.write(`${line}\n`);
print(
  `${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}; CPU microseconds a decision, median of ${rounds} rounds (best)`,
);
print('');
print('| bundle | ours | CASL alone | ours / CASL | asked for |');
print('|---|---|---|---|---|');
let missed = 0;
for (const { name, rules, intents, atMost, equal = true } of shapes) {
  const catalogue = catalogueOf(intents);
  const bundle = compile(sourceOf(policyText(rules, intents, equal)), catalogue);
  const casl = caslOf(rules, intents, equal);
  // In turn, every intent that has an allow for its region, and regions that none has.
  const requests = catalogue.flatMap((intent, index) => [
    asks(intent, index % 4 === 3 ? index + intents : index, desk),
    asks(intent, -1, desk),
  ]);
  const at = (turn: number) => requests[turn % requests.length] as (typeof requests)[number];
  const ours = timed((turn) => bundle.decide(at(turn)));
  const theirs = timed((turn) => {
    const { intent, input } = at(turn);
    return casl(intent.id, input);
  });
  const [mine, peer]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    mine.push(ours());
    peer.push(theirs());
  }
  const [own, other] = [median(mine), median(peer)];
  if (own > atMost) missed++;
  print(
    `| ${name} | ${own.toFixed(2)} (${Math.min(...mine).toFixed(2)}) | ${other.toFixed(2)} (${Math.min(...peer).toFixed(2)}) | ${(own / other).toFixed(2)} | ${atMost} |`,
  );
}

const text = policyText(2_000, 200);
const catalogue = catalogueOf(200);
const compiled: number[] = [];
const parsed: number[] = [];
for (let round = 0; round < 7; round++) {
  const begun = process.cpuUsage();
  const source = sourceOf(text);
  const read = process.cpuUsage(begun);
  const between = process.cpuUsage();
  compile(source, catalogue);
  const built = process.cpuUsage(between);
  parsed.push((read.user + read.system) / 1_000);
  compiled.push((built.user + built.system) / 1_000);
}
print('');
print(
  `2,000 rules: compiled in ${median(compiled).toFixed(0)} ms (asked for: 250), after ${median(parsed).toFixed(0)} ms of reading ${(text.length / 1_024).toFixed(0)} KB of YAML`,
);
if (median(compiled) > 250) missed++;
if (missed > 0) process.exitCode = 1;
