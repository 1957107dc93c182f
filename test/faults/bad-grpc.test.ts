import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { stockClient } from '../gateway/grpc-client.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { handles, heapInUse } from './handles.ts';
import { closed } from './raw-http.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ config: 'doors: { grpc: { port: 0, package: acme } }' });
  const client = stockClient(gateway.grpc);
  const service = 'acme.notes.NotesService';
  const { Get } = (await client.definitions(service))[service] as ServiceDefinition;
  get = Get?.requestSerialize({ note_id: 'N-1' }) as Buffer;
  client.close();
});
afterAll(() => gateway.stop());

const [address, port] = ['127.0.0.1', () => Number(gateway.grpc.split(':')[1])];
const path = '/acme.notes.NotesService/Get';
/** A whole message, as the rpc takes it. */
let get: Buffer;
const framed = (message: Buffer, { says = message.length, flag = 0 } = {}) => {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(says, 1);
  return Buffer.concat([head, message]);
};
const session = (): ClientHttp2Session => {
  const made = connectHttp2(`http://${gateway.grpc}`);
  made.on('error', () => {});
  onTestFinished(() => made.destroy());
  return made;
};
const begun = (on: ClientHttp2Session, more: Record<string, string | string[]> = {}): ClientHttp2Stream => {
  const stream = on.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: 'Bearer key-writer',
    ...more,
  });
  stream.on('error', () => {});
  return stream;
};
/** What a call ends with: a status of gRPC or HTTP, or nothing but its end. */
const endOf = (stream: ClientHttp2Stream): Promise<string> =>
  new Promise((resolve) => {
    let told = 'closed';
    const look = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] !== undefined) told = `grpc ${headers['grpc-status']}`;
      else if (headers[':status'] !== 200 && headers[':status'] !== undefined) told = `http ${headers[':status']}`;
    };
    stream
      .on('response', look)
      .on('trailers', look)
      .on('close', () => resolve(told))
      .resume();
  });
const works = async () => {
  const client = stockClient(gateway.grpc);
  const { code } = await client.raw(path, get);
  client.close();
  expect(code).toBe(0);
};

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const frame = (type: number, flags: number, stream: number, payload: Buffer) => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

const garbage: [string, (string | Buffer)[]][] = [
  ['bytes that are no HTTP/2', [Buffer.alloc(100, 0xff)]],
  ['HTTP/1.1', ['GET / HTTP/1.1\r\nhost: x\r\n\r\n']],
  ['a frame that is too large', [preface, settings, frame(0, 0, 1, Buffer.alloc(100_000))]],
  ['headers that are no headers', [preface, settings, frame(1, 4, 1, Buffer.alloc(64, 0xff))]],
  ['data of a stream that is none', [preface, settings, frame(0, 0, 7, Buffer.alloc(10))]],
  ['settings that are none', [preface, frame(4, 0, 0, Buffer.alloc(5))]],
  [
    'headers that go on and on',
    [
      preface,
      settings,
      frame(1, 0, 1, Buffer.from([0x82])),
      ...Array.from({ length: 100 }, () => frame(9, 0, 1, Buffer.alloc(16_000, 0x40))),
    ],
  ],
];

test.each(garbage)('%s: the connection is closed, and the door goes on', async (_name, bytes) => {
  const socket = connect(port(), address);
  socket.on('error', () => {}).resume();
  for (const piece of bytes) socket.write(piece);
  await closed(socket);
  await works();
});

