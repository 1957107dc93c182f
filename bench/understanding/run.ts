import { parseArgs } from 'node:util';
import { learnInWorker } from '../../intents/resolve/learn/learn-in-worker.ts';
import { relearn } from '../../intents/resolve/learn/relearn.ts';
import { fromBytes } from '../../intents/resolve/learn/store.ts';
import { loadTable } from '../../intents/resolve/learn/table.ts';
import { quantile } from '../../intents/resolve/measure/quantile.ts';
import { drawn, readClinc } from './clinc.ts';
import { encoderFigures } from './encoder.ts';
import { cpuSeconds, judge, mean } from './judge.ts';
import { manyLabels } from './many.ts';
import { memoryAdded } from './memory.ts';

// What does the built-in tier understand of CLINC150, how honestly does it say so, and what does it cost?
// Examples are drawn from the training split with seeds 0, 1, 2; `--split val` is for choosing, test for reporting.
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    split: { type: 'string', default: 'test' },
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: 'few,full,many,memory' },
    encoder: { type: 'string', default: '../shared/models/minilm' },
    packages: { type: 'string' },
  },
});
const parts = new Set(values.only.split(','));

const started = performance.now();
loadTable();
const loadMs = performance.now() - started;

interface Line {
  readonly what: string;
  readonly value: number;
  readonly aim: string;
}
const lines: Line[] = [];
const percent = (share: number) => share * 100;
const add = (what: string, value: number, aim = '') => {
  lines.push({ what, value, aim });
  if (!values.json) console.log(`${what.padEnd(64)} ${value.toFixed(3).padStart(10)}   ${aim}`);
};

const clinc = readClinc(values.data);
const inside = values.split === 'val' ? clinc.val : clinc.test;
const outside = values.split === 'val' ? clinc.oos_val : clinc.oos_test;
if (!values.json) console.log(`CLINC150 ${values.split}, ${inside.length} in scope, ${outside.length} out of it\n`);
add('load, ms', loadMs, '<= 60');

if (parts.has('few')) {
  const ten = [0, 1, 2].map((seed) => judge(drawn(clinc.train, 10, seed), inside, outside));
  add('10 examples: in-scope accuracy', percent(mean(ten, 'accuracy')), '>= 90.5');
  add('10 examples: AUROC out of scope', mean(ten, 'auroc'), '>= 0.96');
  add('10 examples, no out-of-scope seen: in-scope accuracy', percent(mean(ten, 'accepted')), '>= 88');
  add('10 examples, no out-of-scope seen: recall', percent(mean(ten, 'oosRecall')), '>= 82');
  add('10 examples: expected calibration error', mean(ten, 'ece'), '<= 0.03');
  add('10 examples: answered at the line for 97 % precision', percent(mean(ten, 'coverage')), '>= 75');
  add('10 examples: precision there', percent(mean(ten, 'precision')), '>= 97');
  add('150 x 10: one text, p50 ms', mean(ten, 'p50Ms'), '<= 0.15');
  add('150 x 10: one text, p99 ms', mean(ten, 'p99Ms'), '<= 1');
  add('150 x 10: learning, processor seconds', mean(ten, 'trainSeconds'), '<= 3');
  const [first] = ten;
  const changed = drawn(clinc.train, 10, 0).map((row) =>
    row.label === 'balance' ? { ...row, text: `${row.text} please` } : row,
  );
  if (first !== undefined) {
    const before = process.cpuUsage();
    relearn(first.learned, changed);
    add('one label of 150 changed, processor ms', cpuSeconds(before) * 1000, '<= 100');
  }
  const five = [0, 1, 2].map((seed) => judge(drawn(clinc.train, 5, seed), inside, outside));
  add('5 examples: in-scope accuracy', percent(mean(five, 'accuracy')), '>= 87');
  add('5 examples: expected calibration error', mean(five, 'ece'), '<= 0.03');
}
if (parts.has('full')) {
  const full = judge(drawn(clinc.train, 'full', 0), inside, outside);
  add('all examples: in-scope accuracy', percent(full.accuracy), '>= 95');
  add('all examples: AUROC out of scope', full.auroc, '>= 0.97');
  add('all examples: expected calibration error', full.ece, '<= 0.03');
  add('all examples: learning, processor seconds', full.trainSeconds);
}
if (parts.has('many')) {
  const { train, test } = manyLabels(10_000, 10, 1);
  const start = performance.now();
  const learned = fromBytes(await learnInWorker(train));
  add('10,000 x 10, made up: learning in a worker, s', (performance.now() - start) / 1000, '<= 60');
  const times: number[] = [];
  let right = 0;
  for (const [text, label] of test) {
    const from = performance.now();
    const best = learned?.rank(text, 5).candidates[0];
    times.push(performance.now() - from);
    if (best?.label === label) right++;
  }
  add('10,000 labels: one text, p50 ms', quantile(times.slice(200), 0.5) ?? 0, '<= 0.5');
  add('10,000 labels, made up: accuracy', percent(right / test.length));
}
if (parts.has('encoder')) {
  const found = await encoderFigures(clinc, inside, values.encoder, values.packages);
  add('10 examples, encoder alone: in-scope accuracy', percent(found?.accuracy ?? Number.NaN), '>= 92.5');
  add('10 examples, encoder behind the built-in tier: accuracy', percent(found?.together ?? Number.NaN), '>= 92.5');
  add('share that the encoder is asked about', percent(found?.asked ?? Number.NaN));
  add('expected calibration error there', found?.ece ?? Number.NaN, '<= 0.03');
  add('encoding one text, p50 ms', found?.p50Ms ?? Number.NaN);
}
if (parts.has('memory')) {
  const { learning, takingUp } = memoryAdded(values.data);
  add('memory added, learned in a worker: resident, MB', learning.rss, '<= 60');
  add('memory added, taken up as learned before: resident, MB', takingUp.rss, '<= 60');
  add('memory added: objects and buffers held, MB', takingUp.held);
}
add('memory of the process at the end, MB', process.memoryUsage.rss() / 1e6);
if (values.json) console.log(JSON.stringify({ node: process.version, split: values.split, lines }, null, 2));
