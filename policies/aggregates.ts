import { canonicalKey } from './canonical-key.ts';
import type { Condition } from './conditions.ts';
import type { Read } from './read.ts';
import type { Addition, Asked, Reading } from './types.ts';

/** A total over time: how often, or how much of, some intents were permitted to whoever it is kept for. */
export interface Aggregate {
  readonly name: string;
  /** Ids of the intents it counts. */
  readonly counts: ReadonlySet<string>;
  readonly windowMs: number;
  /** Undefined: each request counts one. */
  readonly amount: Read | undefined;
  /** Which requests of those intents it counts; undefined: all. */
  readonly when: Condition | undefined;
  /** Every path that it reads. */
  readonly reads: readonly string[];
  /** Whom or what it is kept for, beside the tenant. */
  readonly per: readonly Read[];
  /** The most it may hold before some condition of the bundle turns, ascending; filled while they are compiled. */
  readonly lines: number[];
  /** What it would hold with this request in it; undefined where that cannot be known. */
  held(asked: Asked): number | undefined;
}
export type Aggregates = ReadonlyMap<string, Aggregate>;

export const createAggregate = (parts: Omit<Aggregate, 'held' | 'lines'>): Aggregate => {
  const aggregate: Aggregate = {
    ...parts,
    lines: [],
    held(asked) {
      const before = asked.totals?.get(parts.name);
      const own = ownAmount(aggregate, asked);
      return before === undefined || own === undefined ? undefined : before + own;
    },
  };
  return aggregate;
};

/** What a request itself adds. @returns undefined where it cannot be known; 0 where it does not count */
const ownAmount = ({ counts, when, amount }: Aggregate, asked: Asked): number | undefined => {
  if (!counts.has(asked.intent.id)) return 0;
  const counted = when === undefined ? true : when(asked);
  if (counted !== true) return counted === undefined ? undefined : 0;
  if (amount === undefined) return 1;
  const value = amount(asked);
  // What takes away from a total would make room for more.
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
};

/** What to ask a store for. @returns undefined where it cannot be told whom the total is kept for */
export const readingOf = ({ name, per, windowMs }: Aggregate, asked: Asked): Reading | undefined => {
  const key = canonicalKey([name, asked.principal.tenant, ...per.map((read) => read(asked))]);
  return key === undefined ? undefined : { name, key, windowMs };
};

/** What a permit of this request adds, and how far the total may rise before some condition would turn. */
export const additionOf = (aggregate: Aggregate, asked: Asked): Addition | undefined => {
  const reading = readingOf(aggregate, asked);
  const amount = ownAmount(aggregate, asked);
  const held = aggregate.held(asked);
  if (reading === undefined || amount === undefined || amount === 0) return undefined;
  // Without a total nothing that minds it has permitted this; it counts all the same.
  const atMost = held === undefined ? undefined : aggregate.lines.find((line) => line >= held);
  return { ...reading, amount, atMost };
};

/** Remembers that a condition compares a total with a limit. */
export const drawLine = ({ lines }: Aggregate, operator: string, limit: number): void => {
  // "lte" and "gt" turn above the limit, "lt" and "gte" turn at it.
  lines.push(operator === 'lte' || operator === 'gt' ? limit : justBelow(limit));
  lines.sort((a, b) => a - b);
};

/** The next smaller number that a double can hold. */
const justBelow = (value: number): number => {
  if (value === 0) return -Number.MIN_VALUE;
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0] = (bits[0] ?? 0n) + (value > 0 ? -1n : 1n);
  return new Float64Array(bits.buffer)[0] ?? value;
};
