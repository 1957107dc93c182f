import { truthOf } from './conditions.ts';
import { complies } from './purposes.ts';
import type { Rule } from './rules.ts';
import type { Asked } from './types.ts';

const maxAlternatives = 3;

/**
 * Says what stands in the way of a permit. Only rules that are about this caller and this purpose are told of, and of
 * those only conditions on what the caller gave and on the time.
 */
export const whyNot = (allows: readonly Rule[], asked: Asked): string => {
  const { intent, purpose } = asked;
  const mine = allows.filter(({ who }) => truthOf(who, asked) === true);
  if (mine.length === 0) return `No policy permits ${intent.name} for this caller.`;
  const near = mine.filter((rule) => complies(purpose, rule.purposes.allowed, rule.purposes.prohibited) === true);
  if (near.length === 0)
    return purpose === undefined || purpose.source === 'proposed'
      ? `${intent.name} is permitted to you only for a purpose, and none was given.`
      : `No policy permits ${intent.name} to you for the purpose "${purpose.name}".`;
  const ways = near.map(({ parts }) =>
    parts.filter(({ holds }) => truthOf(holds, asked) !== true).map(({ words }) => words),
  );
  const told = ways.filter((way): way is string[] => way.every((words) => words !== undefined));
  if (told.length === 0) return `${intent.name} is permitted to you only under conditions that do not hold now.`;
  const alternatives = new Set(
    told.toSorted((a, b) => a.length - b.length).map((way) => `only when ${way.join(' and ')}`),
  );
  const [first = '', ...more] = [...alternatives].slice(0, maxAlternatives);
  return `${intent.name} is permitted to you ${[first, ...more.map((way) => way.replace('only when', 'or when'))].join(', ')}.`;
};
