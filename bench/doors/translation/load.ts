// Closed-loop load from a process of its own: `{ url, connections, ms, body, headers, expect }` in, `{ requests, errors }`
// out. `{n}` in the body is another number each time.
import { Pool } from 'undici';

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly ms: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What stands in every right answer. */
  readonly expect: string;
}

let sent = 0;
process.on('message', async ({ url, connections, ms, body, headers, expect }: Load) => {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections });
  const until = performance.now() + ms;
  const all = { 'content-type': 'application/json', authorization: 'Bearer bench', ...headers };
  let [requests, errors] = [0, 0];
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        const text = body.replaceAll('{n}', String(sent++));
        const response = await pool.request({ method: 'POST', path, headers: all, body: text });
        const answer = await response.body.text();
        requests++;
        if (response.statusCode !== 200 || !answer.includes(expect)) errors++;
      }
    }),
  );
  await pool.close();
  process.send?.({ requests, errors });
});
process.send?.({});

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
