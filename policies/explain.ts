import { truthOf } from './conditions.ts';
import { complies, type Truth } from './purposes.ts';
import type { Part, Rule } from './rules.ts';
import type { Asked, Verdict } from './types.ts';

/** Says of one rule what was made of it, piece by piece. @param asked with a purpose only where it counts */
export const verdictOf = (rule: Rule, asked: Asked): Verdict => {
  const who = truthOf(rule.who, asked);
  const purpose = complies(asked.purpose, rule.purposes.allowed, rule.purposes.prohibited);
  const conditions = rule.parts.map((part) => ({
    path: part.path,
    tests: part.tests,
    value: read(part, asked),
    holds: truthOf(part.holds, asked),
  }));
  return {
    kind: rule.kind as Verdict['kind'],
    rule: rule.id,
    place: rule.place,
    who,
    purpose,
    conditions,
    holds: both([who, purpose, ...conditions.map(({ holds }) => holds)]),
  };
};

const read = (part: Part, asked: Asked): unknown => {
  try {
    return part.read(asked);
  } catch {
    return undefined;
  }
};

const both = (truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
