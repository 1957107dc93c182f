import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configDocument } from '../../gateway/config-document.ts';
import { figuresOf } from '../../intents/resolve/measure/figures.ts';
import { readLabelledLines } from '../../intents/resolve/measure/labelled-lines.ts';
import { utterancesDocument } from '../../intents/utterances.ts';
import { fences } from './fences.ts';

const page = readFileSync(new URL('../../docs/understanding.md', import.meta.url), 'utf8');
const yaml = fences(page).filter(({ language }) => language === 'yaml');

test('the utterances on the page are utterances', () => {
  const [, utterances, ...others] = yaml;
  expect(others).toEqual([]);
  expect(utterancesDocument.parse(parse(utterances?.text ?? '')).cases).toHaveLength(3);
});

test('the encoder on the page is one that a configuration may name, with the folder of its packages too', () => {
  const written = (yaml[0]?.text ?? '').replace('# packages', 'packages');
  const { resolve } = configDocument.pick({ resolve: true }).parse(parse(written));
  expect(resolve.encoder).toMatchObject({ kind: 'onnx', folder: './minilm', packages: '../encoder' });
});

test('the lines of a file on the page can be read', () => {
  const written = [...page.matchAll(/`(\{"text": .*?\})`/g)].map(([, line = '']) => line);
  expect(written).not.toEqual([]);
  expect(readLabelledLines(written.join('\n')).faults).toEqual([]);
});

test('every figure of eval is told of, by its name', () => {
  const told = new Set([...page.matchAll(/`([a-z]\w*)`/g)].map(([, name]) => name));
  const inWords = ['texts', 'in_scope', 'out_of_scope'];
  const all = `${page.slice(page.indexOf('### Reading the figures'))}`;
  for (const name of Object.keys(figuresOf([])).filter((one) => !inWords.includes(one)))
    expect(told.has(name) || (name.endsWith('_all') && all.includes('`…_all`')), name).toBe(true);
});
