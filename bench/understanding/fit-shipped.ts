import { parseArgs } from 'node:util';
import { compact, scorerOf } from '../../intents/resolve/learn/compact.ts';
import { centroidsOf, dataOf } from '../../intents/resolve/learn/data.ts';
import { logit, read } from '../../intents/resolve/learn/facts.ts';
import { gramsOf } from '../../intents/resolve/learn/grams.ts';
import { fitHead } from '../../intents/resolve/learn/head.ts';
import { fitLogistic } from '../../intents/resolve/learn/logistic.ts';
import { withNames } from '../../intents/resolve/learn/names.ts';
import { randomFrom, shuffle } from '../../intents/resolve/learn/random.ts';
import { fitOptions } from '../../intents/resolve/learn/recipe.ts';
import { loadTable } from '../../intents/resolve/learn/table.ts';
import { drawn, readClinc } from './clinc.ts';

// Prints what `intents/resolve/learn/shipped.ts` holds: how far a small catalogue is to be believed, fitted on many small
// catalogues drawn from the training split of CLINC150 and asked with its validation split, half of it about none of them.
const { values } = parseArgs({ options: { data: { type: 'string', default: '../shared/data' } } });
const clinc = readClinc(values.data);
const names = [...new Set(clinc.train.map(([, label]) => label))];
const random = randomFrom(7);
const facts: number[][] = [];
const insides: number[] = [];
const logits: number[][] = [];
const rights: number[] = [];
for (let turn = 0; turn < 150; turn++) {
  const order = Int32Array.from(names.keys());
  shuffle(order, random);
  const chosen = new Set([...order.subarray(0, 2 + Math.floor(random() * 6))].map((at) => names[at]));
  const texts = drawn(clinc.train, 3 + Math.floor(random() * 8), turn).filter(({ label }) => chosen.has(label));
  const { labels, space, data } = dataOf(withNames(texts), undefined);
  const all = Int32Array.from(data.labelOf.keys());
  const score = scorerOf(compact(fitHead(data.points, data.labelOf, data.weightOf, all, fitOptions(data, all, 1))));
  const centroids = centroidsOf(data, all);
  const inside = clinc.val.filter(([, label]) => chosen.has(label));
  const others = [...clinc.val.filter(([, label]) => !chosen.has(label)), ...clinc.oos_val];
  const outside = Array.from(inside, () => others[Math.floor(random() * others.length)] as (typeof others)[number]);
  for (const [text, label] of [...inside, ...outside]) {
    const grams = gramsOf(text);
    const point = { ...loadTable().read(text), sparse: space.vector(grams) };
    const reading = read(score, labels.length, centroids, point, point.sparse.columns.length, grams.hashes.length);
    facts.push([...reading.facts]);
    insides.push(chosen.has(label) ? 1 : 0);
    if (!chosen.has(label)) continue;
    logits.push([logit(reading.shares[reading.best] ?? 0)]);
    rights.push(labels[reading.best] === label ? 1 : 0);
  }
}
const ones = facts.map(() => 1);
console.log('shippedConfidence', JSON.stringify(fitLogistic(logits, rights, ones, 1)));
console.log('shippedScope', JSON.stringify(fitLogistic(facts, insides, ones, 1)));
