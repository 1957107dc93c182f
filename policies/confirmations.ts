import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Provenance } from '../intents/contract.ts';
import type { Input, Json } from '../intents/json.ts';
import { holderOf } from './tokens/principal.ts';
import type { Asked, Principal } from './types.ts';

/** What waits for a person's yes. Everything needed to decide again in full; nothing here permits anything. */
export interface Pending {
  readonly id: string;
  /** Of the request that was held back. */
  readonly request: string;
  readonly tenant: string;
  readonly principal: { readonly type: string; readonly id: string };
  /** The key of who asked for that principal, where a token was handed on to them. */
  readonly holder?: string;
  readonly intent: { readonly name: string; readonly version: string; readonly major: number };
  readonly input: Input;
  readonly purpose: Asked['purpose'];
  readonly provenance: Readonly<Record<string, Provenance>>;
  readonly resolution: Asked['resolution'];
  /** `other-human`: a person who is not the principal must approve it first. Left out, `self`. */
  readonly by?: 'self' | 'other-human';
  /** Who did. It binds what was shown, like a yes, and permits nothing by itself. */
  readonly approvedBy?: { readonly type: string; readonly id: string; readonly at: string };
  /** See `bindingHash`. */
  readonly binding: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/**
 * Binds an approval to what was shown: who, which contract, which values, why, and under which policies. One changed
 * member makes it void. SHA-256 over the canonical JSON (RFC 8785), base64url, as in the AuthZEN access-request draft.
 */
export const bindingHash = (asked: Asked, bundle: string): string => {
  const { principal, intent, input, purpose, provenance } = asked;
  const bound = {
    subject: { tenant: principal.tenant, type: principal.type, id: principal.id },
    action: { intent: intent.name, version: intent.version },
    resource: input,
    context: { purpose: purpose?.name ?? null, provenance, bundle },
  };
  return createHash('sha256')
    .update(canonicalize(bound) ?? '')
    .digest('base64url');
};

/** Whether it waits for this caller: who asked, or for whom they asked. An agent says yes to what it asked itself alone. */
export const isTheirs = (pending: Pending, principal: Principal): boolean => {
  const holder = holderOf(principal);
  return (
    pending.tenant === principal.tenant &&
    pending.principal.type === principal.type &&
    pending.principal.id === principal.id &&
    (holder === undefined || holder === pending.holder)
  );
};

/** One value as a person is shown it before saying yes. */
export interface ShownValue {
  readonly pointer: string;
  readonly title: string;
  readonly value: Json;
  readonly from: Provenance;
}

const origins: Record<Provenance, string> = {
  user: 'from your words',
  input: 'given in the call',
  session: 'from earlier in this conversation',
  default: 'the usual value',
  principal: 'from who you are',
  backend: 'from a backend',
  model: 'guessed by a language model',
};

/** Plain text made by us alone: what will happen, which values, where each came from. No markup, no backend text. */
export const confirmationText = (title: string, effect: string, values: readonly ShownValue[]): string =>
  [
    `${printable(title)}${effect === 'destructive' ? ' (this cannot be taken back)' : ''}:`,
    ...values.map(({ title: name, value, from }) => `  ${printable(name)}: ${printable(value)} (${origins[from]})`),
  ].join('\n');

const maxShown = 200;

// Control, bidirectional and invisible characters could make the text say something else than it is.
const printable = (value: Json): string => {
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(
    /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    '\uFFFD',
  );
  const characters = [...text];
  return characters.length <= maxShown
    ? text
    : `${characters.slice(0, maxShown).join('')}… (${characters.length - maxShown} more characters)`;
};
