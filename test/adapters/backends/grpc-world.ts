import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { type AnyDefinition, loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { grpcBackend } from '../../../adapters/backends/grpc.ts';
import { type Kind, limits, secret } from './contract.ts';

export const echoPackage = loadSync(fileURLToPath(new URL('echo.proto', import.meta.url)), {
  keepCase: true,
  longs: String,
  enums: String,
});

export const grpcOptions = (address: string) => ({
  name: 'echo',
  address,
  tls: false,
  ...limits,
  metadata: { Authorization: `Bearer ${secret}` },
});

const statuses: Readonly<Record<string, grpc.status>> = {
  missing: grpc.status.NOT_FOUND,
  taken: grpc.status.FAILED_PRECONDITION,
  wrong: grpc.status.INVALID_ARGUMENT,
  forbidden: grpc.status.PERMISSION_DENIED,
  crowded: grpc.status.RESOURCE_EXHAUSTED,
  broken: grpc.status.INTERNAL,
};

type Unary = grpc.handleUnaryCall<{ say: string }, object>;

/** A gRPC server that is reached through a socket it can cut, with the reflection that `reflect` adds. */
export const startGrpc = async (
  reflect = (server: grpc.Server, loaded: PackageDefinition) => new ReflectionService(loaded).addToServer(server),
) => {
  const sockets = new Set<Socket>();
  let received: Readonly<Record<string, unknown>> = {};
  const say: Unary = ({ request, metadata }, reply) => {
    received = metadata.getMap();
    calls++;
    const asked = request.say;
    if (asked === 'silence') return;
    if (asked === 'details') return reply({ code: grpc.status.INVALID_ARGUMENT, details: 'No.', metadata: details() });
    if (asked === 'reset') for (const socket of sockets) socket.destroy();
    else if (asked === 'huge') reply(null, { said: 'x'.repeat(limits.maxBytes) });
    else if (asked === 'garbage') reply(null, Buffer.from([0x0a, 0xff]));
    else if (statuses[asked] === undefined) reply(null, { said: asked });
    else reply({ code: statuses[asked], details: `Said ${asked} to ${metadata.get('authorization')}.` });
  };
  const echo = rawAnswers(echoPackage['echo.v1.Echo']);
  let parcel: unknown;
  // The bytes go back as they came: a 64-bit number would not always survive the server's own codec.
  const weigh: grpc.handleUnaryCall<Buffer, Buffer> = ({ request }, reply) => {
    parcel = echo.Weigh?.requestDeserialize(request);
    reply(null, request);
  };
  /** Says each word by itself; what it is told of, it does after the second. */
  const watch: grpc.handleServerStreamingCall<{ say: string }, object> = (call) => {
    const words = call.request.say.split(' ');
    calls++;
    call.on('cancelled', () => {
      cancelled = true;
    });
    const next = (index: number): void => {
      const word = words[index];
      if (word === 'broken') call.emit('error', { code: grpc.status.INTERNAL, details: 'Broke in the middle.' });
      else if (word === undefined) call.end();
      else if (word !== 'silence')
        call.write({ said: word === 'long' ? 'x'.repeat(8_000) : word }, () => {
          sent++;
          next(index + 1);
        });
    };
    next(0);
  };
  let cancelled = false;
  let [calls, sent] = [0, 0];
  const server = new grpc.Server();
  const rawWeigh = { ...(echo.Weigh as Method), requestDeserialize: (bytes: Buffer) => bytes };
  server.addService({ ...echo, Weigh: rawWeigh }, { Say: say, Weigh: weigh, Watch: watch, Chat: () => {} });
  reflect(server, echoPackage);
  const inner = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
  const gate = createServer((outside) => {
    const inside = connect(inner, '127.0.0.1');
    sockets.add(outside);
    outside.on('close', () => sockets.delete(outside));
    for (const [from, to] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(gate.address() as { port: number }).port}`;
  const backend = grpcBackend(grpcOptions(address));
  return {
    backend,
    address,
    server,
    received: () => received,
    parcel: () => parcel,
    cancelled: () => cancelled,
    calls: () => calls,
    sent: () => sent,
    openSockets: () => sockets.size,
    stop: async () => {
      await backend.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => gate.close(resolve));
      server.forceShutdown();
    },
  };
};

type Method = grpc.MethodDefinition<unknown, unknown>;

/** Lets a handler answer with bytes in place of a message. */
const rawAnswers = (definition: AnyDefinition | undefined): Record<string, Method> =>
  Object.fromEntries(
    Object.entries(definition as unknown as Record<string, Method>).map(([name, method]) => [
      name,
      {
        ...method,
        responseSerialize: (value: unknown) => (Buffer.isBuffer(value) ? value : method.responseSerialize(value)),
      },
    ]),
  );

export const grpcKind: Kind = {
  kind: 'gRPC',
  nowhere: (port) => grpcBackend(grpcOptions(`127.0.0.1:${port}`)),
  otherwise: {
    reset: { code: 'upstream.unreachable', reached: 'maybe', why: 'gRPC has one status, UNAVAILABLE, for both' },
  },
  start: async () => ({
    ...(await startGrpc()),
    binding: { kind: 'grpc', backend: 'echo', service: 'echo.v1.Echo', method: 'Say' },
  }),
};

const rpcProtos = new URL('../../../intents/proto', import.meta.url).pathname;
const rpcTypes = loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'], {
  includeDirs: [rpcProtos],
  keepCase: true,
});

/** What a server says of an error beyond its code. */
const details = (): grpc.Metadata => {
  const bytesOf = (name: string, message: object): Buffer =>
    (rpcTypes[name] as unknown as { serialize(message: object): Buffer }).serialize(message);
  const any = (name: string, message: object) => ({ type_url: `type.example/${name}`, value: bytesOf(name, message) });
  const field_violations = [
    { field: 'parcel.lines[2].weight_grams', description: `Too heavy\u0007 for ${secret}.` },
    { field: '/say', description: 'No such word.' },
  ];
  const metadata = new grpc.Metadata();
  metadata.set(
    'grpc-status-details-bin',
    bytesOf('google.rpc.Status', {
      code: 3,
      details: [
        { type_url: 'type.example/no.such.Type', value: Buffer.from([0xff]) },
        any('google.rpc.ErrorInfo', { reason: 'TOO_HEAVY', domain: 'shop' }),
        any('google.rpc.BadRequest', { field_violations }),
        any('google.rpc.RetryInfo', { retry_delay: { seconds: 7, nanos: 1 } }),
      ],
    }),
  );
  return metadata;
};
