import type { Effect, Intent } from '../intents/contract.ts';
import type { Condition } from './conditions.ts';
import type { RuleKind } from './document.ts';
import { isWithin, nameComplies } from './purposes.ts';
import type { Mask, Principal } from './types.ts';

/** A rule, compiled. What it reaches is worked out at load; a request only runs its closures. */
export interface Rule {
  readonly id: string;
  readonly kind: RuleKind;
  /** `file:line:column`. */
  readonly place: string;
  /** Whom it is about, from verified claims alone. */
  readonly who: Condition;
  readonly purposes: { readonly allowed: readonly string[] | undefined; readonly prohibited: readonly string[] };
  /** Undefined: it has no conditions beyond who and what for. */
  readonly when: Condition | undefined;
  /** The part of `when` that reads verified claims alone: it holds for all that a credential asks, or for nothing. */
  readonly claims: Condition;
  /** Whether `when` reads more than claims, so that it may turn out either way. */
  readonly open: boolean;
  /** The conditions one by one, in words where a caller may be told what would be allowed. */
  readonly spelled: readonly { readonly words: string | undefined; readonly holds: Condition }[];
  readonly priority: number;
  /** Position in the bundle. */
  readonly order: number;
  readonly fields: readonly string[] | undefined;
  readonly confirms: readonly { readonly ttlMs: number; readonly onEffects: readonly Effect[] | undefined }[];
  readonly redacts: readonly Readonly<Record<string, Mask>>[];
  readonly reason: string | undefined;
  /** Ids of the intents it is about. */
  readonly intents: ReadonlySet<string>;
}

/** Purposes that both the rule and the contract admit. */
export const admits = (rule: Rule, intent: Intent, purpose: string): boolean =>
  nameComplies(purpose, rule.purposes.allowed, rule.purposes.prohibited) === true && withinContract(intent, purpose);

/** A contract that names purposes takes those and what lies below them; one that names none takes any. */
export const withinContract = (intent: Intent, purpose: string): boolean =>
  intent.purposes.length === 0 || intent.purposes.some((above) => isWithin(purpose, above));

/** Declared purposes a principal may ask for. */
export const purposesOf = (principal: Principal, declared: ReadonlySet<string>): string[] =>
  [...declared].filter((purpose) => principal.purposes.some((carried) => isWithin(purpose, carried)));
