// Closed-loop load from a process of its own: `{ url, connections, ms, body }` in, `{ requests, errors }` out.
import { Pool } from 'undici';

const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };

type Wanted = { url: string; connections: number; ms: number; body: string };
process.on('message', async ({ url, connections, ms, body }: Wanted) => {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections });
  const until = performance.now() + ms;
  let requests = 0;
  let errors = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        const response = await pool.request({ method: 'POST', path, headers, body });
        const text = await response.body.text();
        requests++;
        if (response.statusCode !== 200 || !text.includes('BTN-00000001')) errors++;
      }
    }),
  );
  await pool.close();
  process.send?.({ requests, errors });
});
process.send?.({});

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
