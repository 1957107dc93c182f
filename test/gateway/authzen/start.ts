import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger, serve } from '../../../gateway/serve.ts';
import { loadSetup } from '../../../gateway/setup.ts';

/** A gateway on one of the set-ups in this folder, asked as a service with a front door of its own asks. */
export const startDecisionPoint = async (name: 'certification' | 'todo') => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-authzen-'));
  const { setup, findings } = await loadSetup(join(import.meta.dirname, name), { AUTHZEN_STORE: `file:${folder}` });
  if (setup === undefined) throw new Error(JSON.stringify(findings, null, 2));
  const config = { ...setup.config, resolve: { ...setup.config.resolve, learned: `file:${folder}/learned` } };
  const serving = await serve({ ...setup, config }, {}, createLogger('silent'));
  const send = (
    method: string,
    path: string,
    body: unknown,
    {
      key = 'pep',
      headers = {},
      unfinished = false,
    }: { key?: string | undefined; headers?: Record<string, string>; unfinished?: boolean } = {},
  ) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: Answer }>((resolve, reject) => {
      const out = httpRequest(
        serving.url + path,
        {
          method,
          headers: {
            ...(key === '' ? {} : { authorization: `Bearer key-${key}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += String(chunk);
          });
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text || 'null') });
            if (unfinished) out.destroy();
          });
        },
      );
      out.on('error', reject);
      const written = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      if (unfinished) out.write(written);
      else out.end(written);
    });
  const onDisk = (): Answer[] => {
    const reader = new DatabaseSync(join(folder, 'ostiary.db'), { readOnly: true });
    const rows = reader.prepare('SELECT body FROM audit ORDER BY sequence').all() as { body: string }[];
    reader.close();
    return rows.map(({ body }) => JSON.parse(body) as Answer);
  };
  return {
    /** Runs SQL on the store behind its back. */
    tamper(sql: string) {
      const writer = new DatabaseSync(join(folder, 'ostiary.db'), { timeout: 5_000 });
      writer.exec(sql);
      writer.close();
    },
    send,
    post: (path: string, body: unknown, key?: string) => send('POST', `/access/v1/${path}`, body, { key }),
    /** Entries of a request and of those made for it, as soon as there are so many. */
    async entries(request: string, count = 1): Promise<Answer[]> {
      for (let tries = 0; tries < 1_000; tries++) {
        const found = onDisk().filter((entry) => entry.request === request || entry.parent === request);
        if (found.length >= count) return found;
        await delay(20);
      }
      throw new Error(`${request} has not ${count} entries`);
    },
    async stop() {
      await serving.close();
      rmSync(folder, { recursive: true });
    },
  };
};
export type DecisionPoint = Awaited<ReturnType<typeof startDecisionPoint>>;
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into at any depth, and every look is an assertion
export type Answer = Record<string, any>;
