import {
  type Counts,
  type Cut,
  hashAt,
  type Knowledge,
  type Lists,
  leftTwo,
  rightTwo,
  runHash,
  valueKeys,
} from './knowledge.ts';

/** Evidence that means the same for every slot ("it is in this slot's list"), so that a slot never annotated can use it. */
export interface Evidence {
  readonly place: 'token' | 'begin' | 'end' | 'segment';
  /** A token, a place between tokens, or a segment (`from * longest + length - 1`). */
  readonly cell: number;
  readonly label: number;
  /** Position in `evidenceKinds`. */
  readonly feature: number;
  readonly value: number;
}

/** Each kind with what it is worth, in log-odds, before any example has been seen. */
const kinds = {
  /** Share of a word's other occurrences that have this label. */
  word: 1,
  wordOften: 0,
  /** A word of a listed value. */
  part: 0.5,
  left: 0.5,
  leftTwo: 0,
  right: 0.5,
  rightTwo: 0,
  /** A listed value, whole; inside a longer one it says less. */
  listed: 3,
  listedInside: 1,
  value: 2,
  /** The slot's own name stands here, or beside. */
  nameIn: 0,
  nameLeft: 0.5,
  nameRight: 0.3,
  type: 1,
} as const;
export const evidencePriors: readonly number[] = Object.values(kinds);
const kind = Object.fromEntries(Object.keys(kinds).map((name, index) => [name, index])) as Record<
  keyof typeof kinds,
  number
>;

export interface Match {
  readonly from: number;
  readonly to: number;
  readonly label: number;
  /** Inside a longer match. */
  readonly inside: boolean;
}

/** What is known beside the text itself. */
export interface Setting {
  readonly labels: number;
  readonly longest: number;
  readonly knowledge: Knowledge;
  /** What this very text taught, to be left out; undefined for a new text. */
  readonly own: Knowledge | undefined;
  readonly lists: Lists;
  readonly bitsOf: (word: string) => readonly number[];
}

/** Every listed value in a text. */
export const matchesOf = ({ tokens }: Cut, { lists, longest }: Setting): Match[] => {
  if (lists.whole.size === 0) return [];
  const found: Omit<Match, 'inside'>[] = [];
  const keyAt = valueKeys(tokens);
  for (let from = 0; from < tokens.length; from++)
    for (let to = from + 1; to <= Math.min(tokens.length, from + lists.longest + 1, from + longest); to++)
      for (const label of lists.whole.get(keyAt(from, to)) ?? []) found.push({ from, to, label });
  return found.map((match) => ({
    ...match,
    inside: found.some(({ from, to }) => from <= match.from && to >= match.to && to - from > match.to - match.from),
  }));
};

/** Gathers what lists, names and the other examples say for each slot. */
export const evidenceOf = (cut: Cut, matches: readonly Match[], setting: Setting): Evidence[] => {
  const { tokens, hashes, typed } = cut;
  const { labels, longest, knowledge, own, lists } = setting;
  const n = tokens.length;
  const found: Evidence[] = [];
  const give = (place: Evidence['place'], cell: number, label: number, feature: number, value: number) =>
    found.push({ place, cell, label, feature, value });
  const shares = (
    counts: keyof Knowledge,
    key: number,
    place: Evidence['place'],
    cell: number,
    feature: number,
    first: number,
  ): void => {
    const rows = othersCounts(knowledge[counts], own?.[counts], key);
    if (rows === undefined) return;
    const sum = rows.reduce((all, count) => all + count, 0);
    for (let label = first; label < labels; label++) {
      const count = rows[label] as number;
      if (count <= 0) continue;
      give(place, cell, label, feature, count / (sum + 0.5));
      if (feature === kind.word && sum > 2) give(place, cell, label, kind.wordOften, count / sum);
    }
  };
  for (let at = 0; at < n; at++) {
    const word = hashAt(hashes, at);
    shares('words', word, 'token', at, kind.word, 0);
    for (const label of lists.parts.get(word) ?? []) give('token', at, label, kind.part, 1);
    for (const label of lists.names.get(word) ?? []) {
      give('token', at, label, kind.nameIn, 1);
      give('begin', at + 1, label, kind.nameLeft, 1);
      give('end', at, label, kind.nameRight, 1);
    }
    shares('left', hashAt(hashes, at - 1), 'begin', at, kind.left, 1);
    shares('left', leftTwo(hashes, at), 'begin', at, kind.leftTwo, 1);
    shares('right', hashAt(hashes, at + 1), 'end', at + 1, kind.right, 1);
    shares('right', rightTwo(hashes, at + 1), 'end', at + 1, kind.rightTwo, 1);
    for (let length = 1; length <= longest && at + length <= n; length++)
      shares('values', runHash(hashes, at, at + length), 'segment', at * longest + length - 1, kind.value, 1);
  }
  for (const { from, to, label, inside } of matches)
    give('segment', from * longest + to - from - 1, label, inside ? kind.listedInside : kind.listed, 1);
  for (const { from, to, type } of typed)
    if (to - from <= longest) shares('types', type, 'segment', from * longest + to - from - 1, kind.type, 1);
  return found;
};

/** Counts of a key without this text's own; undefined where nothing is left. */
export const othersCounts = (all: Counts, own: Counts | undefined, key: number): Float32Array | undefined => {
  const row = all.get(key);
  const mine = own?.get(key);
  if (row === undefined || mine === undefined) return row;
  const rest = row.map((count, label) => count - (mine[label] as number));
  return rest.some((count) => count > 0) ? rest : undefined;
};
