import { expect, test } from 'vitest';
import { loadCatalogue } from '../../intents/load.ts';
import { readSources } from '../../intents/source.ts';

const text = `ontology: shop
entities:
  Product:
    id: { type: string }
    resolve: { intent: catalogue.search, text: words, items: $.found, id: $.sku, title: $.name }
---
intent: catalogue.search
version: 1.0.0
title: Search
effect: read
examples: [search]
input: { type: object, properties: { words: { type: string }, limit: { type: integer, default: 10 } } }
output: { type: object, properties: { found: { type: array, items: { type: object, properties: { sku: { type: string }, name: { type: string } } } } } }
call: { backend: shop, rest: GET /products }
`;
const load = (from = '', to = '') => {
  const { catalogue, findings } = loadCatalogue(readSources('shop.yaml', text.replace(from, to)).sources);
  return { catalogue, told: findings.map(({ line, code, message }) => `${line} ${code} ${message}`) };
};

test('an entity says how words find it', () => {
  const { catalogue, told } = load();
  expect(told).toEqual([]);
  expect(catalogue.entities[0]?.resolve).toEqual({
    intent: 'catalogue.search',
    text: 'words',
    items: ['found'],
    id: ['sku'],
    title: ['name'],
  });
});

test.each([
  [
    'intent: catalogue.search,',
    'intent: catalogue.serch,',
    '"catalogue.serch" is not an intent. Did you mean "catalogue.search"?',
  ],
  [
    'effect: read',
    'effect: write\nsinks: []',
    '"catalogue.search" is a write: what is only looked up changes nothing.',
  ],
  ['text: words', 'text: wods', '"wods" is not in the input of catalogue.search. Did you mean "words"?'],
  ['items: $.found', 'items: $.fond', '$.fond is no list in the output of catalogue.search.'],
  ['id: $.sku', 'id: $.id', '$.id is not in the hits of catalogue.search.'],
  ['title: $.name', 'title: $.title', '$.title is not in the hits of catalogue.search.'],
  [
    'limit: { type: integer, default: 10 } }',
    'limit: { type: integer } }, required: [limit]',
    '"catalogue.search" needs "limit" as well, which words alone do not give.',
  ],
])('what cannot work is told with its place: %s -> %s', (from, to, message) => {
  expect(load(from, to).told).toEqual([`5 ontology.resolve ${message}`]);
});

test('a path is written like a path', () => {
  expect(load('items: $.found', 'items: found').told[0]).toContain('a path is written like $.products');
});
