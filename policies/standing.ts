import type { IntentRules } from './bundle.ts';
import { truthOf, type ValueTest } from './conditions.ts';
import { complies } from './purposes.ts';
import type { Read } from './read.ts';
import { isAboutClaims, type Part, type Rule } from './rules.ts';
import type { Asked, Unknown } from './types.ts';

/** How a rule stands to one principal and purpose: all of it that does not depend on the request. */
export interface Standing {
  readonly rule: Rule;
  /** True: it is about them. False: it may be, and `doubts` says why that is not known. */
  readonly certain: boolean;
  readonly doubts: readonly Unknown[];
}

/** The rules of an intent that may be about one principal and purpose; the others are out whatever is asked. */
export interface View {
  readonly allow: Lane;
  readonly deny: Lane;
  readonly require: Lane;
}

/**
 * Rules of one kind, in their order. One path that many of them read is read once: by its value most are found false,
 * or, where they ask for one value each, not even looked at.
 */
export interface Lane {
  readonly all: readonly Standing[];
  readonly by:
    | { readonly read: Read; readonly index: Index | undefined; readonly tests: readonly (ValueTest | undefined)[] }
    | undefined;
}
interface Index {
  readonly type: string;
  /** Value -> the rules that ask for it, with those that ask for none; in their order. */
  readonly buckets: ReadonlyMap<unknown, readonly Standing[]>;
  /** Those that ask for none: all that is left for any other value of the type. */
  readonly others: readonly Standing[];
}

/** @param gap why the purpose is as good as none; undefined where it counts */
export const viewOf = (rules: IntentRules, asked: Asked, gap: string | undefined): View => {
  const standing = (rule: Rule): Standing[] => {
    const doubts: Unknown[] = [];
    const doubt = (path: string, why: string) => doubts.push({ rule: rule.id, path, why });
    const who = truthOf(rule.who, asked, doubt);
    const { allowed, prohibited } = rule.purposes;
    const purpose = complies(asked.purpose, allowed, prohibited);
    if (purpose === undefined) doubt('/purpose/name', gap ?? 'is wider than what the rule speaks of');
    const claims = truthOf(rule.claims, asked, doubt);
    if (who === false || purpose === false || claims === false) return [];
    return who === true && purpose === true && claims === true
      ? [{ rule, certain: true, doubts: [] }]
      : [{ rule, certain: false, doubts }];
  };
  return {
    allow: laneOf(rules.allow.flatMap(standing)),
    deny: laneOf(rules.deny.flatMap(standing)),
    require: laneOf(rules.require.flatMap(standing)),
  };
};

/**
 * The rules of a lane that a request can meet. One that a value makes false is passed over, for false wins over unknown;
 * one that it leaves unknown is not.
 */
export const meeting = ({ all, by }: Lane, asked: Asked): readonly Standing[] => {
  if (by === undefined) return all;
  try {
    const value = by.read(asked);
    const { index } = by;
    if (index !== undefined && typeof value === index.type && (typeof value !== 'number' || Number.isFinite(value)))
      return index.buckets.get(value) ?? index.others;
    const met: Standing[] = [];
    for (let at = 0; at < all.length; at++) {
      const test = by.tests[at];
      if (test === undefined || test(value) !== false) met.push(all[at] as Standing);
    }
    return met;
  } catch {
    return all;
  }
};

/** Below it, looking at each is as quick. */
const worthIndexing = 4;
/** Of all buckets together. */
const maxIndexed = 20_000;

const laneOf = (all: readonly Standing[]): Lane => {
  const path = tellingPath(all);
  if (path === undefined) return { all, by: undefined };
  const parts = all.map(({ rule }) => rule.parts.find((part) => part.path === path));
  const read = parts.find((part) => part !== undefined)?.read;
  if (read === undefined) return { all, by: undefined };
  return { all, by: { read, index: indexOf(all, parts), tests: parts.map((part) => part?.test) } };
};

/** The path by which most rules differ, where enough do. Claims are settled already. */
const tellingPath = (all: readonly Standing[]): string | undefined => {
  const asked = new Map<string, Set<string>>();
  for (const { rule } of all)
    for (const { path, tests } of rule.parts)
      if (!isAboutClaims(path)) asked.set(path, (asked.get(path) ?? new Set()).add(JSON.stringify(tests)));
  const [best] = [...asked].toSorted(([, a], [, b]) => b.size - a.size);
  return best !== undefined && best[1].size >= worthIndexing ? best[0] : undefined;
};

const indexOf = (all: readonly Standing[], parts: readonly (Part | undefined)[]): Index | undefined => {
  const asks = parts.map((part, at) => ({ standing: all[at] as Standing, values: part && wanted(part) }));
  const type = typeof asks.find(({ values }) => values !== undefined)?.values?.[0];
  const valuesOf = ({ values }: (typeof asks)[number]) => (typeof values?.[0] === type ? values : undefined);
  const others = asks.filter((one) => valuesOf(one) === undefined).map(({ standing }) => standing);
  const values = new Set(asks.flatMap((one) => valuesOf(one) ?? []));
  if (values.size === 0 || values.size * (others.length + 1) > maxIndexed) return undefined;
  const buckets = new Map<unknown, Standing[]>([...values].map((value) => [value, []]));
  for (const one of asks) for (const value of valuesOf(one) ?? values) buckets.get(value)?.push(one.standing);
  return { type, buckets, others };
};

/** The values that a part asks for, where they are of one type: any other of that type makes it false. */
const wanted = ({ tests }: Part): readonly unknown[] | undefined => {
  const values = Object.hasOwn(tests, 'eq') ? [tests.eq] : Array.isArray(tests.in) ? tests.in : undefined;
  const type = typeof values?.[0];
  return values?.every((value) => typeof value === type) ? [...new Set(values)] : undefined;
};
