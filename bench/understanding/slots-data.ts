import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashText } from '../../intents/resolve/tagger/hash.ts';
import { generator } from '../../intents/resolve/tagger/train.ts';
import type { AnnotatedText, SlotSpan } from '../../intents/resolve/tagger/types.ts';

export const snipsIntents =
  'AddToPlaylist BookRestaurant GetWeather PlayMusic RateBook SearchCreativeWork SearchScreeningEvent'.split(' ');

export interface Split {
  readonly train: readonly AnnotatedText[];
  readonly dev: readonly AnnotatedText[];
  readonly test: readonly AnnotatedText[];
}

/**
 * Reads the full training file of one SNIPS intent and splits it by a hash of the text, so that twins stay together:
 * 90 % to train on, 5 % to choose on, 5 % to report on.
 */
export const snips = (folder: string, intent: string): Split => {
  const encoding = intent === 'PlayMusic' ? 'latin1' : 'utf8';
  const rows = JSON.parse(readFileSync(join(folder, `train_${intent}_full.json`), encoding))[intent] as {
    data: { text: string; entity?: string }[];
  }[];
  const split = { train: [] as AnnotatedText[], dev: [] as AnnotatedText[], test: [] as AnnotatedText[] };
  for (const { data } of rows) {
    const spans: SlotSpan[] = [];
    let text = '';
    for (const { text: written, entity } of data) {
      const start = text.length + written.length - written.trimStart().length;
      text += written;
      if (entity !== undefined) spans.push({ start, end: start + written.trim().length, slot: entity });
    }
    const share = (hashText(text.trim().toLowerCase().replace(/\s+/g, ' ')) >>> 0) % 1000;
    split[share < 900 ? 'train' : share < 950 ? 'dev' : 'test'].push({ text, spans });
  }
  return split;
};

/** @param draw number of the draw; the same gives the same */
export const drawn = (train: readonly AnnotatedText[], size: number, draw: number): AnnotatedText[] => {
  const random = generator(1000 + draw);
  return train
    .map((example) => ({ example, place: random() }))
    .sort((a, b) => a.place - b.place)
    .slice(0, size)
    .map(({ example }) => example);
};

/**
 * What an enum would give: the values of every slot that has few different ones in all of the intent's training split.
 * @param most a slot with more different values (letters' case aside) counts as open, and has no list
 */
export const closedValues = (train: readonly AnnotatedText[], most: number): Record<string, string[]> => {
  const bySlot = new Map<string, Set<string>>();
  for (const { text, spans } of train)
    for (const { start, end, slot } of spans) {
      const values = bySlot.get(slot) ?? new Set();
      bySlot.set(slot, values.add(text.slice(start, end).toLowerCase()));
    }
  return Object.fromEntries(
    [...bySlot].flatMap(([slot, values]) => (values.size <= most ? [[slot, [...values]]] : [])),
  );
};
