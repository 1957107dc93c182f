import type { Span } from '../text.ts';

export type Side = 'from' | 'to';

/**
 * Which of some days or times begins a range and which ends one: "from May 3 to May 10", "between nine and ten", "until noon".
 * @param ordered in the order of the text
 */
export const sidesOf = (ordered: readonly Span[], plain: string): (Side | undefined)[] => {
  const sides = ordered.map(({ start }): Side | undefined => {
    const lead = plain.slice(Math.max(0, start - 12), start);
    if (/\b(?:from|since|between|starting|after) $/i.test(lead)) return 'from';
    return /\b(?:to|until|till|through|ending|before) $/i.test(lead) ? 'to' : undefined;
  });
  for (let at = 0; at + 1 < ordered.length; at++) {
    const link = plain.slice(ordered[at]?.end, ordered[at + 1]?.start);
    const between = sides[at] === 'from' && /^ and $/i.test(link);
    if (!between && !/^(?:\s?[-–]\s?| (?:to|until|till|through) )$/i.test(link)) continue;
    sides[at] = 'from';
    sides[at + 1] = 'to';
  }
  return sides;
};
