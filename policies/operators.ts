import { compileSafePattern } from '../intents/pattern.ts';
import { addressesOf, type Networks } from './networks.ts';
import type { Truth } from './purposes.ts';

export type Test = (value: unknown) => Truth;
/** What kind of value an operator works on. */
export type Kind = 'any' | 'number' | 'string' | 'array' | 'scalar';

interface Operator {
  readonly on: Kind;
  /** @throws Error saying what the operator takes */
  readonly make: (operand: unknown, networks: Networks) => Test;
}

/** Operators by name: what they take, and a test made of it once. */
const operators: Readonly<Record<string, Operator>> = {
  eq: { on: 'scalar', make: (operand) => same(scalar(operand)) },
  ne: { on: 'scalar', make: (operand) => negated(same(scalar(operand))) },
  gt: { on: 'number', make: (operand) => compared(operand, (limit) => (value) => value > limit) },
  gte: { on: 'number', make: (operand) => compared(operand, (limit) => (value) => value >= limit) },
  lt: { on: 'number', make: (operand) => compared(operand, (limit) => (value) => value < limit) },
  lte: { on: 'number', make: (operand) => compared(operand, (limit) => (value) => value <= limit) },
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
      const found = compileSafePattern(operand);
      return (value) => (typeof value === 'string' ? found(value) : undefined);
    },
  },
  inNet: { on: 'string', make: (operand, networks) => addressesOf(operand, networks) },
  notInNet: { on: 'string', make: (operand, networks) => negated(addressesOf(operand, networks)) },
};

/** `between` is for /ctx/time alone. */
export const operatorNames: readonly string[] = [...Object.keys(operators), 'between'];

/** What kind of value an operator works on; undefined for `between`. */
export const operandKind = (operator: string): Kind | undefined =>
  Object.hasOwn(operators, operator) ? operators[operator]?.on : undefined;

/** @throws Error naming the operator and what it takes */
export const compileOperator = (operator: string, operand: unknown, networks: Networks): Test => {
  const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (known === undefined) throw new Error(`"${operator}" is not an operator`);
  return known.make(operand, networks);
};

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

const compared = (operand: unknown, make: (limit: number) => (value: number) => boolean): Test => {
  if (typeof operand !== 'number' || !Number.isFinite(operand)) throw new Error('this operator takes a number');
  const compare = make(operand);
  return (value) => (typeof value === 'number' && Number.isFinite(value) ? compare(value) : undefined);
};

/** A list that holds what cannot be compared cannot be known to lack anything. */
const holding = (operands: readonly unknown[]): Test => {
  const wanted = oneOf(operands);
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    let truth: Truth = false;
    for (const item of value) {
      const found = wanted(item);
      if (found === true) return true;
      if (found === undefined) truth = undefined;
    }
    return truth;
  };
};
