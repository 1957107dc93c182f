import { drawLine } from './aggregates.ts';
import { betweenTimes } from './clock.ts';
import type { Networks } from './networks.ts';
import { compileOperator, type Test } from './operators.ts';
import type { Truth } from './purposes.ts';
import type { Readable } from './read.ts';
import type { Asked } from './types.ts';

/** Told why a test could not be decided. */
export type Doubt = (path: string, why: string) => void;
/** A compiled condition. Never throws, unless what it reads does. */
export type Condition = (asked: Asked, doubt?: Doubt) => Truth;

/** What the names in conditions stand for. */
export interface World extends Readable {
  readonly networks: Networks;
}

/** What a condition says; one that throws all the same says that it cannot be known. */
export const truthOf = (condition: Condition, asked: Asked, doubt?: Doubt): Truth => {
  try {
    return condition(asked, doubt);
  } catch {
    return undefined;
  }
};

/** A compiled set of tests of one value. Never throws. */
export type ValueTest = (value: unknown, doubt?: Doubt) => Truth;

/**
 * Compiles the tests of one path, joined by "and".
 * @throws Error naming the operator and what it takes
 */
export const compileTests = (path: string, tests: Readonly<Record<string, unknown>>, world: World): ValueTest => {
  const clock = path === '/ctx/time';
  const compiled = Object.entries(tests).flatMap(([operator, operand]): { operator: string; test: Test }[] => {
    if (operator === 'between') {
      if (!clock) throw new Error('"between" is for /ctx/time');
      return [{ operator, test: betweenTimes(operand, tests) }];
    }
    if (clock && 'between' in tests && (operator === 'tz' || operator === 'days')) return [];
    return [{ operator, test: compileOperator(operator, operand, world.networks) }];
  });
  const total = path.startsWith('/agg/') ? world.aggregates.get(path.slice('/agg/'.length)) : undefined;
  if (total !== undefined)
    for (const [operator, operand] of Object.entries(tests))
      if (typeof operand === 'number') drawLine(total, operator, operand);
  const missing =
    total === undefined ? 'is missing' : 'cannot be told: its store, or a value that it counts, is not there';
  const tell = (operator: string, value: unknown, doubt: Doubt | undefined): undefined => {
    doubt?.(path, value === undefined ? missing : `is not something that "${operator}" can be asked of`);
    return undefined;
  };
  const [first, ...more] = compiled;
  if (first === undefined) return () => true;
  const { operator, test } = first;
  if (more.length === 0)
    return (value, doubt) => {
      const result = value === undefined && operator !== 'present' ? undefined : test(value);
      return result === undefined ? tell(operator, value, doubt) : result;
    };
  if (compiled.every((one) => bounds.includes(one.operator)))
    return between(tests, (value, doubt) => tell(operator, value, doubt));
  return (value, doubt) => {
    let truth: Truth = true;
    for (const one of compiled) {
      const result = value === undefined && one.operator !== 'present' ? undefined : one.test(value);
      if (result === false) return false;
      if (result === undefined) truth = tell(one.operator, value, doubt);
    }
    return truth;
  };
};

const bounds = ['gt', 'gte', 'lt', 'lte'];

/** Several limits of one number in one step: most conditions are of this kind. */
const between = (
  { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity }: Readonly<Record<string, unknown>>,
  unknown: ValueTest,
): ValueTest => {
  const [above, least, below, most] = [Number(gt), Number(gte), Number(lt), Number(lte)];
  return (value, doubt) =>
    typeof value === 'number' && Number.isFinite(value)
      ? value > above && value >= least && value < below && value <= most
      : unknown(value, doubt);
};

/** Joins conditions by "and", after Kleene: false wins over unknown. */
export const all = (conditions: readonly Condition[]): Condition => {
  if (conditions.length === 0) return () => true;
  const [first, second] = conditions as [Condition, Condition];
  if (conditions.length === 1) return first;
  if (conditions.length === 2)
    return (asked, doubt) => {
      const one = first(asked, doubt);
      if (one === false) return false;
      const other = second(asked, doubt);
      return other === false || one === true ? other : undefined;
    };
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
