import { expect, test } from 'vitest';
import { drawUnderstanding } from '../../gateway/cli/draw-understanding.ts';

test('candidates with their confidence, and the words that spoke for and against the first', () =>
  expect(
    drawUnderstanding({
      ranking: [
        { intent: 'orders.refund', confidence: 0.95 },
        { intent: 'orders.get', confidence: 0.04 },
        { intent: 'orders.cancel', confidence: 0 },
      ],
      resolution: {
        words: [
          { text: 'refund', weight: 2.5 },
          { text: 'the', weight: 0.01 },
          { text: 'sta\u001B[2Jtus', weight: -0.75 },
        ],
      },
    }),
  ).toEqual([
    '  may mean  orders.refund  ███████████████████  0.95',
    '            orders.get     █                    0.04',
    '  because of  refund +2.50, sta\uFFFD[2Jtus −0.75',
    '',
  ]));

test.each([{}, { ranking: 'none', resolution: 7 }, { ranking: [], resolution: { words: [{ text: 'a', weight: 0 }] } }])(
  'nothing, where nothing is told: %j',
  (body) => expect(drawUnderstanding(body).filter((line) => line !== '')).toEqual([]),
);
