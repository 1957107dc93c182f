import type { Intent } from '../intents/contract.ts';
import type { JsonSchema } from '../intents/json.ts';
import { type ConditionFault, checkCondition } from './check-condition.ts';
import { all, type Condition, compileTests, type World } from './conditions.ts';
import { type RuleDocument, toMs, type WhenDocument } from './document.ts';
import { reader } from './read.ts';
import { type Duty, isAboutClaims, type Part, type Rule } from './rules.ts';
import { spell } from './spell.ts';
import type { Mask, Rate } from './types.ts';

type ResolveRef = (schema: JsonSchema) => JsonSchema;

/** What the names in rules stand for. */
export interface RuleWorld extends World {
  readonly subjects: ReadonlyMap<string, Subject>;
  readonly rates: ReadonlyMap<string, Rate>;
  readonly masks: ReadonlyMap<string, Mask>;
  /** Values of `acr`, the weakest first. */
  readonly levels: readonly string[];
  readonly resolveRef: ResolveRef;
}
export interface Subject {
  readonly holds: Condition;
  readonly reads: readonly string[];
}

type Conditional = Exclude<RuleDocument, { reveal: string }>;
export const conditional = (rule: RuleDocument): Conditional | undefined => ('reveal' in rule ? undefined : rule);

/** The obligations of a rule as written; kinds that have none have none. */
export const obligationsIn = (rule: RuleDocument) => ('obligations' in rule ? rule.obligations : []);

/**
 * Checks and compiles a set of conditions, which are joined by "and".
 * @param wrong told of every fault; a bundle with any is never made
 * @returns nothing where anything is faulty
 */
export const partsOf = (
  when: WhenDocument,
  reached: readonly Intent[],
  resolveRef: ResolveRef,
  world: World,
  subject: boolean,
  wrong: (fault: ConditionFault) => void,
): Part[] => {
  const faults = Object.entries(when).flatMap(([path, tests]) =>
    checkCondition(path, tests, reached, resolveRef, world, subject),
  );
  for (const fault of faults) wrong(fault);
  if (faults.length > 0) return [];
  return Object.entries(when).map(([path, tests]) => partOf(path, tests, world));
};

/** By the world they were compiled in: in many rules the same condition stands. */
const compiled = new WeakMap<World, Map<string, Part>>();

const partOf = (path: string, tests: WhenDocument[string], world: World): Part => {
  const known = compiled.get(world) ?? new Map<string, Part>();
  compiled.set(world, known);
  const written = `${path} ${JSON.stringify(tests)}`;
  const before = known.get(written);
  if (before !== undefined) return before;
  const [read, test] = [reader(path, world), compileTests(path, tests, world)];
  const words = spell(path, tests);
  const part: Part = { path, tests, read, test, holds: (asked, doubt) => test(read(asked), doubt), words };
  known.set(written, part);
  return part;
};

/** Joins parts by "and". */
export const allOf = (parts: readonly Part[]): Condition => all(parts.map(({ holds }) => holds));

interface Placed {
  readonly kind: Rule['kind'];
  readonly id: string;
  readonly place: string;
  readonly tenant: string | undefined;
  readonly order: number;
}

/** Turns a rule as written into one that runs. @param reached the intents it is about */
export const compileRule = (
  written: RuleDocument,
  placed: Placed,
  reached: readonly Intent[],
  world: RuleWorld,
  wrong: (fault: ConditionFault) => void,
): Rule => {
  const { tenant, ...named } = placed;
  const rule = conditional(written);
  const parts = partsOf(rule?.when ?? {}, reached, world.resolveRef, world, false, wrong);
  const who = (written.who ?? []).flatMap((name) => world.subjects.get(name) ?? []);
  const rest = parts.filter(({ path }) => !isAboutClaims(path));
  return {
    ...named,
    who: ofTenant(tenant, anyOf(who, written.who === undefined)),
    purposes: { allowed: rule?.for, prohibited: rule?.notFor ?? [] },
    claims: allOf(parts.filter(({ path }) => isAboutClaims(path))),
    rest: rest.length === 0 ? undefined : allOf(rest),
    parts,
    reads: [...new Set([...who.flatMap(({ reads }) => reads), ...parts.map(({ path }) => path)])],
    priority: rule !== undefined && 'priority' in rule ? rule.priority : 0,
    fields: rule !== undefined && 'fields' in rule ? rule.fields : undefined,
    duties: obligationsIn(written).flatMap((one) => dutiesOf(one, world)),
    reason: rule !== undefined && 'reason' in rule ? rule.reason : undefined,
    intents: new Set(reached.map((intent) => intent.id)),
  };
};

const dutiesOf = (
  { confirm, stepUp, proof, rate, redact }: ReturnType<typeof obligationsIn>[number],
  { rates, masks, levels }: RuleWorld,
): Duty[] => {
  const duties: Duty[] = [];
  if (confirm !== undefined)
    duties.push({ type: 'confirm', by: confirm.by, ttlMs: toMs(confirm.ttl), onEffects: confirm.onEffects });
  if (stepUp !== undefined) {
    const { acr, maxAge } = stepUp;
    const accepts = acr === undefined ? undefined : levels.includes(acr) ? levels.slice(levels.indexOf(acr)) : [acr];
    duties.push({ type: 'step-up', acr, accepts, maxAgeMs: maxAge === undefined ? undefined : toMs(maxAge) });
  }
  if (proof !== undefined) duties.push({ type: 'proof', level: proof });
  const named = rate === undefined ? undefined : rates.get(rate);
  if (named !== undefined) duties.push({ type: 'rate', rate: named });
  if (redact !== undefined)
    duties.push({
      type: 'redact',
      // A name that is not known is a fault of the file, told where names are checked; until then it hides all.
      fields: Object.fromEntries(Object.entries(redact).map(([field, mask]) => [field, masks.get(mask) ?? 'drop'])),
    });
  return duties;
};

/** The rules of a file that names a tenant are about the callers of that tenant alone. */
const ofTenant = (tenant: string | undefined, who: Condition): Condition =>
  tenant === undefined ? who : (asked, doubt) => asked.principal.tenant === tenant && who(asked, doubt);

/** Joins subjects by "or", after Kleene: true wins over unknown. */
const anyOf = (subjects: readonly Subject[], everybody: boolean): Condition => {
  if (everybody) return () => true;
  return (asked, doubt) => {
    let truth: boolean | undefined = false;
    for (const { holds } of subjects) {
      const result = holds(asked, doubt);
      if (result === true) return true;
      if (result === undefined) truth = undefined;
    }
    return truth;
  };
};
