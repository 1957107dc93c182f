import { limitText } from '../../policies/tokens/ceiling.ts';
import { takeApart } from '../../policies/tokens/claims.ts';
import type { Detail } from '../../policies/tokens/details.ts';
import { publicPartOf, thumbprintOf } from '../../policies/tokens/keys.ts';
import { paint, print } from './terminal.ts';

/** One link as it says of itself, believed by nobody yet. */
export interface Told {
  readonly link: number;
  readonly id: string;
  readonly key: string | undefined;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** @throws OstiaryError where it cannot be taken apart */
export const toldBy = async (token: string): Promise<Told[]> =>
  Promise.all(
    takeApart(token).map(async ({ id, header, payload }, link) => ({
      link,
      id,
      key: await keyIn(payload),
      header,
      claims: payload,
    })),
  );

const keyIn = async ({ cnf }: Readonly<Record<string, unknown>>): Promise<string | undefined> => {
  try {
    return await thumbprintOf(publicPartOf((cnf as { jwk?: unknown } | undefined)?.jwk));
  } catch {
    return undefined;
  }
};

export const drawLink = ({ link, id, key, claims }: Told): void => {
  const who = link === 0 ? `${text(claims.sub_type, 'user')} ${text(claims.sub)}, by ${text(claims.iss)}` : 'handed on';
  print(`${paint('bold', link === 0 ? 'root' : `link ${link}`)} ${plain(who)}`);
  const rows: [string, string][] = [
    ['id', id],
    ['key', key ?? 'none: whoever holds it may use it, and nobody can hand it on'],
    ['until', timeOf(claims.exp)],
    ...(claims.aud === undefined ? [] : [['for', [claims.aud].flat().map(String).join(', ')] as [string, string]]),
    ...(claims.del_max_depth === undefined
      ? []
      : [['handed on', `at most ${text(claims.del_max_depth)} times in all`] as [string, string]]),
    ...detailRows(claims.authorization_details),
  ];
  for (const [name, value] of rows) print(`  ${paint('dim', name.padEnd(10))} ${plain(value)}`);
};

/** A token may say anything: on a terminal it is text and nothing else. */
export const plain = (said: string): string =>
  said.replace(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, '\uFFFD');

const detailRows = (details: unknown): [string, string][] =>
  !Array.isArray(details)
    ? [['grants', 'what the link before it grants']]
    : (details as Detail[]).flatMap(({ intents, purposes, limits = {} }): [string, string][] => [
        ['grants', `${intents?.join(', ') ?? 'the same intents'} for ${purposesText(purposes)}`],
        ...Object.entries(limits).flatMap(([intent, fields]) =>
          Object.entries(fields).map(([field, limit]): [string, string] => [
            '',
            `${intent} with ${field} ${limitText(limit)}`,
          ]),
        ),
      ]);

const purposesText = (purposes: readonly string[] | undefined): string =>
  purposes === undefined ? 'the same purposes' : purposes.length === 0 ? 'no purpose' : purposes.join(', ');

const text = (value: unknown, otherwise = '?'): string => (value === undefined ? otherwise : String(value));
const timeOf = (seconds: unknown): string =>
  typeof seconds === 'number' && Math.abs(seconds) < 1e11 ? new Date(seconds * 1_000).toISOString() : text(seconds);
