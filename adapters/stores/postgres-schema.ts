import type { ClientBase } from 'pg';
import { lockOf, migrations } from './postgres-migrations.ts';

/**
 * Brings the schema up to date; replicas that start together take turns.
 * @throws Error where it was made by a newer version, or the user of the URL may not make it
 */
export const migrate = async (client: ClientBase): Promise<void> => {
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${lockOf.migrating})`);
    await client.query('CREATE SCHEMA IF NOT EXISTS ostiary');
    await client.query('CREATE TABLE IF NOT EXISTS ostiary.schema (version integer NOT NULL)');
    const { rows } = await client.query<{ version: number }>('SELECT version FROM ostiary.schema');
    const version = rows[0]?.version ?? 0;
    if (version > migrations.length) throw new Error(`the store was written by a newer version (schema ${version})`);
    for (const migration of migrations.slice(version)) await client.query(migration);
    if (version < migrations.length) {
      await client.query('DELETE FROM ostiary.schema');
      await client.query('INSERT INTO ostiary.schema (version) VALUES ($1)', [migrations.length]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
};
