// Question: how many slot values does the tagger find, learned from all of SNIPS, from 70 and from 10 examples an intent,
// with no language model? Measured: F1 of spans as conlleval counts them, over seven intents, one tagger an intent, the
// intent known; 70 and 10 are three fixed draws, pooled, with the value lists of closed slots (--closed: at most so many
// different values in the training split). Choose with --on dev, report with --on test. --json prints JSON.
import { parseArgs } from 'node:util';
import { loadTable } from '../../intents/resolve/learn/table.ts';
import { sameSpan, slotFigures } from '../../intents/resolve/measure/slots.ts';
import { trainTagger } from '../../intents/resolve/tagger/tagger.ts';
import type { SlotSpan } from '../../intents/resolve/tagger/types.ts';
import { closedValues, drawn, snips, snipsIntents } from './slots-data.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    data: { type: 'string', default: '../shared/data/snips' },
    on: { type: 'string', default: 'test' },
    sizes: { type: 'string', default: 'full,70,10' },
    draws: { type: 'string', default: '3' },
    closed: { type: 'string', default: '30' },
    lists: { type: 'boolean', default: true },
    settings: { type: 'string', default: '{}' },
  },
  allowNegative: true,
});

const table = loadTable();
const known = new Map<string, Float32Array>();
const vectorOf = (word: string): Float32Array => {
  const vector = known.get(word) ?? table.vector(word);
  known.set(word, vector);
  return vector;
};

const measure = (size: string) => {
  const full = size === 'full';
  const rows: { readonly expected: readonly SlotSpan[]; readonly read: readonly SlotSpan[] }[] = [];
  const times: number[] = [];
  const byIntent: Record<string, number> = {};
  const calibration = Array.from({ length: 10 }, () => ({ spans: 0, right: 0, sum: 0 }));
  let trainMs = 0;
  let trained = 0;
  for (const intent of snipsIntents) {
    const { train, dev, test } = snips(options.data, intent);
    const asked = options.on === 'dev' ? dev : test;
    const before = rows.length;
    for (let draw = 0; draw < (full ? 1 : Number(options.draws)); draw++) {
      const examples = full ? train : drawn(train, Number(size), draw);
      const values = full || !options.lists ? {} : closedValues(train, Number(options.closed));
      const cpu = process.cpuUsage();
      const tagger = trainTagger(examples, { values, vectorOf }, JSON.parse(options.settings));
      const used = process.cpuUsage(cpu);
      trainMs += (used.user + used.system) / 1000;
      trained++;
      for (const { text, spans } of asked) {
        const start = performance.now();
        const tagged = tagger.tag(text);
        times.push(performance.now() - start);
        rows.push({ expected: spans, read: tagged });
        for (const { start, end, slot, confidence } of tagged) {
          const bin = calibration[Math.min(9, Math.floor(confidence * 10))];
          if (bin === undefined) continue;
          bin.spans++;
          bin.sum += confidence;
          if (spans.some((span) => span.start === start && span.end === end && span.slot === slot)) bin.right++;
        }
      }
    }
    byIntent[intent] = slotFigures(rows.slice(before), sameSpan).f1;
  }
  times.sort((a, b) => a - b);
  const { f1, precision, recall, exact: exactFrame } = slotFigures(rows, sameSpan);
  const spans = rows.reduce((sum, { read }) => sum + read.length, 0);
  const ece = calibration.reduce((sum, bin) => sum + Math.abs(bin.right - bin.sum), 0) / Math.max(1, spans);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  const trainSeconds = trainMs / 1000 / trained;
  return { size, f1, precision, recall, exactFrame, ece, trainSeconds, p50Ms: at(0.5), p99Ms: at(0.99), byIntent };
};

const results = options.sizes.split(',').map(measure);
if (options.json) console.log(JSON.stringify({ on: options.on, closed: Number(options.closed), results }, null, 2));
else {
  const percent = (share: number) => (100 * share).toFixed(1);
  console.log(
    '| examples an intent | slot F1 | precision | recall | exact frame | ECE of spans | train CPU s an intent | p50 / p99 ms |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const row of results)
    console.log(
      `| ${row.size} | ${percent(row.f1)} | ${percent(row.precision)} | ${percent(row.recall)} | ${percent(row.exactFrame)} | ${row.ece.toFixed(3)} | ${row.trainSeconds.toFixed(2)} | ${row.p50Ms.toFixed(2)} / ${row.p99Ms.toFixed(2)} |`,
    );
}
