import { z } from 'zod';
import { didYouMean } from '../intents/did-you-mean.ts';
import type { Finding } from '../intents/findings.ts';
import { isObject } from '../intents/json.ts';
import { type Source, zodFindings } from '../intents/source.ts';
import {
  knownPolicyKeys,
  type PolicyDocument,
  policyDocument,
  type RuleDocument,
  ruleKindNames,
  ruleKindOf,
  ruleSchema,
} from './document.ts';

/** Rules are checked one by one, each against its own kind. */
const outerDocument = policyDocument.omit({ rules: true }).extend({ rules: z.array(z.unknown()).catch([]) });

/** A policy file as far as its shape is right. */
export interface Parsed {
  /** With the rules whose own shape is right; undefined where a section has no shape, so that names would be missing. */
  readonly value: PolicyDocument | undefined;
  /** Where each of those rules stands in the file. */
  readonly places: readonly number[];
  readonly faults: readonly Finding[];
}

/**
 * Checks the shape of one policy file. Rules are checked one by one against the schema of their own kind, so that a
 * fault is told for what was meant.
 */
export const parsePolicy = (source: Source): Parsed => {
  const known = (path: readonly PropertyKey[]) => knownPolicyKeys(path, source.value);
  const outer = outerDocument.safeParse(source.value);
  const faults = outer.success ? [] : zodFindings(outer.error, source, 'policy', known);
  const rules: RuleDocument[] = [];
  const places: number[] = [];
  const written = isObject(source.value) && Array.isArray(source.value.rules) ? source.value.rules : [];
  for (const [index, rule] of written.entries()) {
    const kind = isObject(rule) ? ruleKindOf(rule) : undefined;
    if (kind === undefined) {
      const meant = isObject(rule) ? didYouMean(Object.keys(rule)[0] ?? '', ruleKindNames) : '';
      const message = `A rule begins with "allow:", "deny:", "require:" or "reveal:" and its name.${meant}`;
      faults.push({
        severity: 'error',
        file: source.file,
        ...source.at(['rules', index]),
        code: 'policy.rule',
        message,
      });
      continue;
    }
    const parsed = ruleSchema(kind).safeParse(rule);
    if (parsed.success) {
      rules.push(parsed.data);
      places.push(index);
    } else {
      for (const issue of parsed.error.issues) issue.path.unshift('rules', index);
      faults.push(...zodFindings(parsed.error, source, 'policy', known));
    }
  }
  if (faults.length === 0 && rules.length === 0) {
    // Only then: an empty "rules:" says nothing while something else is wrong.
    const whole = policyDocument.safeParse(source.value);
    return whole.success
      ? { value: whole.data, places, faults }
      : { value: undefined, places, faults: zodFindings(whole.error, source, 'policy', known) };
  }
  return { value: outer.success ? { ...outer.data, rules } : undefined, places, faults };
};
