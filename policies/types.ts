import type { Intent, Provenance } from '../intents/contract.ts';
import type { Input, JsonObject } from '../intents/json.ts';

/** Who asks, once authenticated, and what the credential lets them ask. */
export interface Principal {
  readonly tenant: string;
  readonly type: string;
  readonly id: string;
  /** Verified claims of the credential: `/token/roles` in a policy reads `claims.roles`. */
  readonly claims: JsonObject;
  /** Purposes the credential carries; each covers everything below it. */
  readonly purposes: readonly string[];
  /** Taken when a request declares none. */
  readonly defaultPurpose: string | undefined;
  /** Capability names the credential is narrowed to; undefined: not narrowed. */
  readonly capabilities: readonly string[] | undefined;
  /** `id` names the credential in the record; it is never the secret. */
  readonly credential: { readonly kind: 'api-key' | 'jwt'; readonly id: string };
}

/** Why it is asked. A purpose that a model proposed never satisfies a rule. */
export interface Purpose {
  readonly name: string;
  readonly source: 'token' | 'session' | 'declared' | 'proposed';
}

/** All that a decision reads. */
export interface Asked {
  readonly principal: Principal;
  readonly intent: Intent;
  readonly input: Input;
  readonly purpose: Purpose | undefined;
  /** By JSON pointer into the input (`/amount`). */
  readonly provenance: Readonly<Record<string, Provenance>>;
  /** A typed call has confidence and margin 1. */
  readonly resolution: { readonly tier: string; readonly confidence: number; readonly margin: number };
  readonly context: { readonly now: Date; readonly ip: string | undefined; readonly door: string };
}

export type Obligation =
  | { readonly type: 'confirm'; readonly by: 'self'; readonly ttlMs: number; readonly rule: string }
  | { readonly type: 'redact'; readonly fields: Readonly<Record<string, Mask>>; readonly rule: string };
/** `drop` leaves the field out, `mask` keeps the first character, `mail-mask` keeps the first character and the domain. */
export type Mask = 'drop' | 'mask' | 'mail-mask';

export interface Unknown {
  readonly rule: string;
  readonly path: string;
  readonly why: string;
}

export interface Decision {
  readonly id: string;
  readonly outcome: 'permit' | 'deny';
  /** Ids of the rules that fired, by kind. */
  readonly rules: {
    readonly allow: readonly string[];
    readonly deny: readonly string[];
    readonly require: readonly string[];
  };
  readonly obligations: readonly Obligation[];
  /** JSON pointers (with `*` for any index or member) that the caller may see of the output; undefined: all. */
  readonly fields: readonly string[] | undefined;
  /** `user` may be shown to the caller; `admin` names rules with file and line and is for the log and `explain` of an admin. */
  readonly reason: { readonly user: string; readonly admin: string };
  readonly unknown: readonly Unknown[];
  /** SHA-256 over the policy files, hex. */
  readonly bundle: string;
}

/** What a caller may know of one intent. `hidden` is neither listed, nor a candidate, nor named. */
export type Visibility = 'callable' | 'revealed' | 'hidden';

/** Compiled policies: one decision function behind every door. */
export interface Bundle {
  readonly hash: string;
  /** Declared purposes, `service/ticket`. */
  readonly purposes: ReadonlySet<string>;
  readonly ruleCount: number;
  /** Never throws: an error inside a condition is an unknown. */
  decide(asked: Asked): Decision;
  /** `callable` when some input, purpose of this credential and time could be permitted. */
  visibility(principal: Principal, intent: Intent): Visibility;
  /** Purposes of this principal under which some rule could permit the intent. */
  purposesFor(principal: Principal, intent: Intent): readonly string[];
}
