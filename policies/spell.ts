const phrases: Readonly<Record<string, string>> = {
  eq: 'is',
  ne: 'is not',
  gt: 'is above',
  gte: 'is at least',
  lt: 'is below',
  lte: 'is at most',
  in: 'is one of',
  notIn: 'is none of',
  has: 'has',
  hasAny: 'has one of',
  anyIn: 'has one of',
  matches: 'matches',
};

/** Says a condition in words: `/in/amount {gt: 0, lte: 200}` is "amount is above 0 and is at most 200". */
export const spell = (path: string, tests: Readonly<Record<string, unknown>>): string => {
  const { between, tz = 'UTC', days, ...others } = tests;
  const said = Object.entries(others).map(([operator, operand]) =>
    operator === 'present'
      ? operand === true
        ? 'is given'
        : 'is not given'
      : `${phrases[operator] ?? operator} ${shown(operand)}`,
  );
  if (Array.isArray(between))
    said.push(
      `is between ${between.join(' and ')} (${String(tz)}${Array.isArray(days) ? `, ${days.join(', ')}` : ''})`,
    );
  return `${path
    .replace(/^\/in\//, '')
    .replace(/^\//, '')
    .replaceAll('/', '.')} ${said.join(' and ')}`;
};

const shown = (operand: unknown): string => (Array.isArray(operand) ? operand.join(', ') : String(operand));
