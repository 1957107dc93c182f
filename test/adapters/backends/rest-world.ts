import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyReply } from 'fastify';
import { restBackend } from '../../../adapters/backends/rest.ts';
import { type Kind, limits, secret } from './contract.ts';

const statuses: Readonly<Record<string, number>> = {
  missing: 404,
  taken: 409,
  wrong: 422,
  forbidden: 403,
  crowded: 429,
  broken: 500,
};

/** Answers as asked, below HTTP where need be; shared by the REST and GraphQL worlds. */
export const misbehave = (say: string, reply: FastifyReply, headers: Readonly<Record<string, unknown>>): boolean => {
  const status = statuses[say];
  if (status !== undefined) reply.code(status).send({ error: say, headers });
  else if (say === 'garbage') reply.type('text/html').send('<!doctype html><title>Sign in</title>');
  else if (say === 'huge') reply.send({ said: 'x'.repeat(limits.maxBytes) });
  else if (say === 'silence') reply.hijack();
  else if (say === 'reset') {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
    reply.raw.write('{"said":', () => (reply.raw.socket as Socket).destroy());
  } else return false;
  return true;
};

export const options = (url: string) => ({
  name: 'echo',
  url: new URL(url),
  ...limits,
  headers: { Authorization: `Bearer ${secret}` },
});

/** Starts a Fastify server on a free port and counts its connections. */
export const listen = async (app: ReturnType<typeof fastify>) => {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    origin: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    openSockets: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await app.close();
    },
  };
};

export const rest: Kind = {
  kind: 'REST',
  nowhere: (port) => restBackend(options(`http://127.0.0.1:${port}/api`)),
  async start() {
    const app = fastify({ forceCloseConnections: true });
    let received: Readonly<Record<string, unknown>> = {};
    app.get<{ Params: { say: string } }>('/api/echo/:say', (request, reply) => {
      received = request.headers;
      const { say } = request.params;
      if (!misbehave(say, reply, request.headers)) reply.send({ said: say });
    });
    const { origin, openSockets, stop } = await listen(app);
    const backend = restBackend(options(`${origin}/api/`));
    return {
      backend,
      binding: { kind: 'rest', backend: 'echo', method: 'GET', path: '/echo/{say}' },
      received: () => received,
      openSockets,
      stop: async () => {
        await stop();
        await backend.close();
      },
    };
  },
};
