import type { LabelledText } from '../../../intents/resolve/learn/types.ts';

const acts = ['refund', 'track', 'cancel', 'gift wrap', 'reorder', 'insure', 'review', 'exchange', 'return', 'pay for'];
const ways = [
  '{} my order',
  'please {} it',
  'i want to {} this',
  'can you {} the parcel',
  '{} that for me',
  'help me {}',
];

/** Ten labels, six texts each. */
export const shopTexts: readonly LabelledText[] = acts.flatMap((act) =>
  ways.map((way) => ({ text: way.replace('{}', act), label: act.replace(' ', '-'), weight: 1 })),
);
