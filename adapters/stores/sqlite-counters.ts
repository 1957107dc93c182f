import type { ReplayStore, RevocationStore, ScoreKeeper, SecretStore, TotalStore } from '../../policies/ports.ts';
import { inGroups } from './in-groups.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import type { Proof, Reservation } from './sqlite-counting.ts';

/** Totals that outlive the process, and that all processes on one file share. */
export const sqliteTotals = ({ tell, reader }: SqliteConnection): TotalStore => {
  const held = reader.prepare('SELECT coalesce(sum(amount), 0) AS total FROM reserved WHERE key = ? AND until > ?');
  const reserving = (sync: 'now' | 'later') =>
    inGroups<Reservation, boolean>((asked) => tell({ op: 'reserve', asked, sync }));
  const [alone, recorded] = [reserving('now'), reserving('later')];
  return {
    totals: async (readings, now) => readings.map(({ key }) => (held.get(key, now) as { total: number }).total),
    reserve: (id, additions, now, next) => (next === 'recorded' ? recorded : alone)({ id, additions, now }),
    async settle(id, kept) {
      if (!kept) await tell({ op: 'giveBack', id });
    },
  };
};

/** What is revoked, on disk from the moment it is acknowledged. */
export const sqliteRevocations = ({ tell, reader }: SqliteConnection, now: () => number): RevocationStore => {
  const found = reader.prepare('SELECT 1 FROM revoked WHERE id = ? AND until > ?');
  return {
    revoke: (id, until) => tell({ op: 'revoke', id, until, now: now() }),
    revoked: (ids, nowMs) => ids.some((id) => found.get(id, nowMs) !== undefined),
  };
};

/** Proofs that were seen, by a process before this one too. */
export const sqliteReplays = ({ tell }: SqliteConnection): ReplayStore => {
  const prove = inGroups<Proof, boolean>((asked) => tell({ op: 'prove', asked }));
  return { take: (holder, proof, until, now) => prove({ holder, proof, until, now }) };
};

export const sqliteScores = ({ tell }: SqliteConnection): ScoreKeeper => ({
  load: (limit) => tell({ op: 'loadScores', limit }),
  save: (scores, forgetBefore) => tell({ op: 'saveScores', scores, forgetBefore }),
});

export const sqliteSecrets = ({ tell }: SqliteConnection): SecretStore => ({
  keep: (name, value) => tell({ op: 'keepSecret', name, value }),
});
