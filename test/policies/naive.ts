import type { Asked } from '../../policies/types.ts';

/** A rule as it stands in a file, of the part of the format that the properties draw from. */
export interface Written {
  readonly kind: 'allow' | 'deny' | 'require';
  readonly id: string;
  readonly who?: readonly string[];
  readonly for?: readonly string[];
  readonly notFor?: readonly string[];
  readonly when?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly priority?: number;
}

/** True, false, or neither: what cannot be known. */
type Answer = 'yes' | 'no' | 'unknown';

/** The semantics again, as plainly as they can be written: no index, no closures, no order of evaluation to be clever about. */
export const naive = (
  rules: readonly Written[],
  asked: Asked,
): { outcome: 'permit' | 'deny'; by: string | undefined } => {
  const answers = rules.map((rule) => ({ rule, answer: matches(rule, asked) }));
  const denied = answers.some(({ rule, answer }) => rule.kind === 'deny' && answer !== 'no');
  const allowed = answers
    .filter(({ rule, answer }) => rule.kind === 'allow' && answer === 'yes')
    .map(({ rule }) => rule);
  const highest = Math.max(...allowed.map(({ priority = 0 }) => priority));
  const determining = allowed.find(({ priority = 0 }) => priority === highest);
  const permitted = determining !== undefined && !denied && carried(asked);
  return permitted ? { outcome: 'permit', by: determining.id } : { outcome: 'deny', by: undefined };
};

const below = (purpose: string, above: string) => `${purpose}/`.startsWith(`${above}/`);
const carried = ({ purpose, principal }: Asked) =>
  purpose === undefined || purpose.source === 'proposed' || principal.purposes.some((one) => below(purpose.name, one));

const matches = (rule: Written, asked: Asked): Answer => {
  const who = rule.who === undefined ? 'yes' : or(rule.who.map((role) => has(asked.principal.claims.roles, role)));
  const when = Object.entries(rule.when ?? {}).flatMap(([path, tests]) =>
    Object.entries(tests).map(([operator, operand]) => compare(operator, read(path, asked), operand)),
  );
  return and([who, purposeAnswer(rule, asked), ...when]);
};

const purposeAnswer = ({ for: allowed, notFor = [] }: Written, { purpose }: Asked): Answer => {
  if (allowed === undefined && notFor.length === 0) return 'yes';
  if (purpose === undefined || purpose.source === 'proposed') return 'unknown';
  const { name } = purpose;
  const inside = allowed === undefined ? 'yes' : or(allowed.map((one) => within(name, one)));
  const outside = or(notFor.map((one) => within(name, one)));
  return and([inside, outside === 'yes' ? 'no' : outside === 'no' ? 'yes' : 'unknown']);
};
/** A wider purpose may be meant for the narrower one or not. */
const within = (name: string, one: string): Answer => (below(name, one) ? 'yes' : below(one, name) ? 'unknown' : 'no');

const read = (path: string, asked: Asked): unknown =>
  path === '/resolution/margin' ? asked.resolution.margin : asked.input[path.slice('/in/'.length)];

const compare = (operator: string, value: unknown, operand: unknown): Answer => {
  if (operator === 'present') return ((value ?? null) !== null) === operand ? 'yes' : 'no';
  if (operator === 'has') return has(value, operand);
  if (operator === 'in') return or((operand as unknown[]).map((one) => compare('eq', value, one)));
  if (typeof value !== typeof operand || (typeof value === 'number' && !Number.isFinite(value))) return 'unknown';
  const [a, b] = [value as number, operand as number];
  const holds = { eq: a === b, ne: a !== b, gt: a > b, gte: a >= b, lt: a < b, lte: a <= b }[operator];
  return holds === true ? 'yes' : 'no';
};
const has = (value: unknown, operand: unknown): Answer =>
  Array.isArray(value) ? or(value.map((item) => compare('eq', item, operand))) : 'unknown';

const and = (answers: readonly Answer[]): Answer =>
  answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes';
const or = (answers: readonly Answer[]): Answer =>
  answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no';
