import { describe, expect, it } from 'vitest';
import type { Intent } from '../../../intents/contract.ts';
import { parseExample } from '../../../intents/example.ts';
import { taggerOf } from '../../../intents/resolve/tagger/tagger-of.ts';

const intent = (written: readonly string[]): Intent => ({
  name: 'notes.send',
  version: '1.0.0',
  major: 1,
  id: 'notes.send@1',
  title: 'Send a note',
  description: '',
  effect: 'write',
  purposes: [],
  entity: undefined,
  examples: written.map((example) => parseExample(example)),
  input: {
    type: 'object',
    properties: { person: { type: 'string' }, tone: { $ref: 'ontology:tone' }, copies: { enum: [1, 2] } },
  },
  output: undefined,
  call: { kind: 'rest', backend: 'notes', method: 'POST', path: '/notes' },
  undo: undefined,
  sinks: [],
  outputMode: 'strict',
  source: { file: 'notes.yaml', line: 1, column: 1 },
});
const examples = [
  'send a note to [person: Maria Lopez]',
  'write [person: Jan Novak] a [tone: friendly] note',
  'send a note to [person: Olga] please',
  'note to [person: Sam Brown]',
];

describe('taggerOf', () => {
  it.each([[[]], [['send a note']], [examples.slice(0, 2)], [['a', 'b', 'c', 'd', ...examples.slice(0, 2)]]])(
    'is undefined with too few annotated examples: %j',
    (written) => {
      expect(taggerOf(intent(written))).toBeUndefined();
    },
  );

  it('reads free text that no finder can bound', () => {
    const text = 'send a note to Clara Schmidt';
    const spans = taggerOf(intent(examples))?.tag(text) ?? [];
    expect(spans.map(({ slot, start, end }) => [slot, text.slice(start, end)])).toEqual([['person', 'Clara Schmidt']]);
  });

  it('takes the members of an enum as known values, through references', () => {
    const text = 'write Jan Novak a sombre note';
    const withEnum = taggerOf(intent(examples), {}, (schema) =>
      schema.$ref === undefined ? schema : { enum: ['friendly', 'sombre'] },
    );
    expect(withEnum?.tag(text).map(({ slot }) => slot)).toEqual(['person', 'tone']);
  });

  it('is not taught by examples in which nothing is marked', () => {
    const bare = ['send a note to Maria Lopez', 'send a note to Olga', 'note to Sam Brown'];
    const text = 'send a note to Olga please';
    expect(taggerOf(intent([...examples, ...bare]))?.tag(text)).toEqual(taggerOf(intent(examples))?.tag(text));
  });
});
