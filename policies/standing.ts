import type { IntentRules } from './bundle.ts';
import { truthOf } from './conditions.ts';
import { complies } from './purposes.ts';
import type { Rule } from './rules.ts';
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
  readonly allow: readonly Standing[];
  readonly deny: readonly Standing[];
  readonly require: readonly Standing[];
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
    allow: rules.allow.flatMap(standing),
    deny: rules.deny.flatMap(standing),
    require: rules.require.flatMap(standing),
  };
};
