import type { Span, Word } from '../text.ts';
import { type Cues, sideEvidence, stem } from './cues.ts';
import type { Found, Utterance } from './utterance.ts';

const joiners = /^(?:of|de|la|le|the|van|von|der|da|di|du|&)$/;
const between = /^(?:[ \-&]|\. ?|'s? ?)$/;

/**
 * Finds names by their capitals: `New York City`, `Museum of Modern Art`, `Paris, France` whole and in parts. The first word
 * of a sentence is capital anyway and counts only inside a longer name.
 */
export const properNames = ({ text, plain, words }: Utterance): Found[] => {
  const found: Found[] = [];
  const isCapital = ({ start }: Word) => /\p{Lu}/u.test(plain.charAt(start));
  const opens = ({ start }: Word) =>
    start === 0 || /[.?!:]["']?\s+["']?$/.test(plain.slice(Math.max(0, start - 4), start));
  let at = 0;
  while (at < words.length) {
    const first = words[at];
    if (first === undefined) break;
    if (!isCapital(first) || opens(first) || first.fold === 'i') {
      at++;
      continue;
    }
    let last = at;
    for (let next = at + 1; next < Math.min(words.length, at + 8); next++) {
      const word = words[next];
      if (word === undefined) break;
      const gap = plain.slice(words[next - 1]?.end, word.start);
      if (!between.test(gap) && !(gap === '. ' && next - last === 1)) break;
      if (isCapital(word) || (/^\d+$/.test(word.fold) && next - last === 1 && /[\s&]/.test(gap))) last = next;
      else if (!joiners.test(word.fold)) break;
    }
    const end = words[last]?.end ?? first.end;
    // "Washington D.C.", "Apple Inc.": the stop belongs to the name.
    const dotted =
      /\b(?:Inc|Ltd|Co|Corp|Jr|Sr|D\.C)\.?$/.test(plain.slice(first.start, end)) && plain.charAt(end) === '.';
    add(found, text, first.start, end + (dotted ? 1 : 0));
    at = last + 1;
  }
  // "Paris, France": a name, a comma, a name.
  for (let index = 0; index + 1 < found.length; index++) {
    const [a, b] = [found[index], found[index + 1]];
    if (a !== undefined && b !== undefined && plain.slice(a.end, b.start) === ', ')
      found.push({ value: text.slice(a.start, b.end), start: a.start, end: b.end, grade: 1 });
  }
  return found;
};

const add = (found: Found[], text: string, start: number, end: number) =>
  found.push({ value: text.slice(start, end), start, end, grade: 1 });

const placeLead = /^(?:in|at|near|to|from|around|within|for|between|and|of|into|visit|visiting|nearby)$/;
const personLead = /^(?:by|of|from|starring|for|with|named|does|did|is|against)$/;

/** How much the words around a name speak for a slot that only its schema describes. */
export const nameEvidence = (
  { names, described, role, side }: Cues,
  found: Span & { readonly value: unknown },
  said: Utterance,
  shared: ReadonlyMap<string, number>,
): number => {
  const before = said.words
    .filter(({ end }) => end <= found.start)
    .slice(-4)
    .toReversed();
  const lead = before.find(({ fold }) => !/^(?:the|a|an|city)$/.test(fold))?.fold ?? '';
  const after = said.words.filter(({ start }) => start >= found.end).slice(0, 2);
  const inside = said.words.filter(({ start, end }) => start >= found.start && end <= found.end);
  const weight = (word: Word): number => {
    const own = stem(word.fold);
    return (names.includes(own) ? 1 : described.includes(own) ? 0.5 : 0) / (shared.get(own) ?? 1);
  };
  let score = 0;
  before.slice(0, 3).forEach((word, index) => {
    score += (weight(word) * 1.5) / (1 + index * 0.7);
  });
  if (!/[,.;]/.test(said.plain.slice(found.end, after[0]?.start ?? found.end)))
    after.forEach((word, index) => {
      score += (weight(word) * 1.2) / (1 + index);
    });
  score += Math.min(
    1.5,
    inside.reduce((sum, word) => sum + weight(word) * 1.5, 0),
  );
  const spans = /,/.test(said.plain.slice(found.start, found.end));
  if (role === 'place' && placeLead.test(lead)) score += /^(?:in|at|near|around)$/.test(lead) ? 1.2 : 0.8;
  if (role === 'person' && personLead.test(lead)) score += 0.8;
  if (role !== 'place' && /^(?:in|at|near)$/.test(lead)) score -= 0.6;
  if (side !== undefined) score += sideEvidence(side, lead);
  if (spans)
    score +=
      role === 'place' && ['city', 'state', 'country', 'location'].filter((word) => described.includes(word)).length > 1
        ? 0.3
        : -0.3;
  return score;
};
