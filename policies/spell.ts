const phrases: Readonly<Record<string, string>> = {
  eq: '',
  ne: 'not',
  gt: 'above',
  gte: 'at least',
  lt: 'below',
  lte: 'at most',
  in: 'one of',
  notIn: 'none of',
  inNet: 'in the network',
  notInNet: 'outside the network',
};

/**
 * Says a condition in words: `/in/amount {gt: 0, lte: 200}` is "/amount is above 0 and at most 200".
 * @returns undefined where it is not the caller's to know: who they must be, from where, and how they are understood
 */
export const spell = (path: string, tests: Readonly<Record<string, unknown>>): string | undefined => {
  if (path === '/ctx/time') return Array.isArray(tests.between) ? `the time is ${clock(tests)}` : undefined;
  if (!path.startsWith('/in/')) return undefined;
  const is: string[] = [];
  const other: string[] = [];
  for (const [operator, operand] of Object.entries(tests)) {
    const phrase = phrases[operator];
    if (phrase !== undefined) is.push(`${phrase} ${shown(operand)}`.trim());
    else if (operator === 'present') is.push(operand === true ? 'given' : 'not given');
    else if (operator === 'matches') other.push(`matches ${shown(operand)}`);
    else other.push(`holds ${Array.isArray(operand) ? 'one of ' : ''}${shown(operand)}`);
  }
  const said = [...(is.length === 0 ? [] : [`is ${is.join(' and ')}`]), ...other].join(' and ');
  return `${path.slice('/in'.length)} ${said}`;
};

const clock = ({ between, tz = 'UTC', days }: Readonly<Record<string, unknown>>): string =>
  `between ${(between as string[]).join(' and ')} (${[tz, ...((days as string[] | undefined) ?? [])].join(', ')})`;

const shown = (operand: unknown): string => (Array.isArray(operand) ? operand.join(', ') : String(operand));
