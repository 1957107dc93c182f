// Question: is a language model's choice right as often as the confidence says that is given to it? CLINC150, ten examples an
// intent, over three draws: what the built-in tier is not sure enough of to run goes to a model by script, which is right so
// often, and otherwise picks any other of the five it is shown (`anyhow`) or mostly what looks likely (`likely`). What a
// witness learnt on the validation split would say instead, stands beside the rule of today. --split val measures on that split itself.
import { parseArgs } from 'node:util';
import { learn } from '../../intents/resolve/learn/learn.ts';
import { randomFrom } from '../../intents/resolve/learn/random.ts';
import { defaultTargets, linesFor } from '../../intents/resolve/lines.ts';
import { calibrationError } from '../../intents/resolve/measure/calibration.ts';
import type { Said } from '../../intents/resolve/measure/judged.ts';
import { drawn, type Row, readClinc } from '../understanding/clinc.ts';
import { learnReliability } from './reliability.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    split: { type: 'string', default: 'test' },
    json: { type: 'boolean', default: false },
  },
});
const shown = 5;
const clinc = readClinc(values.data);
/** As many as the validation split has. */
const outsideShare = 1 / 30;
/** In scope, with one in thirty out of it besides. */
const mixed = (inside: readonly Row[], outside: readonly Row[]): Row[] => [
  ...inside,
  ...outside.slice(0, Math.round(inside.length * outsideShare)),
];
const before = mixed(clinc.val, clinc.oos_val);
const asked = values.split === 'val' ? before : mixed(clinc.test, clinc.oos_test);

interface Unsure {
  readonly label: string;
  readonly labels: readonly string[];
  readonly prior: readonly number[];
}
const draws = [0, 1, 2].map((seed) => {
  const learned = learn(drawn(clinc.train, 10, seed));
  const line = linesFor(learned.report, defaultTargets).read.run;
  const unsure = (rows: readonly Row[]): Unsure[] =>
    rows.flatMap(([text, label]) => {
      const { candidates } = learned.rank(text, shown);
      if ((candidates[0]?.confidence ?? 0) >= line) return [];
      const prior = candidates.map(({ confidence }) => confidence);
      return [{ label, prior, labels: candidates.map((one) => one.label) }];
    });
  return { seed, line, before: unsure(before), asked: unsure(asked) };
});

/** @returns index of what it picks; their number for none of it */
const choose = ({ label, labels, prior }: Unsure, rate: number, how: string, random: () => number) => {
  const right = labels.includes(label) ? labels.indexOf(label) : labels.length;
  if (random() < rate) return right;
  const rest = Math.max(0.01, 1 - prior.reduce((sum, one) => sum + one, 0));
  const weights = [...prior, rest].map((one, at) => (at === right ? 0 : how === 'likely' ? one : 1));
  let left = random() * weights.reduce((sum, one) => sum + one, 0);
  for (const [at, weight] of weights.entries()) {
    left -= weight;
    if (left <= 0 && weight > 0) return at;
  }
  return weights.length - 1;
};

const rows = [];
for (const rate of [0.6, 0.8, 0.95])
  for (const wrong of ['anyhow', 'likely']) {
    const cold: Said[] = [];
    const inUse: Said[] = [];
    const byRule: Said[] = [];
    let found = 0;
    for (const draw of draws) {
      const random = randomFrom(draw.seed + 77);
      const reliability = learnReliability();
      const untaught = learnReliability();
      for (const one of draw.before) {
        const at = choose(one, rate, wrong, random);
        const right = one.labels.includes(one.label) ? one.labels.indexOf(one.label) : one.labels.length;
        reliability.learn(one.prior, at, right);
      }
      found += reliability.rate / draws.length;
      for (let again = 0; again < 10; again++)
        for (const one of draw.asked) {
          const at = choose(one, rate, wrong, random);
          if (at === one.labels.length) continue;
          const right = one.labels[at] === one.label;
          cold.push({ confidence: untaught.sure(one.prior, at), right });
          inUse.push({ confidence: reliability.sure(one.prior, at), right });
          byRule.push({ confidence: Math.max(one.prior[at] ?? 0, at < 3 ? draw.line : 0.25), right });
        }
    }
    const ece = (said: readonly Said[]) => Math.round((calibrationError(said) ?? 0) * 1000) / 1000;
    rows.push({
      right: rate,
      wrong,
      chosen: inUse.length,
      'right of these': Math.round((inUse.filter(({ right }) => right).length / inUse.length) * 1000) / 1000,
      'rate found': Math.round(found * 100) / 100,
      'ece by rule': ece(byRule),
      'ece of a witness, untaught': ece(cold),
      'ece of a witness, taught': ece(inUse),
    });
  }
const asking = draws.map((one) => one.asked.length / asked.length);
if (values.json) process.stdout.write(`${JSON.stringify({ split: values.split, asked: asking, rows })}\n`);
else {
  process.stdout.write(
    `CLINC150 ${values.split}, asked: ${asking.map((one) => one.toFixed(3)).join(', ')} of the texts\n`,
  );
  console.table(rows);
}
