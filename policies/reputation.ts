import type { Effect } from '../intents/contract.ts';
import { canonicalKey } from './canonical-key.ts';
import type { Reputation, ReputationStore, Whom } from './ports.ts';
import { bandAt, observed, unscored } from './reputation/score.ts';
import type { Band } from './types.ts';

/** Nobody has been seen yet: what holds where nothing keeps scores. */
export const unseen: Reputation = {
  bandOf: () => 'new',
  standingOf: () => ({ band: 'new', score: undefined }),
  observe: () => [],
};

/** Turned off: a band that nobody can know fulfils no allow, and sets off every deny and require that asks for it. */
export const unknownReputation: Reputation = {
  bandOf: () => 'unknown',
  standingOf: () => ({ band: 'unknown', score: undefined }),
  observe: () => [],
};

const effects: readonly Effect[] = ['read', 'write', 'destructive'];

/**
 * Scores of what the gateway itself saw, for each subject that a credential proves, for each key at the root of a token,
 * and each effect. A new key, or a new token, goes on with the score of its subject; a key that is restricted is so for
 * every subject it acts for. Whoever was handed a token has no credit of their own, and only theirs is what they do
 * badly: that is charged to them, and to whoever handed it to them. Nothing that others say counts.
 */
export const createReputation = (store: ReputationStore): Reputation => {
  const scoreAt = (key: string, effect: Effect) => store.get(`${effect} ${key}`);
  const bandOf = (key: string, effect: Effect, now: number): Band => {
    const score = scoreAt(key, effect);
    return score === undefined ? 'new' : bandAt(score, now);
  };
  return {
    bandOf(principal, effect, now) {
      const { subject, root, delegates } = keysOf(principal);
      return [...root, ...delegates].some((key) => bandOf(key, effect, now) === 'restricted')
        ? 'restricted'
        : bandOf(subject, effect, now);
    },
    standingOf(principal, effect, now) {
      const { subject, root, delegates } = keysOf(principal);
      const scores = [subject, ...root, ...delegates].map((key) => ({
        score: scoreAt(key, effect),
        band: bandOf(key, effect, now),
      }));
      const worst = scores.slice(1).find(({ band }) => band === 'restricted') ?? scores[0];
      return { band: worst?.band ?? 'new', score: worst?.score };
    },
    observe(who, seen, effect, request, now) {
      const { subject, root, delegates } = keysOf(who);
      const charged = seen === 'success' ? [subject, ...root] : [subject, ...root, ...delegates];
      // What nobody who means well does says something of all that they may do.
      const classes = seen === 'strike' ? effects : [effect];
      return charged.flatMap((key) =>
        classes.flatMap((one) => {
          const before = scoreAt(key, one);
          const after = observed(before ?? unscored(now), seen, one, request, now);
          store.put(`${one} ${key}`, after);
          const from = before?.band ?? 'new';
          return from === after.band ? [] : [{ who: key, effect: one, from, to: after.band }];
        }),
      );
    },
  };
};

/** The subject, which the credential proves; the key that its token was issued to; the key of each it was handed on to. */
const keysOf = ({ tenant, type, id, token }: Whom) => {
  const [first, ...others] = (token?.links ?? []).map(({ key }) =>
    key === undefined ? [] : [canonicalKey(['key', tenant, key]) ?? ''],
  );
  return { subject: canonicalKey(['subject', tenant, type, id]) ?? '', root: first ?? [], delegates: others.flat() };
};
