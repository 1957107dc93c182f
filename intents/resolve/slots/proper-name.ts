import type { Span, Word } from '../text.ts';
import { alike, type Cues, sideEvidence, stem } from './cues.ts';
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
      if (isCapital(word) || (/^\d{1,3}$/.test(word.fold) && next - last === 1 && /[\s&]/.test(gap))) last = next;
      else if (!joiners.test(word.fold)) break;
    }
    const end = words[last]?.end ?? first.end;
    // "Washington D.C.", "Apple Inc.": the stop belongs to the name.
    const dotted =
      /\b(?:Inc|Ltd|Co|Corp|Jr|Sr|D\.C)\.?$/.test(plain.slice(first.start, end)) && plain.charAt(end) === '.';
    const sign = /^[#+]/.test(plain.slice(end)) && !/\w/.test(plain.charAt(end + 1));
    const possessive = /'s$/.test(plain.slice(first.start, end)) ? 2 : 0;
    if (plain.slice(end, end + 2) !== ':/') add(found, text, first.start, end + (dotted || sign ? 1 : 0) - possessive);
    // "King of France" may be wanted whole or for its last part.
    const tail = words.slice(at, last + 1).findLastIndex(({ fold }) => fold === 'of');
    const part = words[at + tail + 1];
    if (tail > 0 && part !== undefined)
      found.push({
        value: text.slice(part.start, end - possessive),
        start: part.start,
        end: end - possessive,
        grade: 0.8,
      });
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
const personLead = /^(?:by|of|starring|for|with|named|does|did|is|against)$/;

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
    return (
      (names.some((name) => alike(name, own)) ? 1 : described.some((told) => alike(told, own)) ? 0.5 : 0) /
      (shared.get(own) ?? 1)
    );
  };
  let score = 0;
  before.slice(0, 3).forEach((word, index) => {
    score += (weight(word) * 1.5) / (1 + index * 0.7);
  });
  if (!/[,.;]/.test(said.plain.slice(found.end, after[0]?.start ?? found.end)))
    after.forEach((word, index) => {
      score += (weight(word) * 0.9) / (1 + index);
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
  const places = shared.get('#place') ?? 0;
  const wide = ['city', 'state', 'country', 'district'].filter((word) => described.includes(word)).length;
  if (spans && role !== 'place') score -= 0.5;
  else if (spans) score += places > 1 && wide < 2 ? -1.5 : wide > 1 || names.includes('location') ? 0.5 : -0.3;
  // "Paris, France": what stands behind the comma is the wider place.
  const second =
    /\p{L}, $/u.test(said.plain.slice(0, found.start)) &&
    before[0] !== undefined &&
    /\p{Lu}/u.test(said.plain.charAt(before[0].start));
  if (second) score += names.some((word) => /^(?:country|state|region)$/.test(word)) ? 1.5 : -0.3;
  return score;
};
