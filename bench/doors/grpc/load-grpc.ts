// Closed-loop load over gRPC from a process of its own: `{ url, connections, ms }` in, `{ requests, errors }` out. The
// url is `address path`; the message holds the same values as that of the HTTP load.
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { numberOf } from '../../../intents/project/proto-names.ts';

const texts = {
  order_id: 'A-1001',
  customer: 'Ada Lovelace',
  locale: 'en-GB',
  since: '2026-01-01',
  note: 'called this morning about a late parcel and wants to know where it is now',
};
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const message = Buffer.concat(
  Object.entries(texts).map(([name, text]) =>
    Buffer.concat([Buffer.from(varint(numberOf(name) * 8 + 2)), Buffer.from([text.length]), Buffer.from(text)]),
  ),
);
const metadata = new Metadata();
metadata.set('authorization', 'Bearer bench');
const same = (bytes: Buffer): Buffer => bytes;

process.on('message', async ({ url, connections, ms }: { url: string; connections: number; ms: number }) => {
  const [address = '', path = ''] = url.split(' ');
  const client = new Client(address, credentials.createInsecure());
  const until = performance.now() + ms;
  let [requests, errors] = [0, 0];
  const one = () =>
    new Promise<void>((resolve) =>
      client.makeUnaryRequest(path, same, same, message, metadata, (error, bytes) => {
        requests++;
        if (error !== null || !bytes?.includes('A-1001')) errors++;
        resolve();
      }),
    );
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) await one();
    }),
  );
  client.close();
  process.send?.({ requests, errors });
});
process.send?.({});

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
