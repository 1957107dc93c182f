import type {
  KeptScore,
  ReplayStore,
  RevocationStore,
  ScoreKeeper,
  SecretStore,
  TotalStore,
} from '../../policies/ports.ts';
import type { Score } from '../../policies/reputation/score.ts';
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
  async reserve(id, additions, now, next) {
    const [row] = await query<{ reserved: boolean }>('reserve', 'SELECT ostiary.reserve($1, $2, $3, $4) AS reserved', [
      id,
      JSON.stringify(additions),
      now,
      next === 'recorded',
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

interface ScoreRow {
  readonly key: string;
  readonly body: string;
  readonly version: string;
}
const keptOf = ({ key, body, version }: ScoreRow): KeptScore => ({
  key,
  score: JSON.parse(body) as Score,
  version: Number(version),
});

/** Scores over restarts. Each is put in place of the version that its replica knows of, and of no other. */
export const postgresScores = ({ query }: PostgresConnection): ScoreKeeper => ({
  load: async (limit) =>
    (
      await query<ScoreRow>('scores', 'SELECT key, body, version FROM ostiary.score ORDER BY at DESC LIMIT $1', [limit])
    ).map(keptOf),
  async save(scores, forgetBefore) {
    await query('forget scores', 'DELETE FROM ostiary.score WHERE at < $1', [forgetBefore]);
    // In one order for all replicas, so that no two wait for each other.
    const sorted = scores.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const taken = await query<{ key: string }>(
      'save scores',
      `INSERT INTO ostiary.score AS kept (key, body, version, at)
         SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
       ON CONFLICT (key) DO UPDATE SET body = excluded.body, version = excluded.version, at = excluded.at
         WHERE kept.version = excluded.version - 1 RETURNING key`,
      [
        sorted.map(({ key }) => key),
        sorted.map(({ score }) => JSON.stringify(score)),
        sorted.map(({ version }) => version + 1),
        sorted.map(({ score }) => score.at),
      ],
    );
    const mine = new Set(taken.map(({ key }) => key));
    const others = sorted.filter(({ key }) => !mine.has(key)).map(({ key }) => key);
    if (others.length === 0) return [];
    const rows = await query<ScoreRow>(
      'other scores',
      'SELECT key, body, version FROM ostiary.score WHERE key = ANY ($1)',
      [others],
    );
    return rows.map(keptOf);
  },
});

/** What all replicas know, made up by the first of them. */
export const postgresSecrets = ({ query }: PostgresConnection): SecretStore => ({
  async keep(name, value) {
    await query(
      'put secret',
      'INSERT INTO ostiary.secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
      [name, value],
    );
    const [row] = await query<{ value: string }>('secret', 'SELECT value FROM ostiary.secret WHERE name = $1', [name]);
    return row?.value ?? value;
  },
});
