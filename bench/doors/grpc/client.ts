// Question: what does a unary call cost the process that makes it, by the client of grpc-js, beside node:http2 and undici's
// HTTP/2 with frames and headers by hand (no deadline, no status details, no name resolution)? CPU time of this process, in
// turns; the median.
import { connect } from 'node:http2';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { H2CClient } from 'undici';
import { benchOptions, best, machine, median, start } from '../measure.ts';

const { rounds, connections, json } = benchOptions();
const calls = 3_000;
const path = '/bench.v1.Orders/Get';
const message = Buffer.concat([Buffer.from([10, 6]), Buffer.from('A-1001')]);
const children: Parameters<typeof start>[2] = [];
try {
  const { url } = await start<{ url: string }>(new URL('./upstream.ts', import.meta.url), {}, children);
  const client = new Client(url, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('x-request-id', 'r-1');
  const same = (bytes: Buffer): Buffer => bytes;
  const byGrpcJs = () =>
    new Promise<Buffer>((resolve, reject) => {
      const options = { deadline: Date.now() + 5_000 };
      client.makeUnaryRequest(path, same, same, message, metadata.clone(), options, (error, bytes) =>
        error === null && bytes !== undefined ? resolve(bytes) : reject(error),
      );
    });

  const session = connect(`http://${url}`);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  const framed = Buffer.concat([head, message]);
  const byHand = () =>
    new Promise<Buffer>((resolve, reject) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        'x-request-id': 'r-1',
      });
      const chunks: Buffer[] = [];
      let status: unknown;
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('trailers', (trailers) => {
        status = trailers['grpc-status'];
      });
      stream.on('error', reject);
      stream.on('end', () =>
        status === '0' ? resolve(Buffer.concat(chunks).subarray(5)) : reject(new Error('failed')),
      );
      stream.end(framed);
    });

  const dispatcher = new H2CClient(`http://${url}`, { pipelining: connections, maxConcurrentStreams: connections });
  const byUndici = () =>
    new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      dispatcher.dispatch(
        {
          method: 'POST',
          path,
          headers: { 'content-type': 'application/grpc', te: 'trailers', 'x-request-id': 'r-1' },
          body: framed,
        },
        {
          onRequestStart: () => {},
          onResponseStart: () => {},
          onResponseData: (_, chunk) => {
            chunks.push(chunk);
          },
          onResponseEnd: (_, trailers) =>
            trailers['grpc-status'] === '0' ? resolve(Buffer.concat(chunks).subarray(5)) : reject(new Error('failed')),
          onResponseError: (_, error) => reject(error),
        },
      );
    });

  const round = async (call: () => Promise<Buffer>): Promise<number> => {
    const before = process.cpuUsage();
    let left = calls;
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (left-- > 0) if (!(await call()).includes('A-1001')) throw new Error('a wrong answer');
      }),
    );
    const { user, system } = process.cpuUsage(before);
    return (user + system) / calls;
  };
  const ways = [
    { way: 'grpc-js', call: byGrpcJs, us: [] as number[] },
    { way: 'node:http2 by hand', call: byHand, us: [] as number[] },
    { way: 'undici HTTP/2 by hand', call: byUndici, us: [] as number[] },
  ];
  for (const { call } of ways) await round(call);
  for (let turn = 0; turn < rounds; turn++) for (const { call, us } of ways) us.push(await round(call));
  const rows = ways.map(({ way, us }) => ({ way, us_median: Math.round(median(us)), us_best: Math.round(best(us)) }));
  if (json) process.stdout.write(`${JSON.stringify({ rounds, connections, rows })}\n`);
  else {
    process.stdout.write(`${machine()}, ${rounds} rounds of ${calls} calls, ${connections} at a time\n`);
    console.table(rows);
  }
  client.close();
  session.close();
  await dispatcher.close();
} finally {
  for (const child of children) child.removeAllListeners('exit').kill();
}
