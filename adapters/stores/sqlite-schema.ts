import { DatabaseSync } from 'node:sqlite';

// Forward only: entry n takes the schema from version n to n + 1.
const migrations = [
  `CREATE TABLE audit (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
   CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
   CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
   CREATE TABLE confirmation (id TEXT PRIMARY KEY, body TEXT NOT NULL, expires_at INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) STRICT;`,
  `CREATE TABLE audit_cut (through INTEGER NOT NULL) STRICT;
   DROP TRIGGER audit_no_delete;
   CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
     WHEN OLD.sequence > coalesce((SELECT max(through) FROM audit_cut), 0)
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
   CREATE TABLE open_write (request TEXT NOT NULL UNIQUE, body TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
   CREATE TABLE claim (id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, request TEXT NOT NULL, until INTEGER NOT NULL, answer TEXT, expires INTEGER NOT NULL) STRICT;
   CREATE INDEX claim_expires ON claim (expires);`,
  `CREATE TABLE reserved (id TEXT NOT NULL, key TEXT NOT NULL, amount REAL NOT NULL, until INTEGER NOT NULL) STRICT;
   CREATE INDEX reserved_key ON reserved (key, until, amount);
   CREATE INDEX reserved_id ON reserved (id);
   CREATE INDEX reserved_until ON reserved (until);
   CREATE TABLE revoked (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX revoked_until ON revoked (until);
   CREATE TABLE proof (holder TEXT NOT NULL, proof TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (holder, proof)) STRICT, WITHOUT ROWID;
   CREATE INDEX proof_until ON proof (until);
   CREATE TABLE score (key TEXT PRIMARY KEY, body TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX score_at ON score (at);
   CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
];

export interface Database {
  readonly database: DatabaseSync;
  /**
   * Does all of it or nothing.
   * @param sync `later`: it is on disk before anything that is committed after it and synced, and survives the process in
   * any case; left out, it is on disk when this returns
   */
  transaction<T>(work: () => T, sync?: 'now' | 'later'): T;
  /** Writes, and changes nothing. @throws Error where nothing can be written */
  touch(): void;
}

/**
 * Opens the file of the embedded store and brings it up to date.
 * @throws Error where it cannot be opened or was written by a newer version
 */
export const openDatabase = (path: string): Database => {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;');
  const synced = <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };
  const number = () => database.exec(`PRAGMA user_version = ${migrations.length}`);
  synced(() => {
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version > migrations.length) throw new Error(`the store was written by a newer version (schema ${version})`);
    for (const migration of migrations.slice(version)) database.exec(migration);
    number();
  });
  return {
    database,
    touch: () => synced(number),
    transaction(work, sync = 'now') {
      if (sync === 'now') return synced(work);
      database.exec('PRAGMA synchronous = NORMAL');
      try {
        return synced(work);
      } finally {
        database.exec('PRAGMA synchronous = FULL');
      }
    },
  };
};
