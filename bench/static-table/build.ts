// Rebuilds the built-in tier's table from what a teacher said of pieces and sentences. README.md says what goes in and how long it takes.
// node bench/static-table/build.ts --vocabulary vocabulary.txt --sentences /tmp/sentences --teacher /tmp/teacher --out /tmp/table
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { wordPieces } from '../../intents/resolve/learn/word-piece.ts';
import { shippedOptions } from './distil.ts';
import { readMatrix } from './matrix.ts';
import { tableFrom } from './table-from.ts';

const { values } = parseArgs({
  options: {
    vocabulary: { type: 'string' },
    sentences: { type: 'string' },
    teacher: { type: 'string' },
    out: { type: 'string' },
    dimensions: { type: 'string', default: '768' },
    seed: { type: 'string', default: `${shippedOptions.seed}` },
    epochs: { type: 'string', default: `${shippedOptions.epochs}` },
  },
});
const { vocabulary: pieces, sentences: from, teacher, out } = values;
if (pieces === undefined || from === undefined || teacher === undefined || out === undefined)
  throw new Error('wanted: --vocabulary FILE --sentences FOLDER --teacher FOLDER --out FOLDER');

const began = performance.now();
const say = (what: string) => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${what}`);
mkdirSync(out, { recursive: true });

const vocabulary = readFileSync(pieces, 'utf8').replace(/\n$/, '').split('\n');
const texts = readdirSync(from)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .flatMap((name) => readFileSync(join(from, name), 'utf8').split('\n'))
  .filter((line) => line.trim() !== '');
say(`${vocabulary.length} pieces, ${texts.length} sentences`);

const width = Number(values.dimensions);
const cut = wordPieces(vocabulary);
const bytes = tableFrom(
  {
    pieceVectors: readMatrix(join(teacher, 'pieces.f32'), vocabulary.length, width),
    sentenceVectors: readMatrix(join(teacher, 'sentences.f32'), texts.length, width),
    sentences: texts.map((text) => cut.ids(text)),
  },
  256,
  { ...shippedOptions, seed: Number(values.seed), epochs: Number(values.epochs) },
  (done, of, loss) => {
    if (done === 1 || done % 50 === 0 || done === of) say(`batch ${done} of ${of}, loss ${loss.toFixed(4)}`);
  },
);
writeFileSync(join(out, 'table.int8.bin'), bytes);
writeFileSync(join(out, 'vocabulary.txt'), `${vocabulary.join('\n')}\n`);
say(`${bytes.length} bytes in ${join(out, 'table.int8.bin')}`);
