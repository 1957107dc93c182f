import type { ReplayStore, RevocationStore, TotalStore } from '../../policies/ports.ts';
import type { PostgresConnection } from './postgres-connection.ts';

/** Totals that all replicas share: what one of them reserves counts for the others at once. */
export const postgresTotals = ({ query }: PostgresConnection): TotalStore => ({
  async totals(readings, now) {
    const keys = [...new Set(readings.map(({ key }) => key))];
    const rows = await query<{ key: string; total: number }>(
      'totals',
      'SELECT key, sum(amount) AS total FROM ostiary.reserved WHERE key = ANY ($1) AND until > $2 GROUP BY key',
      [keys, now],
    );
    const totals = new Map(rows.map(({ key, total }) => [key, total]));
    return readings.map(({ key }) => totals.get(key) ?? 0);
  },
  async reserve(id, additions, now) {
    const [row] = await query<{ reserved: boolean }>('reserve', 'SELECT ostiary.reserve($1, $2, $3) AS reserved', [
      id,
      JSON.stringify(additions),
      now,
    ]);
    return row?.reserved ?? false;
  },
  async settle(id, kept) {
    if (!kept) await query('settle', 'DELETE FROM ostiary.reserved WHERE id = $1', [id]);
  },
});

/** What is revoked, for every replica from the moment it holds: each check asks. */
export const postgresRevocations = ({ query }: PostgresConnection): RevocationStore => ({
  async revoke(id, until) {
    await query(
      'revoke',
      `INSERT INTO ostiary.revoked (id, until) VALUES ($1, $2)
       ON CONFLICT (id) DO UPDATE SET until = greatest(ostiary.revoked.until, excluded.until)`,
      [id, until],
    );
  },
  async revoked(ids, now) {
    const found = await query('revoked', 'SELECT 1 FROM ostiary.revoked WHERE id = ANY ($1) AND until > $2 LIMIT 1', [
      ids,
      now,
    ]);
    return found.length > 0;
  },
});

/** Proofs that were seen by any replica. */
export const postgresReplays = ({ query }: PostgresConnection): ReplayStore => ({
  async take(holder, proof, until, now) {
    const taken = await query(
      'replay',
      `WITH old AS (DELETE FROM ostiary.proof WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ostiary.proof WHERE until <= $4 ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED)))
       INSERT INTO ostiary.proof AS seen (holder, proof, until) VALUES ($1, $2, $3)
       ON CONFLICT (holder, proof) DO UPDATE SET until = excluded.until WHERE seen.until <= $4 RETURNING 1`,
      [holder, proof, until, now],
    );
    return taken.length === 1;
  },
});
