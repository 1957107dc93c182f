import type { Intent } from '../intents/contract.ts';
import type { JsonSchema } from '../intents/json.ts';
import { type ConditionFault, checkCondition } from './check-condition.ts';
import { all, type Condition, compileTests } from './conditions.ts';
import type { RuleDocument, WhenDocument } from './document.ts';
import type { Rule } from './rules.ts';
import { spell } from './spell.ts';

type ResolveRef = (schema: JsonSchema) => JsonSchema;

/** Conditions that hold or not for all that a credential asks: they count for what its holder may know of, too. */
const aboutClaims = /^\/(subject|token)\//;

type Conditional = Exclude<RuleDocument, { reveal: string }>;
export const conditional = (rule: RuleDocument): Conditional | undefined => ('reveal' in rule ? undefined : rule);

/** One path of a `when` or `match`, with its tests compiled. */
interface Part {
  readonly path: string;
  readonly tests: WhenDocument[string];
  readonly holds: Condition;
}

/**
 * Checks and compiles a set of conditions, which are joined by "and".
 * @param wrong told of every fault; a bundle with any is never made
 * @returns nothing where anything is faulty
 */
export const partsOf = (
  when: WhenDocument,
  reached: readonly Intent[],
  resolveRef: ResolveRef,
  subject: boolean,
  wrong: (fault: ConditionFault) => void,
): Part[] => {
  const faults = Object.entries(when).flatMap(([path, tests]) =>
    checkCondition(path, tests, reached, resolveRef, subject),
  );
  for (const fault of faults) wrong(fault);
  if (faults.length > 0) return [];
  return Object.entries(when).map(([path, tests]) => ({ path, tests, holds: compileTests(path, tests) }));
};

/** Joins parts by "and". */
export const allOf = (parts: readonly Part[]): Condition => all(parts.map(({ holds }) => holds));

const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const toMs = (text: string): number => Number.parseInt(text, 10) * units[text.at(-1) as keyof typeof units];

/** Turns a rule as written into one that runs. @param reached the intents it is about */
export const compileRule = (
  written: RuleDocument,
  kind: Rule['kind'],
  id: string,
  place: string,
  tenant: string | undefined,
  order: number,
  reached: readonly Intent[],
  subjects: ReadonlyMap<string, { readonly value: Condition }>,
  resolveRef: ResolveRef,
  wrong: (fault: ConditionFault) => void,
): Rule => {
  const rule = conditional(written);
  const parts = partsOf(rule?.when ?? {}, reached, resolveRef, false, wrong);
  const obligations = rule !== undefined && 'obligations' in rule ? rule.obligations : [];
  return {
    id,
    kind,
    place,
    who: ofTenant(
      tenant,
      anyOf(
        (written.who ?? []).map((name) => subjects.get(name)?.value ?? (() => undefined)),
        written.who === undefined,
      ),
    ),
    purposes: { allowed: rule?.for, prohibited: rule?.notFor ?? [] },
    when: parts.length === 0 ? undefined : allOf(parts),
    claims: allOf(parts.filter(({ path }) => aboutClaims.test(path))),
    open: parts.some(({ path }) => !aboutClaims.test(path)),
    spelled: parts.map(({ path, tests, holds }) => ({ words: spell(path, tests), holds })),
    priority: rule !== undefined && 'priority' in rule ? rule.priority : 0,
    order,
    fields: rule !== undefined && 'fields' in rule ? rule.fields : undefined,
    confirms: obligations.flatMap((one) =>
      one.confirm === undefined ? [] : [{ ttlMs: toMs(one.confirm.ttl), onEffects: one.confirm.onEffects }],
    ),
    redacts: obligations.flatMap(({ redact }) => (redact === undefined ? [] : [redact])),
    reason: rule !== undefined && 'reason' in rule ? rule.reason : undefined,
    intents: new Set(reached.map((intent) => intent.id)),
  };
};

/** The rules of a file that names a tenant are about the callers of that tenant alone. */
const ofTenant = (tenant: string | undefined, who: Condition): Condition =>
  tenant === undefined ? who : (asked, doubt) => asked.principal.tenant === tenant && who(asked, doubt);

/** Joins subjects by "or", after Kleene: true wins over unknown. */
const anyOf = (conditions: readonly Condition[], everybody: boolean): Condition => {
  if (everybody) return () => true;
  return (asked, doubt) => {
    let truth: boolean | undefined = false;
    for (const condition of conditions) {
      const result = condition(asked, doubt);
      if (result === true) return true;
      if (result === undefined) truth = undefined;
    }
    return truth;
  };
};
