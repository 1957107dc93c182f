import { RE2JS } from 're2js';
import type { Provenance } from '../intents/contract.ts';
import { pointerPath, pointerSegment, valueAt } from '../intents/json.ts';
import type { Truth } from './purposes.ts';
import type { Asked } from './types.ts';

/** Told why a test could not be decided. */
export type Doubt = (path: string, why: string) => void;
/** A compiled condition. Never throws. */
export type Condition = (asked: Asked, doubt?: Doubt) => Truth;
type Read = (asked: Asked) => unknown;
type Test = (value: unknown) => Truth;

/** Operators by name: what they take, and a test made of it once. @throws Error saying what the operator takes */
const operators: Readonly<
  Record<
    string,
    { readonly on: 'any' | 'number' | 'string' | 'array' | 'scalar'; readonly make: (operand: unknown) => Test }
  >
> = {
  eq: { on: 'scalar', make: (operand) => same(scalar(operand)) },
  ne: { on: 'scalar', make: (operand) => negated(same(scalar(operand))) },
  gt: { on: 'number', make: (operand) => compared(operand, (value, limit) => value > limit) },
  gte: { on: 'number', make: (operand) => compared(operand, (value, limit) => value >= limit) },
  lt: { on: 'number', make: (operand) => compared(operand, (value, limit) => value < limit) },
  lte: { on: 'number', make: (operand) => compared(operand, (value, limit) => value <= limit) },
  in: { on: 'scalar', make: (operand) => oneOf(list(operand)) },
  notIn: { on: 'scalar', make: (operand) => negated(oneOf(list(operand))) },
  has: { on: 'array', make: (operand) => holding([scalar(operand)]) },
  hasAny: { on: 'array', make: (operand) => holding(list(operand)) },
  anyIn: { on: 'array', make: (operand) => holding(list(operand)) },
  present: {
    on: 'any',
    make: (operand) => {
      if (typeof operand !== 'boolean') throw new Error('"present" takes true or false');
      return (value) => (value !== undefined && value !== null) === operand;
    },
  },
  matches: {
    on: 'string',
    make: (operand) => {
      if (typeof operand !== 'string') throw new Error('"matches" takes a pattern');
      // RE2 cannot backtrack, so no input can make it slow.
      const pattern = RE2JS.compile(operand);
      return (value) => (typeof value === 'string' ? pattern.matcher(value).find() : undefined);
    },
  },
};
export const operatorNames: readonly string[] = [...Object.keys(operators), 'between'];

/** What kind of value an operator works on; `between` is for /ctx/time alone. */
export const operandKind = (operator: string): 'any' | 'number' | 'string' | 'array' | 'scalar' | undefined =>
  operators[operator]?.on;

/** What a condition says; one that throws all the same says that it cannot be known. */
export const truthOf = (condition: Condition, asked: Asked, doubt?: Doubt): Truth => {
  try {
    return condition(asked, doubt);
  } catch {
    return undefined;
  }
};

/**
 * Compiles the tests of one path, joined by "and".
 * @throws Error naming the operator and what it takes
 */
export const compileTests = (path: string, tests: Readonly<Record<string, unknown>>): Condition => {
  const read = reader(path);
  const clock = path === '/ctx/time';
  const compiled = Object.entries(tests).flatMap(([operator, operand]): { operator: string; test: Test }[] => {
    if (operator === 'between') {
      if (!clock) throw new Error('"between" is for /ctx/time');
      return [{ operator, test: betweenTimes(operand, tests) }];
    }
    if (clock && 'between' in tests && (operator === 'tz' || operator === 'days')) return [];
    const known = operators[operator];
    if (known === undefined) throw new Error(`"${operator}" is not an operator`);
    return [{ operator, test: known.make(operand) }];
  });
  return (asked, doubt) => {
    const value = read(asked);
    let truth: Truth = true;
    for (const { operator, test } of compiled) {
      const result = value === undefined && operator !== 'present' ? undefined : test(value);
      if (result === false) return false;
      if (result === undefined) {
        truth = undefined;
        doubt?.(path, value === undefined ? 'is missing' : `is not something that "${operator}" can be asked of`);
      }
    }
    return truth;
  };
};

/** Joins conditions by "and", after Kleene: false wins over unknown. */
export const all = (conditions: readonly Condition[]): Condition => {
  if (conditions.length === 0) return () => true;
  if (conditions.length === 1) return conditions[0] as Condition;
  return (asked, doubt) => {
    let truth: Truth = true;
    for (const condition of conditions) {
      const result = condition(asked, doubt);
      if (result === false) return false;
      if (result === undefined) truth = undefined;
    }
    return truth;
  };
};

/** Roots of the paths a condition may read, and what is known below each. */
export const roots: Readonly<Record<string, readonly string[] | 'any'>> = {
  in: 'any',
  token: 'any',
  prov: 'any',
  subject: ['type', 'id'],
  ctx: ['door', 'ip', 'time'],
  resolution: ['confidence', 'margin', 'tier'],
  purpose: ['name', 'source'],
};

