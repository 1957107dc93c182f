import { isObject } from '../../intents/json.ts';
import { paint } from './terminal.ts';

const barWidth = 20;
/** Weights are told against the strongest; what is weaker than this share of it says nothing. */
const faintest = 0.05;
/** What would be told as 0.00 is not told. */
const leastLikely = 0.005;

/**
 * What the words may mean, how likely each is, and which words spoke for the first of them.
 * @param body of an explained request; draws what is there of `ranking`, and of `resolution.words` or `words`
 */
export const drawUnderstanding = (body: Readonly<Record<string, unknown>>): string[] => {
  const ranking = listOf(body.ranking)
    .flatMap(({ intent, confidence }) =>
      typeof intent === 'string' && typeof confidence === 'number' ? [{ intent, confidence }] : [],
    )
    .filter(({ confidence }, at) => at === 0 || confidence >= leastLikely);
  const words = listOf(isObject(body.resolution) ? body.resolution.words : body.words).flatMap(({ text, weight }) =>
    typeof text === 'string' && typeof weight === 'number' ? [{ text, weight }] : [],
  );
  if (ranking.length === 0 && words.length === 0) return [];
  const width = Math.max(0, ...ranking.map(({ intent }) => intent.length));
  return [
    ...ranking.map(({ intent, confidence }, at) => {
      const share = Math.min(1, Math.max(0, confidence));
      const bar = '█'.repeat(Math.round(share * barWidth)).padEnd(barWidth);
      return `  ${at === 0 ? 'may mean' : '        '}  ${paint('bold', intent.padEnd(width))}  ${paint('cyan', bar)} ${confidence.toFixed(2)}`;
    }),
    ...drawWords(words),
    '',
  ];
};

const drawWords = (words: readonly { readonly text: string; readonly weight: number }[]): string[] => {
  const strongest = Math.max(0, ...words.map(({ weight }) => Math.abs(weight)));
  if (strongest === 0) return [];
  const telling = words.filter(({ weight }) => Math.abs(weight) >= strongest * faintest);
  const told = telling.map(({ text, weight }) => {
    // What a caller wrote must not steer the terminal of whoever reads it.
    const word = text.replaceAll(/\p{C}/gu, '\uFFFD');
    return paint(weight > 0 ? 'green' : 'red', `${word} ${weight > 0 ? '+' : '−'}${Math.abs(weight).toFixed(2)}`);
  });
  return [`  because of  ${told.join(paint('dim', ', '))}`];
};

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);
