import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { grpcBackend } from '../../adapters/backends/grpc.ts';
import { refusals } from '../../gateway/road/call.ts';
import { context } from '../adapters/backends/contract.ts';
import { grpcOptions, startGrpc } from '../adapters/backends/grpc-world.ts';

let world: Awaited<ReturnType<typeof startGrpc>>;
/** What stands between the two, and lets everything pass until it is told otherwise. */
let between: Awaited<ReturnType<typeof cuttable>>;
let backend: ReturnType<typeof grpcBackend>;
beforeEach(async () => {
  world = await startGrpc();
  between = await cuttable(Number(world.address.split(':')[1]));
  backend = grpcBackend(grpcOptions(`127.0.0.1:${between.port}`));
});
afterEach(async () => {
  await backend.close();
  await between.close();
  await world.stop();
});
const call = (say = 'hello') =>
  backend.compile({ kind: 'grpc', backend: 'echo', service: 'echo.v1.Echo', method: 'Say' }).call({ say }, context());
const frame = (type: number, flags: number, stream: number, payload = Buffer.alloc(0)) => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

const faults: [string, (socket: Socket) => void][] = [
  ['nothing', () => {}],
  ['a reset', (socket) => socket.resetAndDestroy()],
  ['the end', (socket) => socket.end()],
  ['bytes that are no frame', (socket) => socket.write(Buffer.alloc(64, 0xff))],
  ['HTTP/1.1', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['a frame that is too large', (socket) => socket.write(frame(0, 0, 1, Buffer.alloc(100_000)))],
  ['data of a stream that is none', (socket) => socket.write(frame(0, 0, 99, Buffer.alloc(4)))],
  ['headers that are no headers', (socket) => socket.write(frame(1, 4, 1, Buffer.alloc(8, 0xff)))],
  ['an end of the stream, with an error', (socket) => socket.write(frame(3, 0, 3, Buffer.from([0, 0, 0, 2])))],
  ['"go away"', (socket) => socket.write(frame(7, 0, 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 2])))],
];

test.each(faults)(
  'instead of an answer %s: it is not taken for "was not done"',
  async (_name, say) => {
    expect(await call()).toMatchObject({ ok: true });
    between.instead(say);
    const reply = await call();
    if (reply.ok) throw new Error('it was answered');
    expect(reply.reached).not.toBe('no');
    expect(refusals).not.toContain(reply.code);
    between.pass();
    // The channel finds its way back by itself.
    await expect.poll(() => call(), { timeout: 15_000 }).toEqual({ ok: true, value: { said: 'hello' } });
  },
  30_000,
);

test('an answer after the deadline is nobody’s', async () => {
  expect(await call()).toMatchObject({ ok: true });
  between.hold();
  expect(await call('late')).toMatchObject({ ok: false, code: 'upstream.timeout', reached: 'maybe' });
  between.release();
  for (const say of ['a', 'b']) expect(await call(say)).toEqual({ ok: true, value: { said: say } });
});

/** Passes bytes both ways, or takes what the gateway says and answers it itself. */
const cuttable = async (inner: number) => {
  let say: ((socket: Socket) => void) | undefined;
  let held: (() => void)[] | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((outside) => {
    const inside = connect(inner, '127.0.0.1');
    for (const socket of [outside, inside]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          outside.destroy();
          inside.destroy();
        });
    }
    outside.on('data', (chunk) => {
      if (say === undefined) inside.write(chunk);
      else say(outside);
    });
    inside.on('data', (chunk) => {
      if (held !== undefined) held.push(() => outside.write(chunk));
      else if (say === undefined) outside.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    instead: (said: (socket: Socket) => void) => {
      let done = false;
      say = (socket) => {
        if (!done) said(socket);
        done = true;
      };
    },
    /** A connection on which something else was said is in no good order any more. */
    pass: () => {
      say = undefined;
      cut();
    },
    /** What the backend answers goes no further. */
    hold: () => {
      held = [];
    },
    release: () => {
      for (const send of held ?? []) send();
      held = undefined;
    },
    close: () => {
      cut();
      return new Promise((resolve) => server.close(resolve));
    },
  };
};
