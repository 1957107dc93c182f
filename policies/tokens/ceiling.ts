import { pointerPath, valueAt } from '../../intents/json.ts';
import { isWithin } from '../purposes.ts';
import type { Asked } from '../types.ts';
import { admitsValue, type Detail, type Limit } from './details.ts';

/** The details of each link of a token that has any, from its root on: a request must keep to all of them. */
export type Details = readonly (readonly Detail[])[];

interface Field {
  readonly pointer: string;
  readonly path: readonly string[];
  readonly limit: Limit;
}
interface Grant {
  readonly intents: ReadonlySet<string> | undefined;
  readonly purposes: readonly string[] | undefined;
  readonly limits: ReadonlyMap<string, readonly Field[]>;
}

/** Why a request is beyond its token. */
export interface Beyond {
  readonly user: string;
  readonly admin: string;
  /** The value at fault, where there is one; `missing` where it cannot be known. */
  readonly field?: string;
  readonly missing?: boolean;
}

/** Compiled once for each verified token, and gone with it. */
const compiled = new WeakMap<Details, readonly (readonly Grant[])[]>();

const grantsOf = (details: Details): readonly (readonly Grant[])[] => {
  let grants = compiled.get(details);
  if (grants === undefined) {
    grants = details.map((link) => link.map(compile));
    compiled.set(details, grants);
  }
  return grants;
};

const compile = ({ intents, purposes, limits = {} }: Detail): Grant => ({
  intents: intents && new Set(intents),
  purposes,
  limits: new Map(
    Object.entries(limits).map(([id, fields]) => [
      id,
      Object.entries(fields).map(([pointer, limit]) => ({ pointer, path: pointerPath(pointer), limit })),
    ]),
  ),
});

/** Whether a token may be used for an intent and a purpose at all. A purpose that is not known is within none. */
export const covers = (details: Details, intent: string, purpose: string | undefined): boolean =>
  grantsOf(details).every((link) => link.some((grant) => isFor(grant, intent, purpose)));

const isFor = ({ intents, purposes }: Grant, intent: string, purpose: string | undefined): boolean =>
  (intents === undefined || intents.has(intent)) &&
  (purposes === undefined ||
    (purpose === undefined ? purposes.length === 0 : purposes.some((above) => isWithin(purpose, above))));

/**
 * Whether a request reaches beyond its token. Each link must have a detail that covers all of it: intent, purpose and
 * every limit. A limited value that is missing, or cannot be compared, is beyond it.
 * @returns undefined where it does not
 */
export const beyondToken = (details: Details, { intent, purpose, input }: Asked): Beyond | undefined => {
  for (const [at, link] of grantsOf(details).entries()) {
    let out: Field | undefined;
    let held = false;
    let known = false;
    for (const grant of link) {
      if (!isFor(grant, intent.id, purpose?.name)) continue;
      known = true;
      const field = grant.limits.get(intent.id)?.find(({ path, limit }) => !admitsValue(limit, valueAt(input, path)));
      if (field === undefined) {
        held = true;
        break;
      }
      out ??= field;
    }
    if (held) continue;
    const where = at === 0 ? 'the root of the token' : `link ${at} of the token`;
    if (!known || out === undefined)
      return {
        user: `This token does not carry ${intent.name} for ${purpose === undefined ? 'no purpose' : `the purpose "${purpose.name}"`}.`,
        admin: `${where} does not grant ${intent.id} for ${purpose?.name ?? 'no purpose'}`,
      };
    const { pointer, path, limit } = out;
    const missing = valueAt(input, path) === undefined;
    return {
      user: `This token carries ${intent.name} only with ${pointer} ${limitText(limit)}${missing ? ', and it is not given' : ''}.`,
      admin: `${where} limits ${intent.id} to ${pointer} ${limitText(limit)}`,
      field: pointer,
      missing,
    };
  }
  return undefined;
};

/** A limit in words. */
export const limitText = ({ lte, gte, in: listed, eq }: Limit): string =>
  [
    ...(gte === undefined ? [] : [`at least ${gte}`]),
    ...(lte === undefined ? [] : [`at most ${lte}`]),
    ...(eq === undefined ? [] : [`just ${JSON.stringify(eq)}`]),
    ...(listed === undefined ? [] : [`one of ${listed.map((one) => JSON.stringify(one)).join(', ')}`]),
  ].join(' and ');

/** What is left of the purposes of every link: each is within one of every link that names any. */
export const purposesLeft = (details: Details): string[] => {
  const lists = details.flatMap((link) =>
    link.some(({ purposes }) => purposes === undefined) ? [] : [new Set(link.flatMap(({ purposes = [] }) => purposes))],
  );
  const [first = new Set<string>(), ...others] = lists;
  const left = others.reduce<ReadonlySet<string>>((kept, more) => {
    // Each name once, or a token could make the product of its lists.
    const both = new Set<string>();
    for (const one of kept)
      for (const other of more)
        if (isWithin(one, other)) both.add(one);
        else if (isWithin(other, one)) both.add(other);
    return both;
  }, first);
  return [...left];
};
