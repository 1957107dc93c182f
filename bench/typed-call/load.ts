// Closed-loop load from a process of its own: `{ url, connections, ms }` in, `{ requests, errors }` out.
import { Pool } from 'undici';

const body = JSON.stringify({
  order_id: 'A-1001',
  customer: 'Ada Lovelace',
  channel: 'web',
  detail: 'full',
  locale: 'en-GB',
  currency: 'EUR',
  limit: 20,
  since: '2026-01-01',
  include_items: true,
  note: 'called this morning about a late parcel and wants to know where it is now',
});
const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };

process.on('message', async ({ url, connections, ms }: { url: string; connections: number; ms: number }) => {
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
        if (response.statusCode !== 200 || !text.includes('A-1001')) errors++;
      }
    }),
  );
  await pool.close();
  process.send?.({ requests, errors });
});
process.send?.({});

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
