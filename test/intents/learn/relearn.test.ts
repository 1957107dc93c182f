import { describe, expect, test } from 'vitest';
import { learn } from '../../../intents/resolve/learn/learn.ts';
import { modelBehind } from '../../../intents/resolve/learn/learned.ts';
import { relearn } from '../../../intents/resolve/learn/relearn.ts';
import type { LabelledText, Learned } from '../../../intents/resolve/learn/types.ts';
import { shopTexts } from './shop-texts.ts';

// A name that says nothing, so that its texts alone do.
const shop = shopTexts.map((one) => ({ ...one, label: one.label === 'insure' ? 'q7' : one.label }));
const learned = learn(shop);
const best = (one: Learned, text: string) => one.rank(text, 1).candidates[0]?.label;
const withTexts = (label: string, texts: readonly string[]): LabelledText[] => [
  ...shop.filter((one) => one.label !== label),
  ...texts.map((text) => ({ text, label, weight: 1 })),
];

describe('one label changed', () => {
  const own = shop.filter(({ label }) => label === 'q7').map(({ text }) => text);

  test('a word more: it goes on from what it was, and the others keep their weights', () => {
    const texts = withTexts('q7', [...own, 'cover the parcel against loss']);
    const again = relearn(learned, texts);
    const head = (one: Learned) => {
      const model = modelBehind(one);
      return 'index' in model ? undefined : model.head;
    };
    for (const label of learned.labels) {
      if (label === 'q7') continue;
      const [old, now] = [learned, again].map((one) => {
        const at = one.labels.indexOf(label);
        return head(one)?.dense.slice(at * (head(one)?.dimensions ?? 0), (at + 1) * (head(one)?.dimensions ?? 0));
      });
      expect(now).toEqual(old);
    }
    expect(best(again, 'cover it against loss')).toBe('q7');
    for (const { text, label } of texts) expect(best(again, text)).toBe(label);
    expect(again.rank('insure it', 3)).toEqual(relearn(learned, texts).rank('insure it', 3));
  });

  test('another meaning: what it meant before is forgotten', () => {
    const weather = ['what is the weather', 'will it rain', 'is it sunny outside', 'weather forecast please'];
    const again = relearn(learned, withTexts('q7', weather));
    expect(best(again, 'will it rain in the afternoon')).toBe('q7');
    const speaks = (one: Learned) => one.weigh('insure', 'q7')[0]?.weight ?? 0;
    // What the word still says is what it says to whoever never learned the other meaning.
    const afresh = learn(withTexts('q7', weather));
    expect(speaks(learned)).toBeGreaterThan(speaks(afresh) + 1);
    expect(speaks(again)).toBeCloseTo(speaks(afresh), 1);
  });
});
