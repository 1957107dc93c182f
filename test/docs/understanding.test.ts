import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { figuresOf } from '../../intents/resolve/measure/figures.ts';
import { readLabelledLines } from '../../intents/resolve/measure/labelled-lines.ts';
import { utterancesDocument } from '../../intents/utterances.ts';
import { fences } from './fences.ts';

const page = readFileSync(new URL('../../docs/understanding.md', import.meta.url), 'utf8');

test('the utterances on the page are utterances', () => {
  const [yaml, ...others] = fences(page).filter(({ language }) => language === 'yaml');
  expect(others).toEqual([]);
  expect(utterancesDocument.parse(parse(yaml?.text ?? '')).cases).toHaveLength(3);
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
