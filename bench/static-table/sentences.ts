// Writes the sentences that the built-in table is distilled on, one a line, a file a source: no labels, no test text.
// node bench/static-table/sentences.ts --data ../shared/data --taskmaster <checkout of Taskmaster> --out /tmp/sentences
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { data: { type: 'string' }, taskmaster: { type: 'string' }, out: { type: 'string' } },
});
if (values.out === undefined) throw new Error('--out: where shall the files go?');

const json = (path: string, encoding: 'utf8' | 'latin1' = 'utf8') => JSON.parse(readFileSync(path, encoding));
const files = (folder: string, end: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(end))
    .sort()
    .map((name) => join(folder, name));

/** CLINC150, CC BY 3.0: the training texts, without their labels. */
const clinc = (folder: string): string[] =>
  (json(join(folder, 'data_full.json')).train as [string, string][]).map(([text]) => text);

/** SNIPS, CC0: the training texts. One file is Latin-1. */
const snips = (folder: string): string[] =>
  files(folder, '_full.json').flatMap((file) => {
    const rows = Object.values(json(file, file.includes('PlayMusic') ? 'latin1' : 'utf8')) as {
      data: { text: string }[];
    }[][];
    return rows.flat().map(({ data }) => data.map(({ text }) => text).join(''));
  });

/** Taskmaster-3 and -4, CC BY 4.0: what people said, and in Taskmaster-3 what was said to them. */
const taskmaster = (folder: string): string[] => [
  ...files(join(folder, 'TM-3-2020/splits/train'), '.tsv').flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => [...line.matchAll(/<[UA]>([^<\t]+)/g)].map(([, text]) => text as string)),
  ),
  ...files(join(folder, 'TM-4-2024/data'), '.json').flatMap((file) =>
    (json(file) as { utterances: { speaker: string; text: string }[] }[]).flatMap(({ utterances }) =>
      utterances.filter(({ speaker }) => speaker === 'user').map(({ text }) => text),
    ),
  ),
];

mkdirSync(values.out, { recursive: true });
const write = (name: string, texts: readonly string[]) => {
  const lines = [...new Set(texts.map((text) => text.replaceAll(/\s+/g, ' ').trim()))].filter((text) => text !== '');
  writeFileSync(join(values.out as string, `${name}.txt`), `${lines.join('\n')}\n`);
  console.log(`${name}: ${lines.length} sentences`);
};
if (values.data !== undefined) {
  write('clinc150', clinc(join(values.data, 'clinc150')));
  write('snips', snips(join(values.data, 'snips')));
}
if (values.taskmaster !== undefined) write('taskmaster', taskmaster(values.taskmaster));
