import { Pool, type QueryResultRow } from 'pg';
import { migrate } from './postgres-schema.ts';

/**
 * Every statement of ours finds its rows by an index. Without this a plan made while a table was small reads all of it
 * when it has grown, until statistics are taken again. Compiling a plan takes longer than any of them.
 */
const planning = '-c enable_seqscan=off -c jit=off';
/** Connections of one replica. */
const maxConnections = 10;
const connectMs = 3_000;
/** Longer than any statement of ours should take, shorter than a request waits. */
const statementMs = 5_000;
const pingEveryMs = 500;

export interface PostgresConnection {
  /** Runs one statement: one transaction. @throws Error (rejects) where it failed; what became of it is not known then */
  query<Row extends QueryResultRow>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
  /** Why nothing can be asked of it, or undefined. It tries by itself until it can. */
  fault(): string | undefined;
  close(): Promise<void>;
}

/**
 * @param url `postgres://user:password@host/database`, as PostgreSQL's own programs read it
 * @throws Error where it cannot be reached, or its schema cannot be made
 */
export const connectPostgres = async (url: string): Promise<PostgresConnection> => {
  const pool = new Pool({
    connectionString: url,
    application_name: 'ostiary',
    options: planning,
    max: maxConnections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: statementMs + 1_000,
    keepAlive: true,
  });
  let fault: string | undefined;
  let closed = false;
  let pinging: NodeJS.Timeout | undefined;
  const failed = (error: unknown) => {
    fault = `the store cannot be reached: ${(error as Error).message}`;
    pinging ??= setInterval(() => {
      pool.query('SELECT 1').then(well, () => {});
    }, pingEveryMs).unref();
  };
  const well = () => {
    fault = undefined;
    clearInterval(pinging);
    pinging = undefined;
  };
  // Of a connection that nobody uses now; without a listener it would end the process.
  pool.on('error', failed);
  try {
    const client = await pool.connect();
    try {
      await migrate(client);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw new Error(`PostgreSQL at ${placeOf(url)}: ${(error as Error).message}`);
  }
  return {
    async query<Row extends QueryResultRow>(name: string, text: string, values: readonly unknown[]) {
      if (closed) throw new Error('the store is closed');
      try {
        const { rows } = await pool.query<Row>({ name, text, values: [...values] });
        well();
        return rows;
      } catch (error) {
        failed(error);
        throw error;
      }
    },
    fault: () => (closed ? 'the store is closed' : fault),
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(pinging);
      await pool.end();
    },
  };
};

/** Where it is, without who asks and by what word. */
const placeOf = (url: string): string => {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'an address that is no URL';
  }
};
