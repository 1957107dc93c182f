import { type Evidence, evidenceOf, matchesOf, othersCounts, type Setting } from './evidence.ts';
import { hashText, join } from './hash.ts';
import { type Cut, hashAt, runHash } from './knowledge.ts';

/** Lists of hashed features, one list an item: item i owns `ids[starts[i] .. starts[i + 1])`. */
export interface Rows {
  readonly ids: Int32Array;
  readonly starts: Int32Array;
}

export interface Features {
  readonly token: Rows;
  /** One a place between tokens, before the first and after the last. */
  readonly gap: Rows;
  /** One a segment: item `from * longest + length - 1`. */
  readonly segment: Rows;
  readonly evidence: readonly Evidence[];
}

/** Turns a text into features: of each token, of each place where a slot may begin or end, of each segment. */
export const featuresOf = (cut: Cut, setting: Setting): Features => {
  const matches = matchesOf(cut, setting);
  const whole = matches.filter(({ inside }) => !inside);
  const sight = look(cut, setting);
  return {
    token: tokenRows(cut, setting, sight),
    gap: gapRows(cut, whole, sight),
    segment: segmentRows(cut, setting, sight),
    evidence: evidenceOf(cut, matches, setting),
  };
};

interface Sight {
  readonly shapes: Int32Array;
  /** 0: a word no other example has; 1: one or two have it; 2: more; 3: beyond the text. */
  readonly seen: (at: number) => number;
  readonly bits: readonly (readonly number[])[];
}

const nearBits = 8;

const look = ({ tokens, hashes }: Cut, { knowledge, own, bitsOf }: Setting): Sight => {
  const seen = Array.from(hashes, (hash) => {
    const times = othersCounts(knowledge.words, own?.words, hash)?.reduce((sum, count) => sum + count, 0) ?? 0;
    return times > 2 ? 2 : times > 0 ? 1 : 0;
  });
  return {
    shapes: Int32Array.from(tokens, ({ shape }) => hashText(shape)),
    seen: (at) => seen[at] ?? 3,
    bits: tokens.map(({ fold }) => bitsOf(fold)),
  };
};

/** Each template has a number, so that "the word before is x" and "this word is x" are two features. */
const builder = () => {
  const ids: number[] = [];
  const starts: number[] = [0];
  return {
    add(template: number, a = 0, b = 0, c = 0) {
      ids.push(join(join(join(Math.imul(template, 0x3c6ef372), a), b), c));
    },
    next: () => starts.push(ids.length),
    rows: (): Rows => ({ ids: Int32Array.from(ids), starts: Int32Array.from(starts) }),
  };
};

const tokenRows = ({ tokens, hashes, typed }: Cut, { lists }: Setting, { shapes, seen, bits }: Sight): Rows => {
  const { add, next, rows } = builder();
  const word = (at: number) => hashAt(hashes, at);
  const shape = (at: number) => hashAt(shapes, at);
  for (const [at, { fold }] of tokens.entries()) {
    add(100);
    add(101, word(at));
    add(102, word(at - 1));
    add(103, word(at + 1));
    add(104, word(at - 2));
    add(105, word(at + 2));
    add(106, word(at - 1), word(at));
    add(107, word(at), word(at + 1));
    add(108, shape(at));
    add(109, shape(at - 1), shape(at));
    add(110, shape(at), shape(at + 1));
    add(111, hashText(fold.slice(-2)));
    add(112, hashText(fold.slice(-3)));
    add(113, hashText(fold.slice(0, 3)));
    if (fold.length > 4) add(114, hashText(fold.slice(-4)));
    add(115, seen(at), shape(at));
    add(116, seen(at), seen(at - 1));
    add(117, seen(at), seen(at + 1));
    for (const { from, to, type } of typed) if (from <= at && at < to) add(118, type, at === from ? 1 : 2);
    for (const label of lists.parts.get(word(at)) ?? []) add(119, label);
    for (const bit of bits[at] ?? []) add(120, bit);
    for (const bit of bits[at - 1]?.slice(0, nearBits) ?? []) add(121, bit);
    for (const bit of bits[at + 1]?.slice(0, nearBits) ?? []) add(122, bit);
    next();
  }
  return rows();
};

const gapRows = (
  { tokens, hashes, typed }: Cut,
  listed: readonly { from: number; to: number; label: number }[],
  { shapes, seen, bits }: Sight,
): Rows => {
  const { add, next, rows } = builder();
  for (let gap = 0; gap <= tokens.length; gap++) {
    const word = (offset: number) => hashAt(hashes, gap + offset);
    add(200);
    add(201, word(-1));
    add(202, word(-2));
    add(203, word(-2), word(-1));
    add(204, word(-3), word(-2), word(-1));
    add(205, word(0));
    add(206, word(1));
    add(207, word(0), word(1));
    add(208, word(0), word(1), word(2));
    add(209, word(-1), word(0));
    add(210, hashAt(shapes, gap - 1), hashAt(shapes, gap));
    add(211, seen(gap - 1), seen(gap));
    for (const bit of bits[gap - 1]?.slice(0, nearBits) ?? []) add(212, bit);
    for (const bit of bits[gap]?.slice(0, nearBits) ?? []) add(213, bit);
    for (const { from, to, label } of listed) {
      if (from === gap) add(214, label);
      if (to === gap) add(215, label);
    }
    for (const { from, to, type } of typed) {
      if (from === gap) add(216, type);
      if (to === gap) add(217, type);
    }
    next();
  }
  return rows();
};

const segmentRows = ({ tokens, hashes, typed }: Cut, { longest }: Setting, { shapes, seen }: Sight): Rows => {
  const { add, next, rows } = builder();
  const capital = tokens.map(({ shape }) => shape.startsWith('X'));
  for (let from = 0; from < tokens.length; from++) {
    let [capitals, unseen] = [0, 0];
    for (let length = 1; length <= longest; length++) {
      const last = from + length - 1;
      if (last < tokens.length) {
        if (capital[last]) capitals++;
        if (seen(last) === 0) unseen++;
        const ends = (capital[from] ? 1 : 0) + (capital[last] ? 2 : 0);
        const size = Math.min(length, 3);
        add(300, Math.min(length, 8));
        add(301, capitals === 0 ? 9 : capitals === length ? 8 : ends, size);
        add(302, unseen === 0 ? 0 : unseen === length ? 2 : 1, size);
        if (length <= 4) add(303, runHash(shapes, from, last + 1));
        add(304, hashAt(hashes, from - 1), hashAt(hashes, last + 1));
        add(305, hashAt(hashes, from), hashAt(hashes, last));
        for (const span of typed) if (span.from === from && span.to === last + 1) add(306, span.type);
      }
      next();
    }
  }
  return rows();
};
