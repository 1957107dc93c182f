import { hash } from 'node:crypto';
import type { Pending } from '../../policies/confirmations.ts';
import type { Claimed, OpenWrite, Store, StoredEntry } from '../../policies/ports.ts';
import { groupCommit } from './group-commit.ts';
import { isPlain, lines, linesOf } from './postgres-beside.ts';
import type { PostgresConnection } from './postgres-connection.ts';

interface EntryRow {
  readonly sequence: string;
  readonly body: string;
  readonly hash: string;
}
const entryOf = ({ sequence, body, hash }: EntryRow): StoredEntry => ({ sequence: Number(sequence), body, hash });

interface WriteRow {
  readonly request: string;
  readonly body: string;
  readonly until: string;
}
const writeOf = ({ request, body, until }: WriteRow): OpenWrite => ({ request, body, untilMs: Number(until) });

const entries = 'SELECT sequence, body, hash FROM ostiary.audit';
const pendingOf = ({ body }: { readonly body: string }) => JSON.parse(body) as Pending;

/**
 * A store for several replicas, on PostgreSQL 13 or newer. One chain of hashes for all of them, which grows while the
 * database holds the lock of the log; a sync is paid per group of entries.
 * @param connection closed with the store
 */
export const postgresStore = (connection: PostgresConnection): Store => {
  const { query } = connection;
  /** What the next entry follows, as far as it is known here: others append too. */
  let newest: string | undefined;
  const log = groupCommit(async (bodies, besides) => {
    const hashes: string[] = [];
    for (const body of newest === undefined ? [] : bodies)
      hashes.push(hash('sha256', `${hashes.at(-1) ?? newest}\n${body}`));
    const [row] = await query<{ newest: string }>(
      'append',
      'SELECT ostiary.append($1, $2, $3, $4, $5, $6, $7) AS newest',
      [lines(bodies), lines(hashes), newest ?? '', ...linesOf(besides)],
    );
    newest = row?.newest;
  });
  return {
    audit: {
      append: (body, patience, beside) =>
        !isPlain(body, beside)
          ? Promise.reject(new Error('an entry that is no JSON'))
          : log.append(body, patience, beside),
      backlog: log.backlog,
      read: async (after, limit) =>
        (
          await query<EntryRow>('read', `${entries} WHERE sequence > $1 ORDER BY sequence LIMIT $2`, [after, limit])
        ).map(entryOf),
      tail: async (limit) =>
        (await query<EntryRow>('tail', `${entries} ORDER BY sequence DESC LIMIT $1`, [limit])).map(entryOf).reverse(),
      async cut(through) {
        const [row] = await query<{ gone: string }>('cut', 'SELECT ostiary.cut($1) AS gone', [through]);
        return Number(row?.gone ?? 0);
      },
    },
    writes: {
      open: async (limit) =>
        (
          await query<WriteRow>('open', 'SELECT request, body, until FROM ostiary.open_write ORDER BY place LIMIT $1', [
            limit,
          ])
        ).map(writeOf),
      async find(request) {
        const [row] = await query<WriteRow>(
          'find',
          'SELECT request, body, until FROM ostiary.open_write WHERE request = $1',
          [request],
        );
        return row && writeOf(row);
      },
      async take(request, now, until) {
        const taken = await query(
          'take',
          'UPDATE ostiary.open_write SET until = $3 WHERE request = $1 AND until <= $2 RETURNING 1',
          [request, now, until],
        );
        return taken.length === 1;
      },
    },
    claims: {
      async claim({ id, fingerprint, request, untilMs }, now) {
        const [row] = await query<{ fingerprint: string; request: string; until: string; answer: string | null }>(
          'claim',
          'SELECT * FROM ostiary.claim_key($1, $2, $3, $4, $5)',
          [id, fingerprint, request, untilMs, now],
        );
        if (row === undefined) return undefined;
        const claimed: Claimed = { fingerprint: row.fingerprint, request: row.request, untilMs: Number(row.until) };
        return row.answer === null ? claimed : { ...claimed, answer: row.answer };
      },
    },
    confirmations: {
      async put(pending) {
        const expires = Date.parse(pending.expiresAt);
        // What expired a day ago is told apart from what never was no longer.
        await query(
          'put',
          `WITH old AS (DELETE FROM ostiary.confirmation WHERE expires < $4::bigint - 86400000)
           INSERT INTO ostiary.confirmation (id, tenant, body, expires) VALUES ($1, $2, $3, $4::bigint)`,
          [pending.id, pending.tenant, JSON.stringify(pending), expires],
        );
      },
      async get(id) {
        const [row] = await query<{ body: string }>(
          'get',
          'SELECT body FROM ostiary.confirmation WHERE id = $1 AND NOT used',
          [id],
        );
        return row && pendingOf(row);
      },
      pending: async (tenant, now, limit) =>
        (
          await query<{ body: string }>(
            'pending',
            'SELECT body FROM ostiary.confirmation WHERE tenant = $1 AND NOT used AND expires > $2 ORDER BY place LIMIT $3',
            [tenant, now, limit],
          )
        ).map(pendingOf),
      async replace(before, after) {
        // JSON of what was parsed is again what was stored: members keep their order.
        const replaced = await query(
          'replace',
          'UPDATE ostiary.confirmation SET body = $3 WHERE id = $1 AND body = $2 AND NOT used RETURNING 1',
          [before.id, JSON.stringify(before), JSON.stringify(after)],
        );
        return replaced.length === 1;
      },
      async consume(id) {
        const used = await query(
          'consume',
          'UPDATE ostiary.confirmation SET used = true WHERE id = $1 AND NOT used RETURNING 1',
          [id],
        );
        return used.length === 1;
      },
    },
    fault: connection.fault,
    async close() {
      await log.drain();
      await connection.close();
    },
  };
};