const reader = (path: string): Read => {
  const [root = '', ...below] = pointerPath(path);
  const first = below[0];
  switch (root) {
    case 'in':
      return ({ input }) => valueAt(input, below);
    case 'token':
      return ({ principal }) => valueAt(principal.claims, below);
    case 'subject':
      return first === 'type' ? ({ principal }) => principal.type : ({ principal }) => principal.id;
    case 'ctx':
      return first === 'time'
        ? ({ context }) => context.now
        : first === 'ip'
          ? ({ context }) => context.ip
          : ({ context }) => context.door;
    case 'resolution':
      return ({ resolution }) =>
        first === 'tier' || first === 'margin' || first === 'confidence' ? resolution[first] : undefined;
    case 'purpose':
      return ({ purpose }) => (first === 'source' ? purpose?.source : purpose?.name);
    case 'prov':
      return first === 'sinks' && below.length === 1
        ? (asked) => asked.intent.sinks.flatMap((sink) => labelsAt(asked, pointerPath(sink)))
        : (asked) => only(labelsAt(asked, below));
    default:
      return () => undefined;
  }
};

/**
 * Where each value at or below a path came from: its own label, or that of the nearest member it lies in. A value whose
 * source nobody told is undefined in the list, and so unknown to whatever is asked of it.
 * @param path `*` stands for every item of a list
 */
const labelsAt = ({ input, provenance }: Asked, path: readonly string[]): (Provenance | undefined)[] => {
  const labels = new Set<Provenance | undefined>();
  const walk = (here: unknown, pointer: string, label: Provenance | undefined, depth: number) => {
    const members = typeof here === 'object' && here !== null ? Object.entries(here) : [];
    const name = path[depth];
    if (name === undefined && members.length === 0) labels.add(label);
    for (const [member, value] of members) {
      if (name !== undefined && name !== '*' && name !== member) continue;
      const at = `${pointer}/${pointerSegment(member)}`;
      walk(value, at, provenance[at] ?? label, depth + 1);
    }
  };
  walk(input, '', undefined, 0);
  return [...labels];
};

/** The label of a value that has one; parts from several places are from none in particular. */
const only = (labels: readonly (Provenance | undefined)[]): Provenance | undefined =>
  labels.length === 1 ? labels[0] : undefined;

const scalar = (operand: unknown): unknown => {
  if (
    !['string', 'number', 'boolean'].includes(typeof operand) ||
    (typeof operand === 'number' && !Number.isFinite(operand))
  )
    throw new Error('this operator takes one string, number or boolean');
  return operand;
};
const list = (operand: unknown): readonly unknown[] => {
  if (!Array.isArray(operand) || operand.length === 0) throw new Error('this operator takes a list that is not empty');
  return operand.map(scalar);
};

/** JSON.parse makes an infinity of `1e999`: a number that was never meant compares with nothing. */
const isEndless = (value: unknown): boolean => typeof value === 'number' && !Number.isFinite(value);

/** Equality of scalars of one type; across types it cannot be known, so that "5" is never quietly unequal to 5. */
const same =
  (operand: unknown): Test =>
  (value) =>
    typeof value !== typeof operand || isEndless(value) ? undefined : value === operand;
/** Equal to one of them; where it is equal to none, each must have been comparable. */
const oneOf = (operands: readonly unknown[]): Test => {
  const known = new Set(operands);
  const types = new Set(operands.map((operand) => typeof operand));
  return (value) => {
    if (known.has(value)) return true;
    return types.size === 1 && types.has(typeof value) && !isEndless(value) ? false : undefined;
  };
};
const negated =
  (test: Test): Test =>
  (value) => {
    const result = test(value);
    return result === undefined ? undefined : !result;
  };
const compared = (operand: unknown, compare: (value: number, limit: number) => boolean): Test => {
  if (typeof operand !== 'number' || !Number.isFinite(operand)) throw new Error('this operator takes a number');
  return (value) => (typeof value === 'number' && Number.isFinite(value) ? compare(value, operand) : undefined);
};
/** A list that holds what cannot be compared cannot be known to lack anything. */
const holding = (operands: readonly unknown[]): Test => {
  const wanted = oneOf(operands);
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const found = value.map(wanted);
    if (found.includes(true)) return true;
    return found.includes(undefined) ? undefined : false;
  };
};

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** `{ between: ["07:00", "20:00"], tz: Europe/Berlin, days: [mon, tue] }`; the end is not within. */
const betweenTimes = (operand: unknown, { tz = 'UTC', days: on = days }: Readonly<Record<string, unknown>>): Test => {
  const clock = /^([01]\d|2[0-3]):[0-5]\d$/;
  const [from, to] = Array.isArray(operand) && operand.length === 2 ? operand : [];
  if (typeof from !== 'string' || typeof to !== 'string' || !clock.test(from) || !clock.test(to))
    throw new Error('"between" takes two times of day, ["07:00", "20:00"]');
  if (from === to) throw new Error('"between" takes two different times of day: no time is between these');
  if (!Array.isArray(on) || on.length === 0 || !on.every((day) => days.includes(day)))
    throw new Error(`"days" takes a list of ${days.join(', ')}`);
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: String(tz),
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    throw new Error(`"${String(tz)}" is not a time zone`);
  }
  const within = (instant: Date): boolean => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value: text }) => [type, text]));
    const now = `${parts.hour}:${parts.minute}`;
    const inside = from <= to ? now >= from && now < to : now >= from || now < to;
    return inside && on.includes(parts.weekday?.toLowerCase());
  };
  // Formatting costs more than all the rest of a decision, and the answer is the same all through a minute.
  let minute = Number.NaN;
  let answer = false;
  return (value) => {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) return undefined;
    const asked = Math.floor(value.getTime() / 60_000);
    if (asked !== minute) [answer, minute] = [within(value), asked];
    return answer;
  };
};
