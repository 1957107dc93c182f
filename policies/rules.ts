import type { Effect, Intent } from '../intents/contract.ts';
import type { Condition, ValueTest } from './conditions.ts';
import type { RuleKind } from './document.ts';
import { isWithin, nameComplies } from './purposes.ts';
import type { Read } from './read.ts';
import type { Mask, Principal, ProofLevel, Rate } from './types.ts';

/** A rule, compiled. What it reaches is worked out at load; a request only runs its closures. */
export interface Rule {
  readonly id: string;
  readonly kind: RuleKind;
  /** `file:line:column`. */
  readonly place: string;
  /** Whom it is about, from verified claims alone. */
  readonly who: Condition;
  readonly purposes: { readonly allowed: readonly string[] | undefined; readonly prohibited: readonly string[] };
  /** Conditions that read verified claims alone: they hold for all that a credential asks, or for nothing. */
  readonly claims: Condition;
  /** The other conditions, which may turn out either way; undefined: there are none. */
  readonly rest: Condition | undefined;
  /** All conditions one by one. */
  readonly parts: readonly Part[];
  /** Every path that it reads. */
  readonly reads: readonly string[];
  readonly priority: number;
  /** Position in the bundle. */
  readonly order: number;
  readonly fields: readonly string[] | undefined;
  readonly duties: readonly Duty[];
  readonly reason: string | undefined;
  /** Ids of the intents it is about. */
  readonly intents: ReadonlySet<string>;
}

/** One path of a `when` or `match`, with its tests compiled. */
export interface Part {
  readonly path: string;
  readonly tests: Readonly<Record<string, unknown>>;
  readonly holds: Condition;
  readonly read: Read;
  /** The same of a value that is read already. */
  readonly test: ValueTest;
  /** In words, where a caller may be told. */
  readonly words: string | undefined;
}

/** An obligation as a rule asks for it, before those of several rules are joined. */
export type Duty =
  | {
      readonly type: 'confirm';
      readonly by: 'self' | 'other-human';
      readonly ttlMs: number;
      readonly onEffects: readonly Effect[] | undefined;
    }
  | {
      readonly type: 'step-up';
      readonly acr: string | undefined;
      readonly accepts: readonly string[] | undefined;
      readonly maxAgeMs: number | undefined;
    }
  | { readonly type: 'proof'; readonly level: ProofLevel }
  | { readonly type: 'rate'; readonly rate: Rate }
  | { readonly type: 'redact'; readonly fields: Readonly<Record<string, Mask>> };

/** Conditions that hold or not for all that a credential asks: they count for what its holder may know of, too. */
export const isAboutClaims = (path: string): boolean => /^\/(subject|token|chain)\//.test(path);

/** Purposes that both the rule and the contract admit. */
export const admits = (rule: Rule, intent: Intent, purpose: string): boolean =>
  nameComplies(purpose, rule.purposes.allowed, rule.purposes.prohibited) === true && withinContract(intent, purpose);

/** A contract that names purposes takes those and what lies below them; one that names none takes any. */
export const withinContract = (intent: Intent, purpose: string): boolean =>
  intent.purposes.length === 0 || intent.purposes.some((above) => isWithin(purpose, above));

/** Declared purposes a principal may ask for. */
export const purposesOf = (principal: Principal, declared: ReadonlySet<string>): string[] =>
  [...declared].filter((purpose) => principal.purposes.some((carried) => isWithin(purpose, carried)));