test.each<[string, () => Buffer, RegExp]>([
  ['a message that says it is 4 GB', () => framed(get, { says: 0xffffffff }), /^grpc 8$/],
  ['a message of 1 MB', () => framed(Buffer.alloc(1_048_576)), /^grpc 8$/],
  ['half a message', () => framed(get, { says: 100 }), /^grpc \d+$/],
  ['no message', () => Buffer.alloc(0), /^grpc \d+$/],
  ['half a length', () => Buffer.from([0, 0, 0]), /^grpc \d+$/],
  ['two messages where one is due', () => Buffer.concat([framed(get), framed(get)]), /^grpc \d+$/],
  ['a message that is none', () => framed(get.subarray(0, -1)), /^grpc 3$/],
])('%s', async (_name, bytes, expected) => {
  gateway.received.length = 0;
  const stream = begun(session());
  stream.end(bytes());
  const told = await endOf(stream);
  expect(told).toMatch(expected);
  expect(told).not.toBe('grpc 0');
  expect(gateway.received).toEqual([]);
  await works();
});

test.each<[string, Record<string, string | string[]>, RegExp]>([
  ['another media type', { 'content-type': 'text/plain' }, /^(http 415|grpc \d+)$/],
  ['another method', { ':method': 'GET' }, /^(http \d+|grpc \d+|closed)$/],
  ['a deadline that is none', { 'grpc-timeout': 'soon' }, /^(grpc \d+|http \d+)$/],
  ['a deadline that is over', { 'grpc-timeout': '0n' }, /^(grpc 4|closed)$/],
  ['two keys', { 'idempotency-key': ['a', 'b'] }, /^grpc (0|3)$/],
  [
    'a key of 256 characters',
    { ':path': '/acme.notes.NotesService/Add', 'idempotency-key': 'x'.repeat(256) },
    /^grpc 3$/,
  ],
  ['64 KB of metadata', { 'x-long': 'x'.repeat(65_000) }, /^(grpc \d+|http 431|closed)$/],
])('%s', async (_name, headers, expected) => {
  const stream = begun(session(), headers);
  stream.end(framed(get));
  expect(await endOf(stream)).toMatch(expected);
  await works();
});

test.each<[string, string, () => Buffer, string]>([
  ['that nobody knows', 'snappy', () => get, 'grpc 12'],
  ['that is none', 'gzip', () => get, 'grpc 13'],
  ['of 50 MB', 'gzip', () => gzipSync(Buffer.alloc(50_000_000)), 'grpc 8'],
])('a compression %s', async (_name, encoding, bytes, expected) => {
  const stream = begun(session(), { 'grpc-encoding': encoding });
  stream.end(framed(bytes(), { flag: 1 }));
  expect(await endOf(stream)).toBe(expected);
  await works();
});

test('calls that are begun and never sent, and calls that are taken back at once, keep nobody else waiting', async () => {
  const on = session();
  const silent = Array.from({ length: 100 }, () => begun(on));
  for (let count = 0; count < 300; count++) begun(on).close(constants.NGHTTP2_CANCEL);
  await works();
  on.destroy();
  await Promise.all(silent.map((stream) => closed(stream as never)));
});

test('none of it leaves anything behind', async () => {
  const once = async () => {
    for (const [, bytes] of garbage) {
      const socket = connect(port(), address);
      socket.on('error', () => {}).resume();
      for (const piece of bytes) socket.write(piece);
      await closed(socket);
    }
    const on = connectHttp2(`http://${gateway.grpc}`);
    on.on('error', () => {});
    const streams = Array.from({ length: 20 }, (_, index) => {
      const stream = begun(on);
      if (index % 3 === 0) stream.end(framed(get, { says: 100 }));
      else if (index % 3 === 1) stream.close(constants.NGHTTP2_CANCEL);
      return stream;
    });
    await endOf(streams[0] as ClientHttp2Stream);
    on.destroy();
  };
  const settled = async () => {
    await expect.poll(() => handles().TCPSocketWrap ?? 0, { timeout: 10_000 }).toBeLessThanOrEqual(4);
    return { heap: heapInUse(), timers: handles().Timeout ?? 0 };
  };
  for (let times = 0; times < 3; times++) await once();
  const before = await settled();
  for (let times = 0; times < 15; times++) await once();
  const after = await settled();
  expect(after.timers).toBeLessThanOrEqual(before.timers + 2);
  expect(after.heap - before.heap).toBeLessThan(2_000_000);
}, 90_000);
