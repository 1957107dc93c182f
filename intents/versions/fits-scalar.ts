import type { Comparison, Fault } from './fits.ts';
import type { Kind, Part } from './part.ts';

interface Bound {
  readonly at: number;
  readonly open: boolean;
}

/** What keeps strings and numbers that fit `sub` from fitting a part: lengths, bounds, steps, patterns, formats. */
export const fitsScalar = (
  sub: readonly Part[],
  { schema }: Part,
  can: ReadonlySet<Kind>,
  { fault }: Comparison,
): Fault[] => {
  const faults: Fault[] = [];
  const wrong = (keyword: string, right: boolean) => {
    if (schema[keyword] !== undefined && !right) faults.push(fault(keyword));
  };
  const has = (keyword: string) => sub.some((one) => one.schema[keyword] === schema[keyword]);
  if (can.has('string')) {
    wrong('minLength', least(sub, 'minLength', 0) >= Number(schema.minLength));
    wrong('maxLength', most(sub, 'maxLength') <= Number(schema.maxLength));
    wrong('pattern', has('pattern'));
    wrong('format', has('format'));
  }
  if (!can.has('integer') && !can.has('fraction')) return faults;
  const low = boundOf(sub, 'minimum', 'exclusiveMinimum', (a, b) => a > b);
  const high = boundOf(sub, 'maximum', 'exclusiveMaximum', (a, b) => a < b);
  wrong('minimum', low !== undefined && low.at >= Number(schema.minimum));
  wrong('maximum', high !== undefined && high.at <= Number(schema.maximum));
  wrong(
    'exclusiveMinimum',
    low !== undefined && within(low, Number(schema.exclusiveMinimum), low.at > Number(schema.exclusiveMinimum)),
  );
  wrong(
    'exclusiveMaximum',
    high !== undefined && within(high, Number(schema.exclusiveMaximum), high.at < Number(schema.exclusiveMaximum)),
  );
  wrong('multipleOf', steps(sub, Number(schema.multipleOf), can));
  return faults;
};

const within = ({ at, open }: Bound, limit: number, inside: boolean): boolean => inside || (at === limit && open);

const numbers = (parts: readonly Part[], keyword: string): number[] =>
  parts.flatMap(({ schema }) => (typeof schema[keyword] === 'number' ? [schema[keyword]] : []));

/** The largest lower limit. */
export const least = (parts: readonly Part[], keyword: string, otherwise: number): number =>
  Math.max(otherwise, ...numbers(parts, keyword));

/** The smallest upper limit. */
export const most = (parts: readonly Part[], keyword: string): number =>
  Math.min(Number.POSITIVE_INFINITY, ...numbers(parts, keyword));

const boundOf = (
  parts: readonly Part[],
  closed: string,
  open: string,
  tighter: (a: number, b: number) => boolean,
): Bound | undefined => {
  const bounds = [
    ...numbers(parts, open).map((at) => ({ at, open: true })),
    ...numbers(parts, closed).map((at) => ({ at, open: false })),
  ];
  return bounds.reduce<Bound | undefined>(
    (best, one) => (best === undefined || tighter(one.at, best.at) ? one : best),
    undefined,
  );
};

/** Only whole steps are compared by division: what a fraction leaves over hangs on how it is rounded. */
const steps = (sub: readonly Part[], step: number, can: ReadonlySet<Kind>): boolean => {
  if (step === 1 && !can.has('fraction')) return true;
  return numbers(sub, 'multipleOf').some(
    (one) => one === step || (Number.isInteger(one) && Number.isInteger(step) && one % step === 0),
  );
};
