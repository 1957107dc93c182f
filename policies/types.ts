import type { Intent, Provenance } from '../intents/contract.ts';
import type { Input, Json, JsonObject } from '../intents/json.ts';
import type { Details } from './tokens/ceiling.ts';

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
  readonly credential: { readonly kind: 'api-key' | 'jwt' | 'token'; readonly id: string };
  /** How surely this request is the caller's own; left out, whoever holds the credential may have sent it. */
  readonly proof?: ProofLevel;
  /** How often the credential was handed on since it was issued; left out, never. */
  readonly delegations?: number;
  /** Where the credential is a capability token. */
  readonly token?: {
    /** What it was narrowed to, link by link: nothing beyond any of them is permitted. */
    readonly details: Details;
    /** From its root on: by what each is revoked, and the thumbprint of the key it was handed to. */
    readonly links: readonly { readonly id: string; readonly key?: string }[];
  };
}

/** From the weakest to the strongest. */
export const proofLevels = ['bearer', 'dpop', 'signed-request', 'signed-plan'] as const;
export type ProofLevel = (typeof proofLevels)[number];

/** What the gateway has seen of a caller, from the best to the worst; nobody begins at the best. */
export const bands = ['trusted', 'standard', 'new', 'restricted'] as const;
export type Band = (typeof bands)[number];

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
  /** What each aggregate holds without this request, by name; one that could not be read is not there. */
  readonly totals?: ReadonlyMap<string, number>;
  /** Left out, `new`; `unknown` where no scores are kept. */
  readonly band?: Band | 'unknown';
  /** How surely this very request is the caller's own; left out, as the principal says. */
  readonly proof?: ProofLevel;
}

export type Obligation =
  | {
      readonly type: 'confirm';
      /** `other-human`: a person who is not the caller must say yes as well. */
      readonly by: 'self' | 'other-human';
      readonly ttlMs: number;
      readonly rule: string;
    }
  | { readonly type: 'redact'; readonly fields: Readonly<Record<string, Mask>>; readonly rule: string }
  | {
      readonly type: 'step-up';
      /** What to log in with: the strongest that is asked for. Undefined: any, if it was recent enough. */
      readonly acr: string | undefined;
      /** Values of the claim `acr` that will do; undefined: any. */
      readonly accepts: readonly string[] | undefined;
      /** Since `auth_time`; undefined: at any time. */
      readonly maxAgeMs: number | undefined;
      readonly rule: string;
    }
  | { readonly type: 'proof'; readonly level: ProofLevel; readonly rule: string }
  | { readonly type: 'rate'; readonly rate: Rate; readonly rule: string };

/** How often whatever has this name may be asked for. */
export interface Rate {
  readonly name: string;
  readonly requests: number;
  readonly perMs: number;
  /** By each caller, or by all callers of a tenant together. */
  readonly of: 'caller' | 'tenant';
}

/**
 * `drop` leaves the field out, `mask` keeps the first character, `mail-mask` keeps the first character and the domain;
 * a mask of the policy keeps so many characters at either end.
 */
export type Mask = 'drop' | 'mask' | 'mail-mask' | NamedMask;
export interface NamedMask {
  readonly name: string;
  readonly keepStart: number;
  readonly keepEnd: number;
}

export interface Unknown {
  readonly rule: string;
  readonly path: string;
  readonly why: string;
}

/** What a permit adds to an aggregate; it must be reserved before the call, and only fits below `atMost`. */
export interface Addition {
  readonly name: string;
  readonly key: string;
  readonly windowMs: number;
  readonly amount: number;
  /** The most it may hold afterwards so that every rule says what it said in this decision; undefined: no rule minds. */
  readonly atMost: number | undefined;
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
  /** The same rules with where they stand (`file:line:column`). */
  readonly fired: readonly { readonly id: string; readonly place: string }[];
  readonly obligations: readonly Obligation[];
  /** JSON pointers (with `*` for any index or member) that the caller may see of the output; undefined: all. */
  readonly fields: readonly string[] | undefined;
  /** `user` may be shown to the caller; `admin` names rules with file and line and is for the log and `explain` of an admin. */
  readonly reason: { readonly user: string; readonly admin: string };
  readonly unknown: readonly Unknown[];
  /** What is to be reserved before the call; empty where no aggregate counts this intent. */
  readonly additions: readonly Addition[];
  /** SHA-256 over the policy files, hex. */
  readonly bundle: string;
}

/** How one rule of an intent stands to a request, for whoever explains a decision. */
export interface Verdict {
  readonly kind: 'allow' | 'deny' | 'require';
  readonly rule: string;
  readonly place: string;
  /** Undefined: it cannot be known. */
  readonly who: boolean | undefined;
  readonly purpose: boolean | undefined;
  readonly conditions: readonly {
    readonly path: string;
    readonly tests: Readonly<Record<string, unknown>>;
    readonly value: unknown;
    readonly holds: boolean | undefined;
  }[];
  readonly holds: boolean | undefined;
}

/** What an aggregate asks its store for. */
export interface Reading {
  readonly name: string;
  readonly key: string;
  readonly windowMs: number;
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
  /** Totals that must be read, into `asked.totals`, before this can be decided. */
  readings(asked: Asked): readonly Reading[];
  /** Every rule of the intent, and what was made of it. */
  explain(asked: Asked): readonly Verdict[];
  /** Every path that some rule for the intent reads. */
  reads(intent: Intent): readonly string[];
  /** What those paths led to, of what an audit entry does not hold anyway: claims, address, totals, band. */
  footprint(asked: Asked): Readonly<Record<string, Json>>;
  /** `callable` when some input, purpose of this credential and time could be permitted. */
  visibility(principal: Principal, intent: Intent): Visibility;
  /** Purposes of this principal under which some rule could permit the intent. */
  purposesFor(principal: Principal, intent: Intent): readonly string[];
  /** Ids and places of all rules, in their order. */
  readonly rules: readonly { readonly id: string; readonly kind: string; readonly place: string }[];
}
