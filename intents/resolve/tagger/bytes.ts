import type { Knowledge } from './knowledge.ts';
import { type Block, block, type Weights } from './model.ts';

/** What a tagger is made of. */
export interface Parts {
  readonly slots: readonly string[];
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly weights: Weights;
  readonly knowledge: Knowledge;
}

const format = 'ostiary-tagger-1';
const knowledgeKinds = ['words', 'left', 'right', 'values', 'types'] as const;
const blockKinds = ['token', 'gap', 'segment', 'moves', 'evidence'] as const;

/**
 * Layout, little endian: int32 length of the head, the head as JSON (padded to 4 bytes), then for each kind of count and each
 * block of weights its keys as int32 and its rows as float32.
 */
export const partsToBytes = ({ slots, values, weights, knowledge }: Parts): Uint8Array => {
  const sections: (Int32Array | Float32Array)[] = [];
  const counts: Record<string, number> = {};
  for (const kind of knowledgeKinds) {
    const entries = [...knowledge[kind]];
    counts[kind] = entries.length;
    sections.push(Int32Array.from(entries, ([key]) => key));
    for (const [, row] of entries) sections.push(row);
  }
  const rows: Record<string, number> = {};
  for (const kind of blockKinds) {
    rows[kind] = weights[kind].weights.length / Math.max(1, weights[kind].width);
    sections.push(weights[kind].index.keys(), weights[kind].weights);
  }
  const indexed = Object.fromEntries(blockKinds.map((kind) => [kind, weights[kind].index.size]));
  const head = { format, slots, values, labels: weights.labels, longest: weights.longest, counts, rows, indexed };
  const json = new TextEncoder().encode(JSON.stringify(head));
  const padded = Math.ceil(json.length / 4) * 4;
  const bytes = new Uint8Array(4 + padded + sections.reduce((sum, { length }) => sum + 4 * length, 0));
  const view = new DataView(bytes.buffer);
  view.setInt32(0, json.length, true);
  bytes.set(json, 4);
  let at = 4 + padded;
  for (const section of sections) {
    const whole = section instanceof Int32Array;
    for (const value of section) {
      if (whole) view.setInt32(at, value, true);
      else view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
};

/** @throws Error where the bytes are not those of a tagger of this version */
export const partsFromBytes = (bytes: Uint8Array): Parts => {
  const damaged = () => new Error('these bytes are no tagger of this version');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.length < 4 ? -1 : view.getInt32(0, true);
  if (size < 2 || 4 + size > bytes.length) throw damaged();
  const head = parseHead(bytes.subarray(4, 4 + size));
  if (head === undefined) throw damaged();
  const { slots, values, labels, longest, counts, rows, indexed } = head;
  let at = 4 + Math.ceil(size / 4) * 4;
  const take = (length: number): number => {
    const from = at;
    at += 4 * length;
    if (!(length >= 0) || at > bytes.length) throw damaged();
    return from;
  };
  const integers = (length: number) => {
    const from = take(length);
    return Int32Array.from({ length }, (_, index) => view.getInt32(from + 4 * index, true));
  };
  const floats = (length: number) => {
    const from = take(length);
    return Float32Array.from({ length }, (_, index) => view.getFloat32(from + 4 * index, true));
  };
  const read = knowledgeKinds.map((kind) => {
    const keys = integers(counts[kind] ?? -1);
    return [kind, new Map(Array.from(keys, (key) => [key, floats(labels)]))];
  });
  const blocks = blockKinds.map((kind) => {
    const width = { token: labels, gap: 2 * (labels - 1), segment: labels - 1, moves: labels, evidence: labels + 1 }[
      kind
    ];
    const made = block(0, width);
    for (const key of integers(indexed[kind] ?? -1)) made.index.add(key);
    made.weights = floats((rows[kind] ?? -1) * width);
    return [kind, made];
  });
  if (at !== bytes.length) throw damaged();
  const weights = { labels, longest, ...(Object.fromEntries(blocks) as Record<(typeof blockKinds)[number], Block>) };
  return { slots, values, weights, knowledge: Object.fromEntries(read) as unknown as Knowledge };
};

interface Head {
  readonly slots: readonly string[];
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly labels: number;
  readonly longest: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly rows: Readonly<Record<string, number>>;
  readonly indexed: Readonly<Record<string, number>>;
}

const parseHead = (bytes: Uint8Array): Head | undefined => {
  try {
    const head = JSON.parse(new TextDecoder().decode(bytes));
    return head?.format === format && head.labels === head.slots.length + 1 ? head : undefined;
  } catch {
    return undefined;
  }
};
