import type { KeptScore } from '../../policies/ports.ts';
import type { Score } from '../../policies/reputation/score.ts';
import type { Addition } from '../../policies/types.ts';
import type { Database } from './sqlite-schema.ts';

export interface Reservation {
  readonly id: string;
  readonly additions: readonly Addition[];
  readonly now: number;
}
export interface Proof {
  readonly holder: string;
  readonly proof: string;
  readonly until: number;
  readonly now: number;
}

/** What the main thread asks of what adds up, is revoked, was seen and is kept of callers. */
export type CountAsk =
  | { readonly op: 'reserve'; readonly asked: readonly Reservation[]; readonly sync: 'now' | 'later' }
  | { readonly op: 'giveBack'; readonly id: string }
  | { readonly op: 'revoke'; readonly id: string; readonly until: number; readonly now: number }
  | { readonly op: 'prove'; readonly asked: readonly Proof[] }
  | { readonly op: 'loadScores'; readonly limit: number }
  | { readonly op: 'saveScores'; readonly scores: readonly KeptScore[]; readonly forgetBefore: number }
  | { readonly op: 'keepSecret'; readonly name: string; readonly value: string };

/** The half of the store's thread that counts. What is over is swept away a little with everything that is new. */
export const counting = ({
  database,
  transaction,
}: Pick<Database, 'database' | 'transaction'>): ((ask: CountAsk) => unknown) => {
  const held = database.prepare('SELECT coalesce(sum(amount), 0) AS total FROM reserved WHERE key = ? AND until > ?');
  const add = database.prepare('INSERT INTO reserved (id, key, amount, until) VALUES (?, ?, ?, ?)');
  const drop = database.prepare('DELETE FROM reserved WHERE id = ?');
  const sweep = (table: string) =>
    database.prepare(`DELETE FROM ${table} WHERE until IN (SELECT until FROM ${table} WHERE until <= ? LIMIT 10)`);
  const [sweepReserved, sweepRevoked, sweepProofs] = [sweep('reserved'), sweep('revoked'), sweep('proof')];
  const revoke = database.prepare(
    'INSERT INTO revoked (id, until) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET until = max(until, excluded.until)',
  );
  const take = database.prepare(
    `INSERT INTO proof (holder, proof, until) VALUES (?, ?, ?)
     ON CONFLICT (holder, proof) DO UPDATE SET until = excluded.until WHERE until <= ?`,
  );
  const scores = database.prepare('SELECT key, body, version FROM score ORDER BY at DESC LIMIT ?');
  const score = database.prepare('SELECT key, body, version FROM score WHERE key = ?');
  const putScore = database.prepare(
    `INSERT INTO score (key, body, version, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET body = excluded.body, version = excluded.version, at = excluded.at WHERE version = ?`,
  );
  const forgetScores = database.prepare('DELETE FROM score WHERE at < ?');
  const putSecret = database.prepare('INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING');
  const secret = database.prepare('SELECT value FROM secret WHERE name = ?');

  const reserve = ({ id, additions, now }: Reservation): boolean => {
    for (const { key, amount, atMost } of additions) {
      if (atMost === undefined) continue;
      const { total } = held.get(key, now) as { total: number };
      if (total + amount > atMost) return false;
    }
    sweepReserved.run(now);
    for (const { key, amount, windowMs } of additions) add.run(id, key, amount, now + windowMs);
    return true;
  };
  const prove = ({ holder, proof, until, now }: Proof): boolean => {
    sweepProofs.run(now);
    return Number(take.run(holder, proof, until, now).changes) === 1;
  };
  const save = ({ key, score: one, version }: KeptScore): KeptScore[] => {
    const taken = putScore.run(key, JSON.stringify(one), version + 1, one.at, version);
    return Number(taken.changes) === 1 ? [] : [keptOf(score.get(key) as unknown as ScoreRow)];
  };

  return (ask) => {
    switch (ask.op) {
      case 'reserve':
        return transaction(() => ask.asked.map(reserve), ask.sync);
      case 'giveBack':
        return transaction(() => void drop.run(ask.id), 'later');
      case 'revoke':
        return transaction(() => {
          sweepRevoked.run(ask.now);
          revoke.run(ask.id, ask.until);
        });
      case 'prove':
        return transaction(() => ask.asked.map(prove), 'later');
      case 'loadScores':
        return (scores.all(ask.limit) as unknown as ScoreRow[]).map(keptOf);
      case 'saveScores':
        return transaction(() => {
          forgetScores.run(ask.forgetBefore);
          return ask.scores.flatMap(save);
        }, 'later');
      case 'keepSecret':
        return transaction(() => {
          putSecret.run(ask.name, ask.value);
          return (secret.get(ask.name) as { value: string }).value;
        });
    }
  };
};

interface ScoreRow {
  readonly key: string;
  readonly body: string;
  readonly version: number;
}
const keptOf = ({ key, body, version }: ScoreRow): KeptScore => ({ key, score: JSON.parse(body) as Score, version });
