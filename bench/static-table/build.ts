// Rebuilds the built-in tier's table from a teacher and a folder of sentences. README.md says what goes in and how long it takes.
// node bench/static-table/build.ts --model ../shared/models/minilm --sentences /tmp/sentences --out /tmp/table
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadOnnxModel } from '../../adapters/encoders/onnx-model.ts';
import { wordPieces } from '../../intents/resolve/learn/word-piece.ts';
import { shippedOptions } from './distil.ts';
import { tableFrom } from './table-from.ts';
import { teach } from './teacher.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    packages: { type: 'string' },
    sentences: { type: 'string' },
    out: { type: 'string' },
    seed: { type: 'string', default: `${shippedOptions.seed}` },
    epochs: { type: 'string', default: `${shippedOptions.epochs}` },
  },
});
const { model: folder, sentences: from, out, packages } = values;
if (folder === undefined || from === undefined || out === undefined)
  throw new Error('wanted: --model FOLDER --sentences FOLDER --out FOLDER');

const began = performance.now();
const say = (what: string) => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${what}`);
const work = join(out, 'teacher');
mkdirSync(work, { recursive: true });

const teacher = await loadOnnxModel({ folder, ...(packages !== undefined && { packages }) });
const { model } = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8')) as {
  model: { vocab: Record<string, number> };
};
const vocabulary = Object.keys(model.vocab).sort((a, b) => (model.vocab[a] as number) - (model.vocab[b] as number));
const [start, end] = teacher.pieces('') as [number, number];
const texts = readdirSync(from)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .flatMap((name) => readFileSync(join(from, name), 'utf8').split('\n'))
  .filter((line) => line.trim() !== '');
say(`${vocabulary.length} pieces, ${texts.length} sentences`);

const every = (what: string) => (done: number, of: number) => {
  if (done % 5000 === 0 || done === of) say(`${what}: ${done} of ${of}`);
};
const pieceVectors = await teach(
  teacher,
  vocabulary.map((_, id) => [start, id, end]),
  work,
  every('teacher, pieces'),
);
const sentenceVectors = await teach(
  teacher,
  texts.map((text) => teacher.pieces(text)),
  work,
  every('teacher, sentences'),
);
await teacher.close();

const cut = wordPieces(vocabulary);
const bytes = tableFrom(
  { pieceVectors, sentenceVectors, sentences: texts.map((text) => cut.ids(text)) },
  256,
  { ...shippedOptions, seed: Number(values.seed), epochs: Number(values.epochs) },
  (done, of, loss) => {
    if (done === 1 || done % 50 === 0 || done === of) say(`batch ${done} of ${of}, loss ${loss.toFixed(4)}`);
  },
);
writeFileSync(join(out, 'table.int8.bin'), bytes);
writeFileSync(join(out, 'vocabulary.txt'), `${vocabulary.join('\n')}\n`);
say(`${bytes.length} bytes in ${join(out, 'table.int8.bin')}`);
