import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a backend does with one call: of HTTP it knows only where a request ends. */
export type Act = (socket: Socket, request: string) => void;

export interface RawBackend {
  readonly url: string;
  /** What it does from now on. */
  act: Act;
  /** Whole requests, as they came. */
  readonly received: string[];
  open(): number;
}

/** A backend that speaks no protocol but what a test has it say, byte by byte. */
export const rawBackend = async (): Promise<RawBackend> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (rest.length === 0 || rest.join('').length < length) return;
      backend.received.push(text);
      const whole = text;
      text = '';
      backend.act(socket, whole);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const backend: RawBackend = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    act: (socket) => socket.write(answered('{"id":"N-1"}')),
    received: [],
    open: () => sockets.size,
  };
  return backend;
};

/** A whole answer. */
export const answered = (body: string, head = 'HTTP/1.1 200 OK'): string =>
  `${head}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
